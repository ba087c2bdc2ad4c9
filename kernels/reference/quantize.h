// SPDX-License-Identifier: Apache-2.0
// The operations of kernels/quantize.h as a table: one row for the reference, one for each fast path.
#pragma once

#include "kernels/quantize.h"

namespace bitlathe::kernels
{

/// Grids that a range search tries at once.
constexpr std::size_t kGridsAtOnce = 4;

struct GridBatch
{
    float scale[kGridsAtOnce];
    float inverse[kGridsAtOnce]; ///< 1 / scale, kept finite.
    int zero[kGridsAtOnce];
};

/// Equal to the bit on every level. count may be any number, pointers need no alignment.
struct QuantizeOps
{
    ValueRange (*range)(const float* values, std::size_t count);
    void (*encode)(const float* weights, std::size_t count, float scale, int zero, int maxCode, std::uint8_t* codes);
    /// squaredError() of each grid.
    void (*errors)(const float* weights, std::size_t count, const GridBatch& grids, int maxCode, float* out);
    /// Eight codes make `bits` whole bytes: count is a multiple of 8.
    void (*pack)(const std::uint8_t* codes, std::size_t count, int bits, std::uint8_t* packed);
    void (*unpack)(const std::uint8_t* packed, std::size_t count, int bits, std::uint8_t* codes);
    void (*dequantize)(const std::uint8_t* codes, std::size_t count, float scale, int zero, float* out);
    SquareSums (*squares)(const float* original, const float* rounded, std::size_t count);
};

const QuantizeOps& quantizeOpsReference();
#if defined(__x86_64__)
const QuantizeOps& quantizeOpsAvx2();
const QuantizeOps& quantizeOpsAvx512();
#endif

/// Partial sums added in halves: the order that kLanes promises.
template <typename T>
inline T addLanes(T (&lanes)[kLanes])
{
    for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
        for (std::size_t i = 0; i < half; ++i) {
            lanes[i] += lanes[i + half];
        }
    }
    return lanes[0];
}

/// Adding and taking away 1.5 * 2^23 rounds to nearest even what is far below 2^22.
constexpr float kRounder = 12582912.0F;

/// The nearest step of the grid. Clamping before rounding is the same as after it, because the bounds are integers, and
/// it keeps the conversion in range.
inline float nearestStep(float place, int zero, int maxCode)
{
    const auto low = static_cast<float>(-zero);
    const auto high = static_cast<float>(maxCode - zero);
    const float inside = place < low ? low : (place > high ? high : place);
    return (inside + kRounder) - kRounder;
}

/// One element of encode, shared by the reference and by the ends that fill no register.
inline int gridStep(float weight, float scale, int zero, int maxCode)
{
    return static_cast<int>(nearestStep(weight / scale, zero, maxCode));
}

/// One element of errors.
inline float squaredWrong(float weight, float scale, float inverse, int zero, int maxCode)
{
    const float wrong = weight - nearestStep(weight * inverse, zero, maxCode) * scale;
    return wrong * wrong;
}

} // namespace bitlathe::kernels
