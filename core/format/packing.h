// SPDX-License-Identifier: Apache-2.0
// Packing: codes of a few bits in little-endian 32-bit words, as several formats lay them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bitlathe::format
{

/// How codes follow each other in words; both begin at the least significant bit. Equal for 1, 2, 4, 8 and 16 bits.
enum class WordLayout {
    Stream,     ///< One bit stream: a code may lie across two words.
    WholeCodes, ///< 32 / bits codes a word, its top bits unused.
};

/// Words that hold count codes. bits in 1 ... 8.
std::int64_t wordsFor(std::int64_t count, int bits, WordLayout layout);

/// words holds 4 * wordsFor(codes.size(), bits, layout) bytes; bits behind the last code become 0. Codes are below
/// 2^bits.
void packWords(std::span<const std::uint8_t> codes, int bits, WordLayout layout, std::span<std::byte> words);

/// The reverse: reads codes.size() codes from words, of the size that packWords() needs.
void unpackWords(std::span<const std::byte> words, int bits, WordLayout layout, std::span<std::uint8_t> codes);

} // namespace bitlathe::format
