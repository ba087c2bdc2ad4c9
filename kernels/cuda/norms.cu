// SPDX-License-Identifier: Apache-2.0
// Norms of rows. One block a row, which stays in the block's registers between the sum and the scaling, so that memory
// is read and written once; rows too long for that are read again.
#include "kernels/cuda/context.h"
#include "kernels/cuda/device.cuh"
#include "kernels/cuda/inputs.h"
#include "kernels/cuda/operations.h"

namespace bitlathe::cuda
{

inline namespace norms_cu
{

constexpr int kThreads = 256;
constexpr int kKept = 32; ///< Values of a row that a thread keeps.

/// Where rows are normalized about their mean, layerNorm; else rmsNorm. bias may be null. out may be x.
template <bool centered, typename Out>
__global__ void __launch_bounds__(kThreads)
    normRows(const float* x, const float* weight, const float* bias, float epsilon, Out* out, std::int64_t cols)
{
    waitForPrevious();
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
            store(scaled(kept[i], col), out[col]);
        }
    }
    for (std::int64_t col = rest; col < cols; col += kThreads) {
        store(scaled(x[col], col), out[col]);
    }
}

} // namespace norms_cu

cudaError_t roundNormed(const InputForm& form, const float* x, std::int64_t rows, std::int64_t cols, __nv_bfloat16* out,
                        const Queue& queue)
{
    return launchEarly({dim3(static_cast<unsigned>(rows)), dim3(kThreads), 0, queue.stream, queue.early},
                       normRows<false, __nv_bfloat16>, x, form.normWeight, nullptr, form.epsilon, out, cols);
}

std::int32_t rmsNorm(BitlatheCudaContext* context, const float* x, const float* weight, double epsilon, float* out,
                     std::int64_t rows, std::int64_t cols)
{
    Call call(context, "rmsNorm");
    if (call.good() && rows > 0) {
        call.launchEarly(normRows<false, float>, static_cast<unsigned>(rows), kThreads, 0, x, weight, nullptr,
                         static_cast<float>(epsilon), out, cols);
    }
    return call.status();
}

std::int32_t layerNorm(BitlatheCudaContext* context, const float* x, const float* weight, const float* bias,
                       double epsilon, float* out, std::int64_t rows, std::int64_t cols)
{
    Call call(context, "layerNorm");
    if (call.good() && rows > 0) {
        call.launchEarly(normRows<true, float>, static_cast<unsigned>(rows), kThreads, 0, x, weight, bias,
                         static_cast<float>(epsilon), out, cols);
    }
    return call.status();
}

} // namespace bitlathe::cuda
