// SPDX-License-Identifier: Apache-2.0
// What a product of few rows is asked for, and its x: blocks that have the room arrange it themselves, in shared
// memory, and norm it on the way.
#pragma once

#include "kernels/cuda/device.cuh"
#include "kernels/cuda/packedlayout.h"

namespace bitlathe::cuda
{

constexpr int kFewWarps = 8; ///< At most.

struct FewArgs
{
    PackedLayout weights;
    const __nv_bfloat16* x; ///< [rows, steps * 128]; null: of wide, each block for itself.
    const float* wide;      ///< [rows, inputs] or null.
    int rows;               ///< Up to 8 times the kernel's columns.
    const float* bias;
    void* y;
    bool yFloat;
    bool adds;               ///< To y, which is f32.
    const float* normWeight; ///< With wide: of an rmsNorm of its rows; or null.
    float epsilon;
};

/// Bytes of x as bf16 in a block's shared memory.
__host__ __device__ inline int fewXBytes(const FewArgs& args)
{
    return args.wide != nullptr ? args.rows * args.weights.steps * kStepInputs * 2 : 0;
}

/// The sum of all threads' values, always in one order. parts: a float for each warp.
__device__ inline float sumOfBlock(float value, float* parts)
{
    value = warpSum(value);
    __syncthreads(); // The parts of a sum before may still be read.
    if (threadIdx.x % kWarp == 0) {
        parts[threadIdx.x / kWarp] = value;
    }
    __syncthreads();
    float sum = 0.0F;
    for (int warp = 0; warp < static_cast<int>(blockDim.x) / kWarp; ++warp) {
        sum += parts[warp];
    }
    return sum;
}

__device__ inline float squares(const float4& four)
{
    return four.x * four.x + four.y * four.y + four.z * four.z + four.w * four.w;
}

__device__ inline void storeFour(__nv_bfloat16* x, int at, const float4& four)
{
    reinterpret_cast<__nv_bfloat162*>(x)[2 * at] = __floats2bfloat162_rn(four.x, four.y);
    reinterpret_cast<__nv_bfloat162*>(x)[2 * at + 1] = __floats2bfloat162_rn(four.z, four.w);
}

__device__ inline float4 scaledFour(const float4& four, float factor, const float4& weight)
{
    return {four.x * factor * weight.x, four.y * factor * weight.y, four.z * factor * weight.z,
            four.w * factor * weight.w};
}

/// x = bf16 of rmsNorm(row), of whole fours. A row of up to kKept fours for each thread is read once.
__device__ inline void normShared(const FewArgs& args, const float* row, __nv_bfloat16* x, float* parts)
{
    constexpr int kKept = 4;
    const auto threads = static_cast<int>(blockDim.x);
    const auto first = static_cast<int>(threadIdx.x);
    const auto* fours = reinterpret_cast<const float4*>(row);
    const auto* weights = reinterpret_cast<const float4*>(args.normWeight);
    const int count = static_cast<int>(args.weights.inputs) / 4;
    float4 kept[kKept] = {};
    float4 weight[kKept] = {};
    float sum = 0.0F;
#pragma unroll
    for (int i = 0; i < kKept; ++i) {
        if (first + i * threads < count) {
            kept[i] = fours[first + i * threads];
            weight[i] = weights[first + i * threads];
        }
    }
#pragma unroll
    for (int i = 0; i < kKept; ++i) {
        sum += squares(kept[i]);
    }
    for (int i = first + kKept * threads; i < count; i += threads) {
        sum += squares(fours[i]);
    }
    sum = sumOfBlock(sum, parts);
    const float factor = 1.0F / sqrtf(sum * (1.0F / static_cast<float>(args.weights.inputs)) + args.epsilon);
#pragma unroll
    for (int i = 0; i < kKept; ++i) {
        if (first + i * threads < count) {
            storeFour(x, first + i * threads, scaledFour(kept[i], factor, weight[i]));
        }
    }
    for (int i = first + kKept * threads; i < count; i += threads) {
        storeFour(x, i, scaledFour(fours[i], factor, weights[i]));
    }
}

/// Brings what never changes near before the block waits.
__device__ inline void prefetchNorm(const FewArgs& args)
{
    constexpr int kLine = 128 / sizeof(float);
    const auto place = static_cast<int>(threadIdx.x) * kLine;
    if (args.normWeight != nullptr && place < args.weights.inputs) {
        asm volatile("prefetch.global.L2 [%0];" ::"l"(args.normWeight + place));
    }
}

/// x as the weights have it: bf16, the inputs where they stand there, 0 where none does. Rows that are normed stand as
/// they are.
__device__ inline void arrangeShared(const FewArgs& args, __nv_bfloat16* x)
{
    __shared__ float parts[kFewWarps];
    const int places = args.weights.steps * kStepInputs;
    const auto inputs = static_cast<int>(args.weights.inputs);
    const std::int32_t* gather = args.weights.gather;
    const auto threads = static_cast<int>(blockDim.x);
    for (int row = 0; row < args.rows; ++row, x += places) {
        const float* from = args.wide + static_cast<std::int64_t>(row) * inputs;
        if (args.normWeight != nullptr) {
            normShared(args, from, x, parts);
        } else if (gather == nullptr && inputs == places) {
#pragma unroll 4
            for (int i = static_cast<int>(threadIdx.x); i < places / 4; i += threads) {
                storeFour(x, i, reinterpret_cast<const float4*>(from)[i]);
            }
        } else {
            for (int place = static_cast<int>(threadIdx.x); place < places; place += threads) {
                const int input = gather != nullptr ? gather[place] : place;
                x[place] = __float2bfloat16_rn(input >= 0 && input < inputs ? from[input] : 0.0F);
            }
        }
    }
}

} // namespace bitlathe::cuda
