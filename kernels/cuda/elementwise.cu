// SPDX-License-Identifier: Apache-2.0
// Operations on elements: rotation, activations, sums, soft caps. Bound by memory: each element is read and written
// once, four at a time where they are aligned.
#include "kernels/cuda/context.h"
#include "kernels/cuda/device.cuh"
#include "kernels/cuda/operations.h"

#include <numbers>

namespace bitlathe::cuda
{

namespace
{

constexpr int kThreads = 256;

struct Silu
{
    __device__ float operator()(float x) const { return x / (1.0F + expf(-x)); }
};
struct GeluTanh
{
    __device__ float operator()(float x) const
    {
        constexpr float kFactor = std::numbers::inv_sqrtpi_v<float> * std::numbers::sqrt2_v<float>;
        // 1 + tanh(y) as 2 / (1 + exp(-2y)): the sum of 1 and tanh would lose what is left where y is far below zero.
        return x / (1.0F + expf(-2.0F * kFactor * (x + 0.044715F * x * x * x)));
    }
};
struct Gelu
{
    __device__ float operator()(float x) const { return 0.5F * x * erfcf(-x / std::numbers::sqrt2_v<float>); }
};
struct Relu
{
    __device__ float operator()(float x) const { return fmaxf(x, 0.0F); }
};
struct Cap
{
    float cap;
    __device__ float operator()(float x) const { return cap * tanhf(x / cap); }
};

// What becomes of x and its partner y.
template <typename Function>
struct Scaled
{
    Function function;
    __device__ float operator()(float x, float y) const { return function(x) * y; }
};
struct Sum
{
    __device__ float operator()(float x, float y) const { return x + y; }
};
template <typename Function>
struct Alone
{
    Function function;
    __device__ float operator()(float x, float /*y*/) const { return function(x); }
};

__device__ float4 loaded(const float4* y, std::int64_t i)
{
    return y != nullptr ? y[i] : float4{};
}

__device__ float loaded(const float* y, std::int64_t i)
{
    return y != nullptr ? y[i] : 0.0F;
}

template <typename Function>
__global__ void mapFours(float4* x, const float4* y, std::int64_t count, Function function)
{
    const std::int64_t step = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += step) {
        const float4 a = x[i];
        const float4 b = loaded(y, i);
        x[i] = float4{function(a.x, b.x), function(a.y, b.y), function(a.z, b.z), function(a.w, b.w)};
    }
}

template <typename Function>
__global__ void mapOnes(float* x, const float* y, std::int64_t count, Function function)
{
    const std::int64_t step = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += step) {
        x[i] = function(x[i], loaded(y, i));
    }
}

/// x = function(x, y); y may be null.
template <typename Function>
std::int32_t map(Call& call, float* x, const float* y, std::int64_t count, Function function)
{
    if (!call.good() || count == 0) {
        return call.status();
    }
    const int processors = call.context().multiprocessors;
    if (readsFours(count, {x, y})) {
        mapFours<<<gridFor(count / 4, kThreads, processors), kThreads, 0, call.stream()>>>(
            reinterpret_cast<float4*>(x), reinterpret_cast<const float4*>(y), count / 4, function);
    } else {
        mapOnes<<<gridFor(count, kThreads, processors), kThreads, 0, call.stream()>>>(x, y, count, function);
    }
    call.checkLaunch();
    return call.status();
}

template <typename Function>
std::int32_t mapActivation(Call& call, float* x, const float* factor, std::int64_t count, Function function)
{
    return factor != nullptr ? map(call, x, factor, count, Scaled<Function>{function})
                             : map(call, x, nullptr, count, Alone<Function>{function});
}

/// One thread a pair.
__global__ void rotate(float* x, std::int64_t pairs, std::int64_t heads, std::int64_t half, const float* cosine,
                       const float* sine)
{
    const std::int64_t step = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < pairs; i += step) {
        const std::int64_t head = i / half;
        const std::int64_t pair = i % half;
        const std::int64_t angle = head / heads * half + pair;
        float* low = x + head * 2 * half + pair;
        float* high = low + half;
        const float a = *low;
        const float b = *high;
        const float c = cosine[angle];
        const float s = sine[angle];
        *low = a * c - b * s;
        *high = a * s + b * c;
    }
}

} // namespace

std::int32_t rope(BitlatheCudaContext* context, float* x, std::int64_t rows, std::int64_t heads, std::int64_t headDim,
                  const float* cosine, const float* sine)
{
    Call call(context, "rope");
    const std::int64_t pairs = rows * heads * (headDim / 2);
    if (call.good() && pairs > 0) {
        rotate<<<gridFor(pairs, kThreads, context->multiprocessors), kThreads, 0, call.stream()>>>(
            x, pairs, heads, headDim / 2, cosine, sine);
        call.checkLaunch();
    }
    return call.status();
}

std::int32_t activate(BitlatheCudaContext* context, std::int32_t activation, float* x, const float* factor,
                      std::int64_t count)
{
    Call call(context, "activate");
    switch (activation) {
    case 0: return mapActivation(call, x, factor, count, Silu{});
    case 1: return mapActivation(call, x, factor, count, GeluTanh{});
    case 2: return mapActivation(call, x, factor, count, Gelu{});
    case 3: return mapActivation(call, x, factor, count, Relu{});
    default: break;
    }
    call.check(std::string("unknown activation"));
    return call.status();
}

std::int32_t add(BitlatheCudaContext* context, float* x, const float* y, std::int64_t count)
{
    Call call(context, "add");
    return map(call, x, y, count, Sum{});
}

std::int32_t softCap(BitlatheCudaContext* context, float* x, float cap, std::int64_t count)
{
    Call call(context, "softCap");
    return map(call, x, nullptr, count, Alone<Cap>{Cap{cap}});
}

} // namespace bitlathe::cuda
