// SPDX-License-Identifier: Apache-2.0
// WordCache: the tokens of short words that were seen before.
#pragma once

#include "core/text/tokenizer.h"

#include <array>

namespace bitlathe::text
{

/// A fixed 2 MiB; a new word takes the place of an older one. For one thread at a time.
class WordCache
{
public:
    WordCache() : m_slots(kSlots) {}

    /// Where a word is or would be kept. Valid until the next add().
    class Place
    {
    public:
        bool isKnown() const { return m_isKnown; }
        std::span<const TokenId> ids() const;

    private:
        friend class WordCache;
        std::size_t m_slot = 0;
        bool m_isKnown = false;
        bool m_canKeep = false;
        const WordCache* m_cache = nullptr;
    };

    Place find(std::string_view word) const;
    /// Keeps a word at its place, where word and ids are short enough.
    void add(const Place& place, std::string_view word, std::span<const TokenId> ids);

private:
    static constexpr std::size_t kSlots = 32'768;
    static constexpr std::size_t kWordBytes = 30;
    static constexpr std::size_t kIds = 8;

    struct alignas(64) Slot
    {
        std::uint8_t length = 0; ///< Of the word; 0: free.
        std::uint8_t count = 0;  ///< Of ids.
        std::array<char, kWordBytes> word{};
        std::array<TokenId, kIds> ids{};
    };

    std::vector<Slot> m_slots;
};

} // namespace bitlathe::text
