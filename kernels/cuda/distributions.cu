// SPDX-License-Identifier: Apache-2.0
// Softmax and what is measured of distributions. One block a row. Exponentials are in f32, their sums in double, as on
// the processor; each thread keeps a running maximum, so that a row is read from memory once.
#include "kernels/cuda/context.h"
#include "kernels/cuda/device.cuh"
#include "kernels/cuda/operations.h"

namespace bitlathe::cuda
{

inline namespace distributions_cu
{

constexpr int kThreads = 512;

constexpr int kAtOnce = 8; ///< Values of a row that a thread loads before it looks at them.

/// sum of exp(x - largest) over values seen.
struct ExpSum
{
    float largest = -INFINITY;
    double sum = 0;

    /// What sums so far are to be multiplied with, after these have been looked at.
    template <int count>
    __device__ float rebase(const float (&values)[count])
    {
        float next = largest;
#pragma unroll
        for (const float value : values) {
            next = fmaxf(next, value);
        }
        const float factor = next > largest ? expf(largest - next) : 1.0F;
        largest = next;
        sum *= static_cast<double>(factor);
        return factor;
    }

    /// After rebase. weights: their exponentials.
    template <int count>
    __device__ void add(const float (&values)[count], float (&weights)[count])
    {
        float part = 0; // Of so few that f32 is enough.
#pragma unroll
        for (int i = 0; i < count; ++i) {
            weights[i] = values[i] == -INFINITY ? 0.0F : expf(values[i] - largest);
            part += weights[i];
        }
        sum += static_cast<double>(part);
    }
};

/// The values of a thread from col on, kThreads apart; -infinity, which weighs nothing, beyond the row.
template <int count>
__device__ void loadSome(const float* row, std::int64_t col, std::int64_t cols, float (&values)[count])
{
#pragma unroll
    for (int i = 0; i < count; ++i) {
        const std::int64_t at = col + std::int64_t{kThreads} * i;
        values[i] = at < cols ? row[at] : -INFINITY;
    }
}

/// All threads' sums about the largest of all.
__device__ ExpSum blockTotal(const ExpSum& part)
{
    ExpSum total;
    total.largest = blockLargest<kThreads>(part.largest);
    const double own =
        part.largest > -INFINITY ? part.sum * static_cast<double>(expf(part.largest - total.largest)) : 0;
    total.sum = blockSum<double, kThreads>(own);
    return total;
}

__device__ ExpSum expSumOfRow(const float* row, std::int64_t cols)
{
    ExpSum part;
    for (std::int64_t col = threadIdx.x; col < cols; col += kThreads * kAtOnce) {
        float values[kAtOnce];
        float weights[kAtOnce];
        loadSome(row, col, cols, values);
        part.rebase(values);
        part.add(values, weights);
    }
    return blockTotal(part);
}

__global__ void __launch_bounds__(kThreads) softmaxRows(float* x, std::int64_t cols)
{
    float* row = x + std::int64_t{blockIdx.x} * cols;
    const ExpSum total = expSumOfRow(row, cols);
    const float factor = static_cast<float>(1.0 / total.sum);
    for (std::int64_t col = threadIdx.x; col < cols; col += kThreads) {
        row[col] = expf(row[col] - total.largest) * factor;
    }
}

__global__ void __launch_bounds__(kThreads) logSumExpRows(const float* logits, std::int64_t cols, double* out)
{
    const ExpSum total = expSumOfRow(logits + std::int64_t{blockIdx.x} * cols, cols);
    if (threadIdx.x == 0) {
        out[blockIdx.x] = static_cast<double>(total.largest) + log(total.sum);
    }
}

/// KL(p || q) = E_p[p - q] - (log sum exp p - log sum exp q), all three sums from one reading.
__global__ void __launch_bounds__(kThreads) klRows(const float* p, const float* q, std::int64_t cols, double* out)
{
    const float* rowP = p + std::int64_t{blockIdx.x} * cols;
    const float* rowQ = q + std::int64_t{blockIdx.x} * cols;
    ExpSum partP;
    ExpSum partQ;
    double weighted = 0; // sum of exp(p - partP.largest) (p - q)
    for (std::int64_t col = threadIdx.x; col < cols; col += kThreads * kAtOnce / 2) {
        float logP[kAtOnce / 2];
        float logQ[kAtOnce / 2];
        float weightsP[kAtOnce / 2];
        float weightsQ[kAtOnce / 2];
        loadSome(rowP, col, cols, logP);
        loadSome(rowQ, col, cols, logQ);
        partQ.rebase(logQ);
        partQ.add(logQ, weightsQ);
        weighted *= static_cast<double>(partP.rebase(logP));
        partP.add(logP, weightsP);
#pragma unroll
        for (int i = 0; i < kAtOnce / 2; ++i) {
            if (weightsP[i] > 0.0F) {
                weighted +=
                    static_cast<double>(weightsP[i]) * (static_cast<double>(logP[i]) - static_cast<double>(logQ[i]));
            }
        }
    }
    const ExpSum totalP = blockTotal(partP);
    const ExpSum totalQ = blockTotal(partQ);
    // A thread without columns has seen nothing.
    weighted *= partP.largest > -INFINITY ? static_cast<double>(expf(partP.largest - totalP.largest)) : 0.0;
    weighted = blockSum<double, kThreads>(weighted);
    if (threadIdx.x == 0) {
        const double shiftP = static_cast<double>(totalP.largest) + log(totalP.sum);
        const double shiftQ = static_cast<double>(totalQ.largest) + log(totalQ.sum);
        out[blockIdx.x] = weighted / totalP.sum - (shiftP - shiftQ);
    }
}

} // namespace distributions_cu

std::int32_t softmax(BitlatheCudaContext* context, float* x, std::int64_t rows, std::int64_t cols)
{
    Call call(context, "softmax");
    if (call.good() && rows > 0) {
        softmaxRows<<<static_cast<unsigned>(rows), kThreads, 0, call.stream()>>>(x, cols);
        call.checkLaunch();
    }
    return call.status();
}

std::int32_t logSumExp(BitlatheCudaContext* context, const float* logits, std::int64_t rows, std::int64_t cols,
                       double* out)
{
    Call call(context, "logSumExp");
    if (call.good() && rows > 0) {
        logSumExpRows<<<static_cast<unsigned>(rows), kThreads, 0, call.stream()>>>(logits, cols, out);
        call.checkLaunch();
    }
    return call.status();
}

std::int32_t klDivergence(BitlatheCudaContext* context, const float* p, const float* q, std::int64_t rows,
                          std::int64_t cols, double* out)
{
    Call call(context, "klDivergence");
    if (call.good() && rows > 0) {
        klRows<<<static_cast<unsigned>(rows), kThreads, 0, call.stream()>>>(p, q, cols, out);
        call.checkLaunch();
    }
    return call.status();
}

} // namespace bitlathe::cuda
