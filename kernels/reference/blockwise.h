// SPDX-License-Identifier: Apache-2.0
// The operations of kernels/blockwise.h as a table: one row for the reference, one for each fast path.
#pragma once

#include "kernels/blockwise.h"

namespace bitlathe::kernels
{

/// Up to kInt8Rows rows of inputs times one row of codes.
struct Int8Dots
{
    const std::int8_t* x = nullptr; ///< [rows][stride]
    std::int64_t stride = 0;
    std::int64_t rows = 0;
    const std::uint8_t* codes = nullptr; ///< [depth]
    std::int64_t depth = 0;
    std::int32_t* sums = nullptr; ///< [rows], sumStride apart: sums of x * code, without the 128.
    std::int64_t sumStride = 0;
};
inline constexpr std::int64_t kInt8Rows = 4;

/// Equal to the bit on every level. count may be any number, pointers need no alignment.
struct BlockwiseOps
{
    /// Books of 16 values: limits and codes by place, 16 of each.
    void (*encode16)(const float* weights, std::size_t count, float factor, const float* limits,
                     const std::uint8_t* codeOf, std::uint8_t* codes);
    /// As encode16, 256 of each.
    void (*encode256)(const float* weights, std::size_t count, float factor, const float* limits,
                      const std::uint8_t* codeOf, std::uint8_t* codes);
    void (*decode16)(const std::uint8_t* codes, std::size_t count, float scale, const float* values, float* out);
    void (*decode256)(const std::uint8_t* codes, std::size_t count, float scale, const float* values, float* out);
    void (*dotInt8)(const Int8Dots& dots);
};

const BlockwiseOps& blockwiseOpsReference();
#if defined(__x86_64__)
const BlockwiseOps& blockwiseOpsAvx2();
const BlockwiseOps& blockwiseOpsAvx512();
#endif

/// The place of a value among limits by halving: kSize is a power of two, the last limit infinity.
template <std::size_t kSize>
inline std::size_t placeAmong(float value, const float* limits)
{
    std::size_t place = 0;
    for (std::size_t step = kSize / 2; step > 0; step /= 2) {
        place += value > limits[place + step - 1] ? step : 0;
    }
    return place;
}

} // namespace bitlathe::kernels
