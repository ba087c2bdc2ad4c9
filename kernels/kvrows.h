// SPDX-License-Identifier: Apache-2.0
// Rows of keys and values as codes of 8 or 4 bits, and back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bitlathe::kernels
{

/// A grid in the unit of the values: value = step * scale + zero.
struct KvGrid
{
    float scale = 1.0F;
    float zero = 0.0F;

    bool operator==(const KvGrid&) const = default;
};

// One head's keys or values of one token, for every function. All are equal to the bit on every level, where values are
// finite; NaN becomes the code 0 (of e4m3: NaN).

/// A grid that is known before, in f32: code = round((x - zero) / scale + 128), ties to even, within 0 ... 255;
/// out = (code - 128) * scale + zero.
void encodeKvGrid(std::span<const float> x, const KvGrid& grid, std::span<std::uint8_t> codes);
void decodeKvGrid(std::span<const std::uint8_t> codes, const KvGrid& grid, std::span<float> out);

/// Bytes that encodeKvToken() fills.
constexpr std::size_t kvTokenBytes(std::size_t count, int bits)
{
    return bits == 4 ? (count + 1) / 2 : count;
}
/// A grid over the values themselves, of 4 or 8 bits, in f16 as TurboMind does it: zero = min,
/// scale = f16((max - min) / (2^bits - 1)), code = round(f16(f16(x - zero) * f16(1 / scale))) with x in f16;
/// out = f16(code * scale + zero). Codes of 4 bits: byte i holds code i below and code i + (count + 1) / 2 above.
KvGrid encodeKvToken(std::span<const float> x, int bits, std::span<std::uint8_t> packed);
/// The same rows with the grid that leaves the smallest sum of squares, found by turns of rounding and regression from
/// five widths of the range; code = round((x - zero) / scale), in f32. decodeKvToken() and engines that hold such rows
/// read them.
KvGrid encodeKvTokenFitted(std::span<const float> x, int bits, std::span<std::uint8_t> packed);
void decodeKvToken(std::span<const std::uint8_t> packed, int bits, const KvGrid& grid, std::span<float> out);

/// code = e4m3(x / scale), ties to even, within -448 ... 448; out = code * scale.
void encodeKvE4m3(std::span<const float> x, float scale, std::span<std::uint8_t> codes);
void decodeKvE4m3(std::span<const std::uint8_t> codes, float scale, std::span<float> out);

} // namespace bitlathe::kernels
