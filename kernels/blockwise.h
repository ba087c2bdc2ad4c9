// SPDX-License-Identifier: Apache-2.0
// Weights of a block as codes of a book of values, and the way back; products of int8 codes.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace bitlathe::kernels
{

/// A book of 16 or 256 values, made ready for the search of the nearest.
class ValueBook
{
public:
    ValueBook() = default;
    /// values[code], 16 or 256 of them in any order, finite.
    explicit ValueBook(std::span<const float> values);

    std::size_t size() const { return m_values.size(); }
    std::span<const float> values() const { return m_values; }
    /// Midpoints of neighbours in ascending order, in f32, the last of them infinity. A value takes the place in this
    /// order of the first that it is not above: a tie goes to the smaller value.
    std::span<const float> limits() const { return m_limits; }
    /// The code of each place in ascending order; of equal values the smaller code comes first.
    std::span<const std::uint8_t> codes() const { return m_codes; }

private:
    std::vector<float> m_values;
    std::vector<float> m_limits;
    std::vector<std::uint8_t> m_codes;
};

/// codes[i] = the code of weights[i] * factor, one per byte. Weights must be finite.
void encodeBook(std::span<const float> weights, float factor, const ValueBook& book, std::span<std::uint8_t> codes);

/// out[i] = values[codes[i]] * scale. Codes are below the number of values, 16 or 256.
void decodeBook(std::span<const std::uint8_t> codes, float scale, std::span<const float> values, std::span<float> out);

/// sums[row][col] = sum over k of x[row][k] * (codes[col][k] - 128): rows of int8 inputs times rows of codes, exact.
/// x: [rows, depth], codes: [cols, depth], sums: [rows, cols]. depth is at most 2^16.
void multiplyInt8(std::span<const std::int8_t> x, std::int64_t rows, std::span<const std::uint8_t> codes,
                  std::int64_t cols, std::int64_t depth, std::span<std::int32_t> sums);

} // namespace bitlathe::kernels
