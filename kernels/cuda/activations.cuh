// SPDX-License-Identifier: Apache-2.0
// The functions between the products of an mlp, and the choice of one by its number.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <numbers>

namespace bitlathe::cuda
{

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

// What becomes of x and its partner y.
template <typename Function>
struct Scaled
{
    Function function;
    __device__ float operator()(float x, float y) const { return function(x) * y; }
};
template <typename Function>
struct Alone
{
    Function function;
    __device__ float operator()(float x, float /*y*/) const { return function(x); }
};

/// work(function of x and its factor) of an activation in the order of kernels::Activation; other: of no activation.
template <typename Work, typename Result>
Result withActivation(std::int32_t activation, bool hasFactor, const Work& work, Result other)
{
    const auto chosen = [&](auto function) {
        return hasFactor ? work(Scaled<decltype(function)>{function}) : work(Alone<decltype(function)>{function});
    };
    switch (activation) {
    case 0: return chosen(Silu{});
    case 1: return chosen(GeluTanh{});
    case 2: return chosen(Gelu{});
    case 3: return chosen(Relu{});
    default: return other;
    }
}

} // namespace bitlathe::cuda
