// SPDX-License-Identifier: Apache-2.0
// GrowingText: the text of a completion, token by token.
#include "core/text/growingtext.h"

#include <string_view>

namespace bitlathe::text
{

std::string GrowingText::add(TokenId id)
{
    constexpr std::string_view kIncomplete = "\xEF\xBF\xBD";
    m_ids.push_back(id);
    const std::string before = m_tokenizer.decode(std::span(m_ids).first(m_told));
    std::string text = m_tokenizer.decode(m_ids);
    if (text.size() <= before.size() || text.ends_with(kIncomplete)) {
        return {};
    }
    m_ids.erase(m_ids.begin(), m_ids.begin() + static_cast<std::ptrdiff_t>(m_told));
    m_told = m_ids.size();
    return text.substr(before.size());
}

std::string GrowingText::rest() const
{
    const std::string before = m_tokenizer.decode(std::span(m_ids).first(m_told));
    const std::string text = m_tokenizer.decode(m_ids);
    return text.size() > before.size() ? text.substr(before.size()) : std::string();
}

} // namespace bitlathe::text
