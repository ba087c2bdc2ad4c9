// SPDX-License-Identifier: Apache-2.0
// Norms of rows. One block a row, which stays in the block's registers between the sum and the scaling, so that memory
// is read and written once; rows too long for that are read again.
#include "kernels/cuda/context.h"
#include "kernels/cuda/device.cuh"
#include "kernels/cuda/operations.h"

namespace bitlathe::cuda
{

namespace
{

constexpr int kThreads = 256;
constexpr int kKept = 32; ///< Values of a row that a thread keeps.

/// Where rows are normalized about their mean, layerNorm; else rmsNorm. bias may be null. out may be x.
template <bool centered>
__global__ void __launch_bounds__(kThreads)
    normRows(const float* x, const float* weight, const float* bias, float epsilon, float* out, std::int64_t cols)
{
    x += std::int64_t{blockIdx.x} * cols;
    out += std::int64_t{blockIdx.x} * cols;
    const float inverse = 1.0F / static_cast<float>(cols);
    float kept[kKept];
    float sum = 0;
#pragma unroll
    for (int i = 0; i < kKept; ++i) {
        const std::int64_t col = threadIdx.x + std::int64_t{kThreads} * i;
        kept[i] = col < cols ? x[col] : 0.0F;
        sum += centered ? kept[i] : kept[i] * kept[i];
    }
    const std::int64_t rest = threadIdx.x + std::int64_t{kThreads} * kKept;
    for (std::int64_t col = rest; col < cols; col += kThreads) {
        sum += centered ? x[col] : x[col] * x[col];
    }
    sum = blockSum<float, kThreads>(sum);
    const float mean = centered ? sum * inverse : 0.0F;
    if (centered) {
        sum = 0;
#pragma unroll
        for (int i = 0; i < kKept; ++i) {
            const float off = threadIdx.x + std::int64_t{kThreads} * i < cols ? kept[i] - mean : 0.0F;
            sum += off * off;
        }
        for (std::int64_t col = rest; col < cols; col += kThreads) {
            sum += (x[col] - mean) * (x[col] - mean);
        }
        sum = blockSum<float, kThreads>(sum);
    }
    const float factor = 1.0F / sqrtf(sum * inverse + epsilon);
    const auto scaled = [&](float value, std::int64_t col) {
        return (value - mean) * factor * weight[col] + (centered && bias != nullptr ? bias[col] : 0.0F);
    };
#pragma unroll
    for (int i = 0; i < kKept; ++i) {
        const std::int64_t col = threadIdx.x + std::int64_t{kThreads} * i;
        if (col < cols) {
            out[col] = scaled(kept[i], col);
        }
    }
    for (std::int64_t col = rest; col < cols; col += kThreads) {
        out[col] = scaled(x[col], col);
    }
}

} // namespace

std::int32_t rmsNorm(BitlatheCudaContext* context, const float* x, const float* weight, double epsilon, float* out,
                     std::int64_t rows, std::int64_t cols)
{
    Call call(context, "rmsNorm");
    if (call.good() && rows > 0) {
        normRows<false><<<static_cast<unsigned>(rows), kThreads, 0, call.stream()>>>(
            x, weight, nullptr, static_cast<float>(epsilon), out, cols);
        call.checkLaunch();
    }
    return call.status();
}

std::int32_t layerNorm(BitlatheCudaContext* context, const float* x, const float* weight, const float* bias,
                       double epsilon, float* out, std::int64_t rows, std::int64_t cols)
{
    Call call(context, "layerNorm");
    if (call.good() && rows > 0) {
        normRows<true><<<static_cast<unsigned>(rows), kThreads, 0, call.stream()>>>(
            x, weight, bias, static_cast<float>(epsilon), out, cols);
        call.checkLaunch();
    }
    return call.status();
}

} // namespace bitlathe::cuda
