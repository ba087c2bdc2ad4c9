// SPDX-License-Identifier: Apache-2.0
// The operations of kernels/quantize.h as a table: one row for the reference, one for each fast path.
#pragma once

#include "kernels/quantize.h"

namespace bitlathe::kernels
{

/// Arguments of dotRow.
struct RowDot
{
    const std::uint8_t* codes = nullptr;
    std::size_t count = 0;
    std::size_t groupSize = 0;
    const float* scales = nullptr;
    const std::uint8_t* zeros = nullptr; ///< Null: zero everywhere.
    int zero = 0;
    const float* x = nullptr;

    int zeroOf(std::size_t group) const { return zeros != nullptr ? zeros[group] : zero; }
};

/// Equal to the bit on every level. count may be any number, pointers need no alignment.
struct QuantizeOps
{
    ValueRange (*range)(const float* values, std::size_t count);
    void (*encode)(const float* weights, std::size_t count, float scale, int zero, int maxCode, std::uint8_t* codes);
    float (*error)(const float* weights, std::size_t count, float scale, int zero, int maxCode);
    /// Eight codes make `bits` whole bytes: count is a multiple of 8.
    void (*pack)(const std::uint8_t* codes, std::size_t count, int bits, std::uint8_t* packed);
    void (*unpack)(const std::uint8_t* packed, std::size_t count, int bits, std::uint8_t* codes);
    void (*dequantize)(const std::uint8_t* codes, std::size_t count, float scale, int zero, float* out);
    float (*dotRow)(const RowDot& row);
};

const QuantizeOps& quantizeOpsReference();
#if defined(__x86_64__)
const QuantizeOps& quantizeOpsAvx2();
const QuantizeOps& quantizeOpsAvx512();
#endif

/// Partial sums added in halves: the order that kLanes promises.
inline float addLanes(float (&lanes)[kLanes])
{
    for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
        for (std::size_t i = 0; i < half; ++i) {
            lanes[i] += lanes[i + half];
        }
    }
    return lanes[0];
}

/// One element of encode, shared by the reference and by the ends that fill no register. Clamping before rounding is
/// the same as after it, because the bounds are integers, and it keeps the conversion in range.
inline int gridStep(float weight, float scale, int zero, int maxCode)
{
    const auto low = static_cast<float>(-zero);
    const auto high = static_cast<float>(maxCode - zero);
    const float place = weight / scale;
    const float inside = place < low ? low : (place > high ? high : place);
    // Adding and taking away 1.5 * 2^23 rounds to nearest even; |inside| is far below 2^22.
    constexpr float kRounder = 12582912.0F;
    return static_cast<int>((inside + kRounder) - kRounder);
}

} // namespace bitlathe::kernels
