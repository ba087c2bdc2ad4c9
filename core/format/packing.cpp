// SPDX-License-Identifier: Apache-2.0
// Packing: codes of a few bits in little-endian 32-bit words, as several formats lay them.
#include "core/format/packing.h"

#include "core/base/size.h"

#include <algorithm>

namespace bitlathe::format
{

namespace
{

constexpr std::size_t kWordBits = 32;

/// The bit at which a code begins, counted from the first word.
std::size_t firstBit(std::size_t index, std::size_t bits, WordLayout layout)
{
    if (layout == WordLayout::Stream) {
        return index * bits;
    }
    const std::size_t perWord = kWordBits / bits;
    return index / perWord * kWordBits + index % perWord * bits;
}

} // namespace

std::int64_t wordsFor(std::int64_t count, int bits, WordLayout layout)
{
    if (layout == WordLayout::Stream) {
        return ceilDivide<std::int64_t>(count * bits, kWordBits);
    }
    return ceilDivide<std::int64_t>(count, static_cast<std::int64_t>(kWordBits) / bits);
}

void packWords(std::span<const std::uint8_t> codes, int bits, WordLayout layout, std::span<std::byte> words)
{
    std::ranges::fill(words, std::byte{0});
    const auto width = static_cast<std::size_t>(bits);
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const std::size_t bit = firstBit(i, width, layout);
        // Bytes of little-endian words follow each other as their bits do, so a code touches at most two bytes.
        const unsigned spread = static_cast<unsigned>(codes[i]) << (bit % 8);
        words[bit / 8] |= static_cast<std::byte>(spread & 0xffU);
        if (bit % 8 + width > 8) {
            words[bit / 8 + 1] |= static_cast<std::byte>(spread >> 8);
        }
    }
}

void unpackWords(std::span<const std::byte> words, int bits, WordLayout layout, std::span<std::uint8_t> codes)
{
    const auto width = static_cast<std::size_t>(bits);
    const unsigned mask = (1U << bits) - 1U;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const std::size_t bit = firstBit(i, width, layout);
        unsigned both = static_cast<unsigned>(words[bit / 8]);
        if (bit % 8 + width > 8) {
            both |= static_cast<unsigned>(words[bit / 8 + 1]) << 8;
        }
        codes[i] = static_cast<std::uint8_t>((both >> (bit % 8)) & mask);
    }
}

} // namespace bitlathe::format
