// SPDX-License-Identifier: Apache-2.0
// Operations on elements: rotation, activations, sums, soft caps. Bound by memory: each element is read and written
// once, four at a time where they are aligned.
#include "kernels/cuda/activations.cuh"
#include "kernels/cuda/context.h"
#include "kernels/cuda/device.cuh"
#include "kernels/cuda/operations.h"

namespace bitlathe::cuda
{

inline namespace elementwise_cu
{

constexpr int kThreads = 256;

struct Cap
{
    float cap;
    __device__ float operator()(float x) const { return cap * tanhf(x / cap); }
};

struct Sum
{
    __device__ float operator()(float x, float y) const { return x + y; }
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
    waitForPrevious();
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
    waitForPrevious();
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
        call.launchEarly(mapFours<Function>, gridFor(count / 4, kThreads, processors), kThreads, 0,
                         reinterpret_cast<float4*>(x), reinterpret_cast<const float4*>(y), count / 4, function);
    } else {
        call.launchEarly(mapOnes<Function>, gridFor(count, kThreads, processors), kThreads, 0, x, y, count, function);
    }
    return call.status();
}

/// Where a pair of a head's values stands, and its angle in tables of rows.
struct PairPlace
{
    std::int64_t low;
    std::int64_t angle;

    __device__ PairPlace(std::int64_t index, std::int64_t heads, std::int64_t half)
        : low(index / half * 2 * half + index % half), angle(index / half / heads * half + index % half)
    {}
};

__device__ float2 turned(float a, float b, float cosine, float sine)
{
    return {a * cosine - b * sine, a * sine + b * cosine};
}

/// One thread a pair.
__global__ void rotate(float* x, std::int64_t pairs, std::int64_t heads, std::int64_t half, const float* cosine,
                       const float* sine)
{
    waitForPrevious();
    const std::int64_t step = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < pairs; i += step) {
        const PairPlace at(i, heads, half);
        const float2 pair = turned(x[at.low], x[at.low + half], cosine[at.angle], sine[at.angle]);
        x[at.low] = pair.x;
        x[at.low + half] = pair.y;
    }
}

/// One thread a pair of a query, or of a key and the two values of its place.
__global__ void turnRows(const BitlatheCudaTurn rows)
{
    waitForPrevious();
    const std::int64_t half = rows.headDim / 2;
    const std::int64_t queries = rows.rows * rows.heads * half;
    const std::int64_t keys = rows.rows * rows.kvHeads * half;
    const std::int64_t step = std::int64_t{gridDim.x} * blockDim.x;
    for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < queries + keys; i += step) {
        const bool isKey = i >= queries;
        const PairPlace at(isKey ? i - queries : i, isKey ? rows.kvHeads : rows.heads, half);
        float* x = isKey ? rows.keys : rows.queries;
        const float2 pair = turned(x[at.low], x[at.low + half], rows.cosine[at.angle], rows.sine[at.angle]);
        x[at.low] = pair.x;
        x[at.low + half] = pair.y;
        if (isKey && rows.keptKeys != nullptr) {
            rows.keptKeys[at.low] = pair.x;
            rows.keptKeys[at.low + half] = pair.y;
            rows.keptValues[at.low] = rows.values[at.low];
            rows.keptValues[at.low + half] = rows.values[at.low + half];
        }
    }
}

} // namespace elementwise_cu

std::int32_t rope(BitlatheCudaContext* context, float* x, std::int64_t rows, std::int64_t heads, std::int64_t headDim,
                  const float* cosine, const float* sine)
{
    Call call(context, "rope");
    const std::int64_t pairs = rows * heads * (headDim / 2);
    if (call.good() && pairs > 0) {
        call.launchEarly(rotate, gridFor(pairs, kThreads, context->multiprocessors), kThreads, 0, x, pairs, heads,
                         headDim / 2, cosine, sine);
    }
    return call.status();
}

std::int32_t turn(BitlatheCudaContext* context, const BitlatheCudaTurn* rows)
{
    Call call(context, "turn");
    const std::int64_t pairs = rows->rows * (rows->heads + rows->kvHeads) * (rows->headDim / 2);
    if (call.good() && pairs > 0) {
        call.launchEarly(turnRows, gridFor(pairs, kThreads, context->multiprocessors), kThreads, 0, *rows);
    }
    return call.status();
}

std::int32_t activate(BitlatheCudaContext* context, std::int32_t activation, float* x, const float* factor,
                      std::int64_t count)
{
    Call call(context, "activate");
    const auto mapped = [&](auto function) { return map(call, x, factor, count, function); };
    constexpr std::int32_t kUnknown = -1;
    const std::int32_t status = withActivation(activation, factor != nullptr, mapped, kUnknown);
    if (status != kUnknown) {
        return status;
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
