// SPDX-License-Identifier: Apache-2.0
// PairTable: a hash table from pairs of numbers to what they become.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bitlathe::text
{

/// Open addressing with linear probing; entries are 16 bytes. The key of both numbers all ones is not to be used.
class PairTable
{
public:
    struct Value
    {
        std::uint32_t rank = 0;
        std::int32_t id = 0;
    };

    void reserve(std::size_t count);
    /// The value of a pair that is there already is replaced.
    void set(std::uint32_t left, std::uint32_t right, Value value);

    /// The highest rank that was set, and one.
    std::size_t rankLimit() const { return m_rankLimit; }

    /// Null where there is none.
    const Value* find(std::uint32_t left, std::uint32_t right) const
    {
        if (m_slots.empty()) {
            return nullptr;
        }
        const std::uint64_t key = keyOf(left, right);
        for (std::size_t at = placeOf(key);; at = (at + 1) & m_mask) {
            if (m_slots[at].key == key) {
                return &m_slots[at].value;
            }
            if (m_slots[at].key == kEmpty) {
                return nullptr;
            }
        }
    }

private:
    struct Slot
    {
        std::uint64_t key = kEmpty;
        Value value;
    };

    static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};

    static std::uint64_t keyOf(std::uint32_t left, std::uint32_t right)
    {
        return (static_cast<std::uint64_t>(left) << 32U) | right;
    }
    std::size_t placeOf(std::uint64_t key) const
    {
        std::uint64_t mixed = key * 0x9E3779B97F4A7C15U;
        mixed ^= mixed >> 32U;
        return static_cast<std::size_t>(mixed * 0xD6E8FEB86659FD93U >> 20U) & m_mask;
    }

    std::vector<Slot> m_slots; ///< A power of two, at most half full.
    std::size_t m_mask = 0;
    std::size_t m_count = 0;
    std::size_t m_rankLimit = 0;
};

} // namespace bitlathe::text
