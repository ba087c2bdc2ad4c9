// SPDX-License-Identifier: Apache-2.0
// The two ways to attend: with f32 arithmetic over any number of queries, and with bf16 matrix units over many.
#pragma once

#include "kernels/cuda/context.h"

namespace bitlathe::cuda
{

struct AttentionValues
{
    const float* query;
    const float* keys;
    const float* values;
    float* out;
};

/// headDim up to 512.
void attendF32(Call& call, const BitlatheCudaAttention& shape, const AttentionValues& values);
/// Whether shape's heads fit the next.
bool attendsBf16(const BitlatheCudaAttention& shape);
void attendBf16(Call& call, const BitlatheCudaAttention& shape, const AttentionValues& values);

#ifdef __CUDACC__
/// The first key that the query at a position sees.
__device__ inline std::int64_t firstKey(const BitlatheCudaAttention& shape, std::int64_t position)
{
    const std::int64_t first = position - shape.window + 1;
    return shape.window > 0 && first > 0 ? first : 0;
}
#endif

} // namespace bitlathe::cuda
