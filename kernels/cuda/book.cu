// SPDX-License-Identifier: Apache-2.0
// Books of 16 values: bound by the bytes of the values. A lane holds eight values, 16 bytes of f16; the lanes of a
// block find its largest value by shuffles.
#include "kernels/cuda/book.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

namespace bitlathe::cuda
{

inline namespace book_cu
{

constexpr int kThreads = 256;
constexpr int kEight = 8;             ///< Values of a lane.
constexpr float kScaleLeast = 1e-38F; ///< As in core/quant: a block of zeros has no infinite factor.

template <typename T>
struct alignas(16) Eight
{
    T of[kEight];
};

__device__ inline float toFloat(float value)
{
    return value;
}
__device__ inline float toFloat(__half value)
{
    return __half2float(value);
}
__device__ inline float toFloat(__nv_bfloat16 value)
{
    return __bfloat162float(value);
}
template <typename T>
__device__ inline T fromFloat(float value);
template <>
__device__ inline float fromFloat<float>(float value)
{
    return value;
}
template <>
__device__ inline __half fromFloat<__half>(float value)
{
    return __float2half_rn(value);
}
template <>
__device__ inline __nv_bfloat16 fromFloat<__nv_bfloat16>(float value)
{
    return __float2bfloat16_rn(value);
}

/// How many of the first 15 limits lie below value: four comparisons with the middle of what is left.
__device__ inline int placeOf(float value, const float (&limits)[16])
{
    const bool b3 = value > limits[7];
    const bool b2 = value > (b3 ? limits[11] : limits[3]);
    const float low = b2 ? limits[5] : limits[1];
    const float high = b2 ? limits[13] : limits[9];
    const bool b1 = value > (b3 ? high : low);
    const float lowest = b1 ? limits[2] : limits[0];
    const float lower = b1 ? limits[6] : limits[4];
    const float higher = b1 ? limits[10] : limits[8];
    const float highest = b1 ? limits[14] : limits[12];
    const bool b0 = value > (b3 ? (b2 ? highest : higher) : (b2 ? lower : lowest));
    return 8 * b3 + 4 * b2 + 2 * b1 + b0;
}

/// Blocks of up to 256 values: blockSize / 8 neighbouring lanes share one. Others: a warp walks over one twice.
/// 2^lanesLog lanes for a block, up to 32. ordered: codes are places.
template <typename T, bool ordered>
__global__ void __launch_bounds__(kThreads) encode(const T* values, std::int64_t count, std::int64_t blockSize,
                                                   int lanesLog, Book16 book, float* scales, std::uint8_t* codes)
{
    const std::int64_t thread = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
    const int lanes = 1 << lanesLog;
    const int lane = static_cast<int>(threadIdx.x) & (lanes - 1);
    const std::int64_t block = thread >> lanesLog;
    const std::int64_t first = block * blockSize + lane * kEight;
    const std::int64_t last = min(count, (block + 1) * blockSize);
    float largest = 0.0F;
    Eight<T> eight = {};
    for (std::int64_t at = first; at < last; at += lanes * kEight) {
        eight = *reinterpret_cast<const Eight<T>*>(values + at);
#pragma unroll
        for (const T& value : eight.of) {
            largest = fmaxf(largest, fabsf(toFloat(value)));
        }
    }
    for (int distance = 1; distance < lanes; distance *= 2) {
        largest = fmaxf(largest, __shfl_xor_sync(0xffffffffU, largest, distance));
    }
    if (first < last && lane == 0) {
        scales[block] = largest;
    }
    const float factor = 1.0F / fmaxf(largest, kScaleLeast);
    const bool single = blockSize <= lanes * kEight;
    for (std::int64_t at = first; at < last; at += lanes * kEight) {
        if (!single) {
            eight = *reinterpret_cast<const Eight<T>*>(values + at);
        }
        std::uint32_t word = 0;
#pragma unroll
        for (int i = 0; i < kEight; ++i) {
            const int place = placeOf(toFloat(eight.of[i]) * factor, book.limits);
            word |= static_cast<std::uint32_t>(ordered ? place : book.codes[place]) << (4 * i);
        }
        *reinterpret_cast<std::uint32_t*>(codes + at / 2) = word;
    }
}

/// Eight values per thread and turn; every lane has the book in a bank of its own.
template <typename T>
__global__ void __launch_bounds__(kThreads) decode(const std::uint32_t* words, const float* scales, std::int64_t count,
                                                   std::int64_t blockSize, Book16 book, T* values)
{
    __shared__ float table[16 * 32];
    for (int place = static_cast<int>(threadIdx.x); place < 16 * 32; place += kThreads) {
        table[place] = book.values[place / 32];
    }
    __syncthreads();
    const float* mine = table + threadIdx.x % 32;
    const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * kThreads;
    const std::int64_t blockWords = blockSize / kEight;
#pragma unroll 4
    for (std::int64_t at = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x; at < count / kEight;
         at += stride) {
        const std::uint32_t word = __ldg(words + at);
        const float scale = __ldg(scales + static_cast<std::uint32_t>(at) / static_cast<std::uint32_t>(blockWords));
        Eight<T> eight;
#pragma unroll
        for (int i = 0; i < kEight; ++i) {
            eight.of[i] = fromFloat<T>(mine[(word >> (4 * i) & 15) * 32] * scale);
        }
        *reinterpret_cast<Eight<T>*>(values + at * kEight) = eight;
    }
}

bool ordered(const Book16& book)
{
    for (int place = 0; place < 16; ++place) {
        if (book.codes[place] != place) {
            return false;
        }
    }
    return true;
}

bool valid(std::int64_t count, std::int64_t blockSize)
{
    constexpr std::int64_t kMostWords = std::int64_t{1} << 32;
    return count >= 0 && count % kEight == 0 && count / kEight < kMostWords && blockSize > 0 && blockSize % kEight == 0;
}

template <typename T>
cudaError_t encodeOf(const T* values, std::int64_t count, std::int64_t blockSize, const Book16& book, float* scales,
                     std::uint8_t* codes, cudaStream_t stream)
{
    int lanesLog = 0;
    while (lanesLog < 5 && (kEight << lanesLog) < blockSize) {
        ++lanesLog;
    }
    const std::int64_t blocks = (count + blockSize - 1) / blockSize;
    const auto grid = static_cast<unsigned>(((blocks << lanesLog) + kThreads - 1) / kThreads);
    auto* kernel = ordered(book) ? encode<T, true> : encode<T, false>;
    kernel<<<grid, kThreads, 0, stream>>>(values, count, blockSize, lanesLog, book, scales, codes);
    return cudaGetLastError();
}

template <typename T>
cudaError_t decodeOf(const std::uint8_t* codes, const float* scales, std::int64_t count, std::int64_t blockSize,
                     const Book16& book, T* values, cudaStream_t stream)
{
    constexpr std::int64_t kTurns = 4;
    constexpr std::int64_t perBlock = kThreads * kEight * kTurns;
    const auto grid = static_cast<unsigned>((count + perBlock - 1) / perBlock);
    decode<T><<<grid, kThreads, 0, stream>>>(reinterpret_cast<const std::uint32_t*>(codes), scales, count, blockSize,
                                             book, values);
    return cudaGetLastError();
}

} // namespace book_cu

cudaError_t encodeBook16(const void* values, ValueType type, std::int64_t count, std::int64_t blockSize,
                         const Book16& book, float* scales, std::uint8_t* codes, cudaStream_t stream)
{
    if (!valid(count, blockSize) || count == 0) {
        return count == 0 ? cudaSuccess : cudaErrorInvalidValue;
    }
    switch (type) {
    case ValueType::F32:
        return encodeOf(static_cast<const float*>(values), count, blockSize, book, scales, codes, stream);
    case ValueType::F16:
        return encodeOf(static_cast<const __half*>(values), count, blockSize, book, scales, codes, stream);
    case ValueType::Bf16: break;
    }
    return encodeOf(static_cast<const __nv_bfloat16*>(values), count, blockSize, book, scales, codes, stream);
}

cudaError_t decodeBook16(const std::uint8_t* codes, const float* scales, std::int64_t count, std::int64_t blockSize,
                         const Book16& book, ValueType type, void* values, cudaStream_t stream)
{
    if (!valid(count, blockSize) || count == 0) {
        return count == 0 ? cudaSuccess : cudaErrorInvalidValue;
    }
    switch (type) {
    case ValueType::F32: return decodeOf(codes, scales, count, blockSize, book, static_cast<float*>(values), stream);
    case ValueType::F16: return decodeOf(codes, scales, count, blockSize, book, static_cast<__half*>(values), stream);
    case ValueType::Bf16: break;
    }
    return decodeOf(codes, scales, count, blockSize, book, static_cast<__nv_bfloat16*>(values), stream);
}

} // namespace bitlathe::cuda
