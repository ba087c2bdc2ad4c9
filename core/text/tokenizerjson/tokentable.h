// SPDX-License-Identifier: Apache-2.0
// TokenTable: the pieces of a vocabulary by id, and their ids.
#pragma once

#include "core/text/tokenizer.h"

namespace bitlathe::text
{

/// Open addressing over one block of text: a vocabulary of 128 000 pieces is built in some milliseconds.
class TokenTable
{
public:
    void reserve(std::size_t pieces, std::size_t bytes);
    /// id is 0 ... kMaxTokens - 1. A piece that is there already gets the new id.
    void add(std::string_view piece, TokenId id);

    std::optional<TokenId> find(std::string_view piece) const;
    /// Empty where no piece has the id.
    std::string_view piece(TokenId id) const;
    /// The greatest id and one.
    TokenId size() const { return static_cast<TokenId>(m_entryOfId.size()); }

private:
    struct Entry
    {
        std::uint32_t begin = 0; ///< In m_text.
        std::uint32_t length = 0;
        TokenId id = 0;
    };

    void grow(std::size_t slots);
    std::size_t slotOf(std::string_view piece) const;
    std::string_view textOf(const Entry& entry) const
    {
        return std::string_view(m_text).substr(entry.begin, entry.length);
    }

    std::string m_text;
    std::vector<Entry> m_entries;
    std::vector<std::uint32_t> m_slots;     ///< Place in m_entries and one; 0: free. A power of two.
    std::vector<std::uint32_t> m_entryOfId; ///< The same.
};

} // namespace bitlathe::text
