// SPDX-License-Identifier: Apache-2.0
// ByteTrie: strings with values, found at the beginning of a text.
#include "core/text/tokenizerjson/bytetrie.h"

namespace bitlathe::text
{

void ByteTrie::add(std::string_view key, std::int32_t value)
{
    if (key.empty()) {
        return;
    }
    std::uint32_t node = 0;
    for (const char character : key) {
        const auto byte = static_cast<unsigned char>(character);
        if (const PairTable::Value* next = m_children.find(node, byte)) {
            node = next->rank;
            continue;
        }
        const auto child = static_cast<std::uint32_t>(m_values.size());
        m_children.set(node, byte, {child, 0});
        m_values.push_back(-1);
        node = child;
    }
    m_values[node] = m_values[node] < 0 ? value : m_values[node];
    m_starts[static_cast<unsigned char>(key.front())] = true;
    m_isEmpty = false;
}

ByteTrie::Found ByteTrie::longest(std::string_view text) const
{
    Found found;
    forEach(text, [&found](std::int32_t value, std::size_t length) { found = {value, length}; });
    return found;
}

std::size_t ByteTrie::nextStart(std::string_view text, std::size_t at) const
{
    if (m_isEmpty) {
        return text.size();
    }
    while (at < text.size() && !m_starts[static_cast<unsigned char>(text[at])]) {
        ++at;
    }
    return at;
}

} // namespace bitlathe::text
