// SPDX-License-Identifier: Apache-2.0
// What is taken out of rows: one value of each, the place of the largest, parts of them. Bound by memory.
#include "kernels/cuda/context.h"
#include "kernels/cuda/device.cuh"
#include "kernels/cuda/operations.h"

#include <cuda_fp16.h>

#include <climits>

namespace bitlathe::cuda
{

inline namespace rows_cu
{

constexpr int kThreads = 256;

__global__ void pickFromRows(const float* x, std::int64_t rows, std::int64_t cols, const std::int32_t* indices,
                             float* out)
{
    const std::int64_t row = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
    if (row < rows) {
        out[row] = x[row * cols + indices[row]];
    }
}

/// A block a row. Values are 2 or 4 bytes wide.
template <typename T>
__global__ void __launch_bounds__(kThreads)
    widen(const T* table, std::int64_t cols, const std::int32_t* indices, float* out)
{
    const T* row = table + indices[blockIdx.x] * cols;
    float* to = out + std::int64_t{blockIdx.x} * cols;
    for (std::int64_t i = threadIdx.x; i < cols; i += kThreads) {
        to[i] = static_cast<float>(row[i]);
    }
}

/// The first place of the larger value; what is no number never is. Any order of calls gives the same.
struct Best
{
    float value = -INFINITY;
    int place = INT_MAX;

    __device__ void see(float other, int at)
    {
        if (other > value || (other == value && at < place)) {
            value = other;
            place = at;
        }
    }
};

/// One block a row.
__global__ void __launch_bounds__(kThreads) largestOfRows(const float* x, std::int64_t cols, std::int32_t* out)
{
    __shared__ Best parts[kThreads / 32];
    const float* row = x + std::int64_t{blockIdx.x} * cols;
    Best best;
    for (std::int64_t col = threadIdx.x; col < cols; col += kThreads) {
        best.see(row[col], static_cast<int>(col));
    }
    const auto reduce = [&best] {
        for (int step = 16; step > 0; step /= 2) {
            const float value = __shfl_xor_sync(~0U, best.value, step);
            const int place = __shfl_xor_sync(~0U, best.place, step);
            best.see(value, place);
        }
    };
    reduce();
    if (threadIdx.x % 32 == 0) {
        parts[threadIdx.x / 32] = best;
    }
    __syncthreads();
    if (threadIdx.x < 32) {
        best = threadIdx.x < kThreads / 32 ? parts[threadIdx.x] : Best{};
        reduce();
        if (threadIdx.x == 0) {
            out[blockIdx.x] = best.place == INT_MAX ? 0 : best.place;
        }
    }
}

__global__ void __launch_bounds__(kThreads) dotsOfRows(const float* x, const float* y, std::int64_t cols, double* out)
{
    const float* left = x + std::int64_t{blockIdx.x} * cols;
    const float* right = y + std::int64_t{blockIdx.x} * cols;
    double sum = 0;
#pragma unroll 4
    for (std::int64_t i = threadIdx.x; i < cols; i += kThreads) {
        sum += static_cast<double>(left[i]) * static_cast<double>(right[i]);
    }
    sum = blockSum<double, kThreads>(sum);
    if (threadIdx.x == 0) {
        out[blockIdx.x] = sum;
    }
}

} // namespace rows_cu

std::int32_t pick(BitlatheCudaContext* context, const float* x, std::int64_t rows, std::int64_t cols,
                  const std::int32_t* indices, float* out)
{
    Call call(context, "pick");
    if (call.good() && rows > 0) {
        const auto blocks = static_cast<unsigned>((rows + kThreads - 1) / kThreads);
        pickFromRows<<<blocks, kThreads, 0, call.stream()>>>(x, rows, cols, indices, out);
        call.checkLaunch();
    }
    return call.status();
}

std::int32_t widenRows(BitlatheCudaContext* context, std::int32_t type, const void* table, std::int64_t cols,
                       const std::int32_t* indices, std::int64_t count, float* out)
{
    Call call(context, "widenRows");
    if (call.good() && count > 0) {
        const auto rows = static_cast<unsigned>(count);
        if (type == BitlatheCudaF32) {
            widen<<<rows, kThreads, 0, call.stream()>>>(static_cast<const float*>(table), cols, indices, out);
        } else if (type == BitlatheCudaF16) {
            widen<<<rows, kThreads, 0, call.stream()>>>(static_cast<const __half*>(table), cols, indices, out);
        } else {
            widen<<<rows, kThreads, 0, call.stream()>>>(static_cast<const __nv_bfloat16*>(table), cols, indices, out);
        }
        call.checkLaunch();
    }
    return call.status();
}

std::int32_t largest(BitlatheCudaContext* context, const float* x, std::int64_t rows, std::int64_t cols,
                     std::int32_t* out)
{
    Call call(context, "largest");
    if (call.good() && rows > 0) {
        largestOfRows<<<static_cast<unsigned>(rows), kThreads, 0, call.stream()>>>(x, cols, out);
        call.checkLaunch();
    }
    return call.status();
}

std::int32_t dotRows(BitlatheCudaContext* context, const float* x, const float* y, std::int64_t rows, std::int64_t cols,
                     double* out)
{
    Call call(context, "dotRows");
    if (call.good() && rows > 0) {
        dotsOfRows<<<static_cast<unsigned>(rows), kThreads, 0, call.stream()>>>(x, y, cols, out);
        call.checkLaunch();
    }
    return call.status();
}

std::int32_t copyRows(BitlatheCudaContext* context, const float* from, std::int64_t strideFrom, float* to,
                      std::int64_t strideTo, std::int64_t rows, std::int64_t width)
{
    Call call(context, "copyRows");
    if (call.good() && rows > 0 && width > 0) {
        call.check(cudaMemcpy2DAsync(to, static_cast<std::size_t>(strideTo) * sizeof(float), from,
                                     static_cast<std::size_t>(strideFrom) * sizeof(float),
                                     static_cast<std::size_t>(width) * sizeof(float), static_cast<std::size_t>(rows),
                                     cudaMemcpyDeviceToDevice, call.stream()));
    }
    return call.status();
}

} // namespace bitlathe::cuda
