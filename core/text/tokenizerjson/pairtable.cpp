// SPDX-License-Identifier: Apache-2.0
// PairTable: a hash table from pairs of numbers to what they become.
#include "core/text/tokenizerjson/pairtable.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace bitlathe::text
{

void PairTable::reserve(std::size_t count)
{
    const std::size_t slots = std::bit_ceil(count * 2 + 2);
    if (slots <= m_slots.size()) {
        return;
    }
    const std::vector<Slot> old = std::exchange(m_slots, std::vector<Slot>(slots));
    m_mask = slots - 1;
    for (const Slot& slot : old) {
        if (slot.key != kEmpty) {
            std::size_t at = placeOf(slot.key);
            while (m_slots[at].key != kEmpty) {
                at = (at + 1) & m_mask;
            }
            m_slots[at] = slot;
        }
    }
}

void PairTable::set(std::uint32_t left, std::uint32_t right, Value value)
{
    reserve(m_count + 1);
    const std::uint64_t key = keyOf(left, right);
    std::size_t at = placeOf(key);
    while (m_slots[at].key != kEmpty && m_slots[at].key != key) {
        at = (at + 1) & m_mask;
    }
    m_count += m_slots[at].key == kEmpty ? 1 : 0;
    m_slots[at] = {key, value};
    m_rankLimit = std::max<std::size_t>(m_rankLimit, std::size_t{value.rank} + 1);
}

} // namespace bitlathe::text
