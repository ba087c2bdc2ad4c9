// SPDX-License-Identifier: Apache-2.0
// Softmax and what is measured of distributions. One block a row. Exponentials are in f32, their sums in double, as on
// the processor; each thread keeps a running maximum, so that a row is read from memory once.
#include "kernels/cuda/context.h"
#include "kernels/cuda/device.cuh"
#include "kernels/cuda/operations.h"

namespace bitlathe::cuda
{

namespace
{

constexpr int kThreads = 512;

/// sum of exp(x - largest) over values seen.
struct ExpSum
{
    float largest = -INFINITY;
    double sum = 0;

    __device__ void add(float x)
    {
        if (x > largest) {
            sum = sum * static_cast<double>(expf(largest - x)) + 1.0;
            largest = x;
        } else if (x > -INFINITY) {
            sum += static_cast<double>(expf(x - largest));
        }
    }
};

/// The largest of all threads' values.
__device__ float blockLargest(float value)
{
    __shared__ float parts[kThreads / kWarp];
    for (int step = kWarp / 2; step > 0; step /= 2) {
        value = fmaxf(value, __shfl_xor_sync(kAllLanes, value, step));
    }
    __syncthreads();
    if (threadIdx.x % kWarp == 0) {
        parts[threadIdx.x / kWarp] = value;
    }
    __syncthreads();
    float largest = parts[0];
    for (int warp = 1; warp < kThreads / kWarp; ++warp) {
        largest = fmaxf(largest, parts[warp]);
    }
    return largest;
}

/// All threads' sums about the largest of all.
__device__ ExpSum blockTotal(const ExpSum& part)
{
    ExpSum total;
    total.largest = blockLargest(part.largest);
    const double own =
        part.largest > -INFINITY ? part.sum * static_cast<double>(expf(part.largest - total.largest)) : 0;
    total.sum = blockSum<double, kThreads>(own);
    return total;
}

__device__ ExpSum expSumOfRow(const float* row, std::int64_t cols)
{
    ExpSum part;
    for (std::int64_t col = threadIdx.x; col < cols; col += kThreads) {
        part.add(row[col]);
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
    for (std::int64_t col = threadIdx.x; col < cols; col += kThreads) {
        const float logP = rowP[col];
        const float logQ = rowQ[col];
        const double off = static_cast<double>(logP) - static_cast<double>(logQ);
        partQ.add(logQ);
        if (logP > partP.largest) {
            weighted = weighted * static_cast<double>(expf(partP.largest - logP)) + off;
        } else if (logP > -INFINITY) {
            weighted += static_cast<double>(expf(logP - partP.largest)) * off;
        }
        partP.add(logP);
    }
    const ExpSum totalP = blockTotal(partP);
    const ExpSum totalQ = blockTotal(partQ);
    if (partP.largest > -INFINITY) {
        weighted *= static_cast<double>(expf(partP.largest - totalP.largest));
    }
    weighted = blockSum<double, kThreads>(weighted);
    if (threadIdx.x == 0) {
        const double shiftP = static_cast<double>(totalP.largest) + log(totalP.sum);
        const double shiftQ = static_cast<double>(totalQ.largest) + log(totalQ.sum);
        out[blockIdx.x] = weighted / totalP.sum - (shiftP - shiftQ);
    }
}

} // namespace

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
