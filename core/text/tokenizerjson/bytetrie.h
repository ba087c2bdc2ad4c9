// SPDX-License-Identifier: Apache-2.0
// ByteTrie: strings with values, found at the beginning of a text.
#pragma once

#include "core/text/tokenizerjson/pairtable.h"

#include <array>
#include <string_view>

namespace bitlathe::text
{

class ByteTrie
{
public:
    struct Found
    {
        std::int32_t value = -1;
        std::size_t length = 0; ///< Bytes; 0 where nothing was found.
    };

    /// value >= 0; of equal keys the first one stays. Empty keys are passed over.
    void add(std::string_view key, std::int32_t value);

    /// Calls seen(value, length) for each key that text begins with, the shortest first.
    template <typename Seen>
    void forEach(std::string_view text, Seen seen) const
    {
        std::uint32_t node = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const PairTable::Value* next = m_children.find(node, static_cast<unsigned char>(text[i]));
            if (next == nullptr) {
                return;
            }
            node = next->rank;
            if (m_values[node] >= 0) {
                seen(m_values[node], i + 1);
            }
        }
    }

    Found longest(std::string_view text) const;

    /// The first byte from at on that a key begins with; text.size() where there is none.
    std::size_t nextStart(std::string_view text, std::size_t at) const;

private:
    PairTable m_children; ///< (node, byte) -> rank: the child.
    std::vector<std::int32_t> m_values{-1};
    std::array<bool, 256> m_starts{};
    bool m_isEmpty = true;
};

} // namespace bitlathe::text
