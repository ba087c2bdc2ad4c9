// SPDX-License-Identifier: Apache-2.0
// TokenTable: the pieces of a vocabulary by id, and their ids.
#include "core/text/tokenizerjson/tokentable.h"

#include <xxhash.h>

#include <bit>

namespace bitlathe::text
{

void TokenTable::reserve(std::size_t pieces, std::size_t bytes)
{
    m_text.reserve(bytes);
    m_entries.reserve(pieces);
    m_entryOfId.reserve(pieces);
    grow(std::bit_ceil(pieces * 2 + 2));
}

void TokenTable::grow(std::size_t slots)
{
    if (slots <= m_slots.size()) {
        return;
    }
    m_slots.assign(slots, 0);
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        m_slots[slotOf(textOf(m_entries[i]))] = static_cast<std::uint32_t>(i + 1);
    }
}

/// The slot that holds a piece or that it would take.
std::size_t TokenTable::slotOf(std::string_view piece) const
{
    const std::size_t mask = m_slots.size() - 1;
    std::size_t at = static_cast<std::size_t>(XXH3_64bits(piece.data(), piece.size())) & mask;
    while (m_slots[at] != 0 && textOf(m_entries[m_slots[at] - 1]) != piece) {
        at = (at + 1) & mask;
    }
    return at;
}

void TokenTable::add(std::string_view piece, TokenId id)
{
    grow(std::bit_ceil(m_entries.size() * 2 + 4));
    std::uint32_t& slot = m_slots[slotOf(piece)];
    if (slot == 0) {
        m_entries.push_back({static_cast<std::uint32_t>(m_text.size()), static_cast<std::uint32_t>(piece.size()), id});
        m_text += piece;
        slot = static_cast<std::uint32_t>(m_entries.size());
    }
    m_entries[slot - 1].id = id;
    if (id >= size()) {
        m_entryOfId.resize(static_cast<std::size_t>(id) + 1, 0);
    }
    m_entryOfId[static_cast<std::size_t>(id)] = slot;
}

std::optional<TokenId> TokenTable::find(std::string_view piece) const
{
    if (m_slots.empty()) {
        return std::nullopt;
    }
    const std::uint32_t slot = m_slots[slotOf(piece)];
    return slot == 0 ? std::nullopt : std::optional(m_entries[slot - 1].id);
}

std::string_view TokenTable::piece(TokenId id) const
{
    if (id < 0 || id >= size()) {
        return {};
    }
    const std::uint32_t entry = m_entryOfId[static_cast<std::size_t>(id)];
    return entry == 0 ? std::string_view() : textOf(m_entries[entry - 1]);
}

} // namespace bitlathe::text
