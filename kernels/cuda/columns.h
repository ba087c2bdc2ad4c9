// SPDX-License-Identifier: Apache-2.0
// Steps that factor and sweep share. Every sum runs over its terms in ascending order with fused multiply-adds, as on
// the processor, so that codes are the same bits; files that use them are compiled without contraction.
#pragma once

#include "kernels/cuda/context.h"

namespace bitlathe::cuda
{

/// Columns that are swept before others learn of it, and that are factored at once.
constexpr int kBlockCols = 128;
/// Columns of a block whose targets are in registers at once.
constexpr int kStrip = 32;
/// The rows of a factor that a block of columns needs lie strip by strip: of strip s, [k][kStrip] = factor[c][k] for
/// its columns c and k up to its end, zero from k = c on. Where a strip begins, and so how long those before it are:
__host__ __device__ constexpr int stripStart(int strip)
{
    return kStrip * kStrip / 2 * strip * (strip + 1);
}
__host__ __device__ constexpr int stripsOf(int cols)
{
    return (cols + kStrip - 1) / kStrip;
}

/// c[i][j] += sum over k of a[i][k] b[k][j], k ascending; a is [rows, depth], b [depth, cols]. Strides are between
/// rows.
struct OrderedProduct
{
    const float* a = nullptr;
    std::int64_t strideA = 0;
    const float* b = nullptr;
    std::int64_t strideB = 0;
    float* c = nullptr;
    std::int64_t strideC = 0;
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::int64_t depth = 0;
    bool lowerOnly = false; ///< Entries with j > i are not needed.
};
void addOrdered(Call& call, const OrderedProduct& product);

} // namespace bitlathe::cuda
