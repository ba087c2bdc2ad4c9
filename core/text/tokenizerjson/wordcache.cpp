// SPDX-License-Identifier: Apache-2.0
// WordCache: the tokens of short words that were seen before.
#include "core/text/tokenizerjson/wordcache.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace bitlathe::text
{

std::span<const TokenId> WordCache::Place::ids() const
{
    const Slot& slot = m_cache->m_slots[m_slot];
    return {slot.ids.data(), slot.count};
}

WordCache::Place WordCache::find(std::string_view word) const
{
    Place place;
    place.m_cache = this;
    place.m_canKeep = !word.empty() && word.size() <= kWordBytes;
    if (place.m_canKeep) {
        place.m_slot = static_cast<std::size_t>(XXH3_64bits(word.data(), word.size())) % kSlots;
        const Slot& slot = m_slots[place.m_slot];
        place.m_isKnown = slot.length == word.size() && std::memcmp(slot.word.data(), word.data(), word.size()) == 0;
    }
    return place;
}

void WordCache::add(const Place& place, std::string_view word, std::span<const TokenId> ids)
{
    if (!place.m_canKeep || ids.size() > kIds) {
        return;
    }
    Slot& slot = m_slots[place.m_slot];
    slot.length = static_cast<std::uint8_t>(word.size());
    slot.count = static_cast<std::uint8_t>(ids.size());
    std::copy(word.begin(), word.end(), slot.word.begin());
    std::copy(ids.begin(), ids.end(), slot.ids.begin());
}

} // namespace bitlathe::text
