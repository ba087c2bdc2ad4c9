// SPDX-License-Identifier: Apache-2.0
// Rounds what products read to bf16, and activates it on the way: each value is read and written once.
#include "kernels/cuda/inputs.h"

#include "kernels/cuda/activations.cuh"
#include "kernels/cuda/device.cuh"
#include "kernels/cuda/early.cuh"

namespace bitlathe::cuda
{

inline namespace inputs_cu
{

constexpr int kThreads = 256;

struct Same
{
    __device__ float operator()(float x, float /*y*/) const { return x; }
};

/// out [rows, stride] = function(x, y) of rows of cols, columns from cols on zero. y may be null.
template <typename Function>
__global__ void roundOnes(const float* x, const float* y, std::int64_t rows, std::int64_t cols, __nv_bfloat16* out,
                          std::int64_t stride, Function function)
{
    waitForPrevious();
    const std::int64_t count = rows * stride;
    const std::int64_t step = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += step) {
        const std::int64_t row = i / stride;
        const std::int64_t col = i - row * stride;
        const std::int64_t from = row * cols + col;
        const float value = col < cols ? function(x[from], y != nullptr ? y[from] : 0.0F) : 0.0F;
        out[i] = __float2bfloat16_rn(value);
    }
}

/// The same for rows without padding, four at a time.
template <typename Function>
__global__ void roundFours(const float4* x, const float4* y, std::int64_t count, __nv_bfloat162* out, Function function)
{
    waitForPrevious();
    const std::int64_t step = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += step) {
        const float4 a = x[i];
        const float4 b = y != nullptr ? y[i] : float4{};
        out[2 * i] = __floats2bfloat162_rn(function(a.x, b.x), function(a.y, b.y));
        out[2 * i + 1] = __floats2bfloat162_rn(function(a.z, b.z), function(a.w, b.w));
    }
}

} // namespace inputs_cu

cudaError_t roundInput(const InputForm& form, const float* x, std::int64_t rows, std::int64_t cols, __nv_bfloat16* out,
                       std::int64_t stride, const Queue& queue)
{
    if (form.normWeight != nullptr) {
        return roundNormed(form, x, rows, cols, out, queue);
    }
    const std::int64_t count = rows * stride;
    const auto rounded = [&](auto function) {
        using Function = decltype(function);
        EarlyLaunch launch{{}, dim3(kThreads), 0, queue.stream, queue.early};
        if (stride == cols && readsFours(count, {x, form.factor})) {
            launch.grid = dim3(gridFor(count / 4, kThreads, queue.multiprocessors));
            return launchEarly(launch, roundFours<Function>, reinterpret_cast<const float4*>(x),
                               reinterpret_cast<const float4*>(form.factor), count / 4,
                               reinterpret_cast<__nv_bfloat162*>(out), function);
        }
        launch.grid = dim3(gridFor(count, kThreads, queue.multiprocessors));
        return launchEarly(launch, roundOnes<Function>, x, form.factor, rows, cols, out, stride, function);
    };
    if (form.activation < 0) {
        return rounded(Same{});
    }
    return withActivation(form.activation, form.factor != nullptr, rounded, cudaErrorInvalidValue);
}

} // namespace bitlathe::cuda
