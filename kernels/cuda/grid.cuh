// SPDX-License-Identifier: Apache-2.0
// Grids in device code: the same bits as those of the processor, where files are compiled without contraction.
#pragma once

#include "kernels/cuda/device.cuh"
#include "kernels/gridchoice.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

namespace bitlathe::cuda
{

__device__ inline float roundedScale(float value, kernels::ScaleType type)
{
    switch (type) {
    case kernels::ScaleType::F16: return __half2float(__float2half_rn(value));
    case kernels::ScaleType::Bf16: return __bfloat162float(__float2bfloat16_rn(value));
    case kernels::ScaleType::F32: break;
    }
    return value;
}

struct Grid
{
    float scale = 1.0F;
    float zero = 0.0F;
    bool coarse = false;
};

/// The grid over a share of [low, high].
__device__ inline Grid gridOver(float low, float high, float ratio, const kernels::GridRule& rule)
{
    const auto grid = kernels::gridOver(low * ratio, high * ratio, rule,
                                        [&rule](float scale) { return roundedScale(scale, rule.scaleType); });
    return {grid.scale, static_cast<float>(grid.zero), grid.scaleCoarse};
}

/// What is stored for a weight.
__device__ inline float storedFor(float weight, const Grid& grid, float maxCode)
{
    const float code = fminf(fmaxf(__fadd_rn(rintf(__fdiv_rn(weight, grid.scale)), grid.zero), 0.0F), maxCode);
    return __fmul_rn(__fsub_rn(code, grid.zero), grid.scale);
}

/// The range of a warp's values and 0, for all lanes: of value(i) for i below count.
template <class Value>
__device__ inline void warpRange(std::int64_t count, const Value& value, float& low, float& high)
{
    low = 0.0F;
    high = 0.0F;
    for (std::int64_t i = threadIdx.x; i < count; i += kWarp) {
        low = fminf(low, value(i));
        high = fmaxf(high, value(i));
    }
    for (int other = kWarp / 2; other > 0; other /= 2) {
        low = fminf(low, __shfl_xor_sync(kAllLanes, low, other));
        high = fmaxf(high, __shfl_xor_sync(kAllLanes, high, other));
    }
}

} // namespace bitlathe::cuda
