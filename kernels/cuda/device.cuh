// SPDX-License-Identifier: Apache-2.0
// What device code of several operations shares: sums of a block, results of either type, vectors of four, sizes of
// grids.
#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <initializer_list>

namespace bitlathe::cuda
{

constexpr int kWarp = 32;
constexpr unsigned kAllLanes = 0xFFFFFFFFU;

template <typename T>
__device__ T warpSum(T value)
{
    for (int step = kWarp / 2; step > 0; step /= 2) {
        value += __shfl_xor_sync(kAllLanes, value, step);
    }
    return value;
}

/// The sum of all threads' values, for all of them; threads: of the block, a multiple of a warp. Always in one order.
template <typename T, int threads>
__device__ T blockSum(T value)
{
    __shared__ T parts[threads / kWarp];
    value = warpSum(value);
    __syncthreads(); // The parts of a sum before may still be read.
    if (threadIdx.x % kWarp == 0) {
        parts[threadIdx.x / kWarp] = value;
    }
    __syncthreads();
    T sum = parts[0];
    for (int warp = 1; warp < threads / kWarp; ++warp) {
        sum += parts[warp];
    }
    return sum;
}

/// The largest of all threads' values, as blockSum().
template <int threads>
__device__ float blockLargest(float value)
{
    __shared__ float parts[threads / kWarp];
    for (int step = kWarp / 2; step > 0; step /= 2) {
        value = fmaxf(value, __shfl_xor_sync(kAllLanes, value, step));
    }
    __syncthreads();
    if (threadIdx.x % kWarp == 0) {
        parts[threadIdx.x / kWarp] = value;
    }
    __syncthreads();
    float largest = parts[0];
    for (int warp = 1; warp < threads / kWarp; ++warp) {
        largest = fmaxf(largest, parts[warp]);
    }
    return largest;
}

__device__ inline void store(float value, float& out)
{
    out = value;
}
__device__ inline void store(float value, __nv_bfloat16& out)
{
    out = __float2bfloat16_rn(value);
}

/// Whether cols floats a row can be read four at a time from all these rows.
inline bool readsFours(std::int64_t cols, std::initializer_list<const void*> pointers)
{
    bool aligned = cols % 4 == 0;
    for (const void* pointer : pointers) {
        aligned = aligned && reinterpret_cast<std::uintptr_t>(pointer) % sizeof(float4) == 0;
    }
    return aligned;
}

/// Blocks for count elements, threads each; at most so many that a loop over the rest is worth it.
inline unsigned gridFor(std::int64_t count, int threads, int multiprocessors)
{
    const std::int64_t wanted = (count + threads - 1) / threads;
    const std::int64_t most = std::int64_t{32} * multiprocessors;
    return static_cast<unsigned>(wanted < most ? wanted : most);
}

} // namespace bitlathe::cuda
