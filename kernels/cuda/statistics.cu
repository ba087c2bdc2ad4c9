// SPDX-License-Identifier: Apache-2.0
// Statistics of calibration: products of inputs with themselves, and minima, maxima and sums of channels.
#include "kernels/cuda/context.h"
#include "kernels/cuda/device.cuh"
#include "kernels/cuda/operations.h"

#include <algorithm>

namespace bitlathe::cuda
{

inline namespace statistics_cu
{

/// Rows of the gram matrix that one product makes. Of its square only what lies left of a part's last row is computed,
/// which for many parts is little more than half.
constexpr std::int64_t kGramPart = 1024;
constexpr std::int64_t kPadding = 8; ///< Values of bf16 in 16 bytes.
constexpr int kTile = 32;
constexpr int kTileRows = 8;
constexpr int kChannelRows = 32; ///< Threads that share a column.

/// The lower part of gram += x' x for x [rows, stride], stride >= cols.
void addProducts(Call& call, bool bf16, const void* x, std::int64_t rows, std::int64_t cols, std::int64_t stride,
                 float* gram)
{
    BitlatheCudaContext& context = call.context();
    const std::int64_t valueBytes = bf16 ? 2 : 4;
    for (std::int64_t first = 0; first < cols && call.good(); first += kGramPart) {
        const std::int64_t end = std::min(cols, first + kGramPart);
        // Column-major, x is [stride, rows] and gram's rows first ... end are columns of height end.
        Product product;
        product.bf16 = bf16;
        product.transposeB = true;
        product.m = end;
        product.n = end - first;
        product.k = rows;
        product.a = x;
        product.strideA = stride;
        product.b = static_cast<const char*>(x) + first * valueBytes;
        product.strideB = stride;
        product.c = gram + first * cols;
        product.strideC = cols;
        product.beta = 1.0F;
        call.check(context.blas.multiply(product, context.blasMemory, kBlasBytes, context.stream));
    }
}

/// A block copies a tile of the lower half to its mirror, through shared memory, so that both are read and written in
/// whole lines.
__global__ void mirrorTiles(float* matrix, std::int64_t cols)
{
    __shared__ float tile[kTile][kTile + 1];
    if (blockIdx.x > blockIdx.y) {
        return;
    }
    const std::int64_t fromRow = std::int64_t{blockIdx.y} * kTile;
    const std::int64_t fromCol = std::int64_t{blockIdx.x} * kTile;
    for (int row = static_cast<int>(threadIdx.y); row < kTile; row += kTileRows) {
        if (fromRow + row < cols && fromCol + threadIdx.x < cols) {
            tile[row][threadIdx.x] = matrix[(fromRow + row) * cols + fromCol + threadIdx.x];
        }
    }
    __syncthreads();
    for (int row = static_cast<int>(threadIdx.y); row < kTile; row += kTileRows) {
        const std::int64_t i = fromCol + row;         // The row that is written ...
        const std::int64_t j = fromRow + threadIdx.x; // ... and its column.
        if (i < cols && j < cols && j > i) {
            matrix[i * cols + j] = tile[threadIdx.x][row];
        }
    }
}

struct Channel
{
    float minimum;
    float maximum;
    float absMaximum;
    double sum;
    double absSum;

    __device__ void add(const Channel& other)
    {
        minimum = fminf(minimum, other.minimum);
        maximum = fmaxf(maximum, other.maximum);
        absMaximum = fmaxf(absMaximum, other.absMaximum);
        sum += other.sum;
        absSum += other.absSum;
    }
};

/// A block takes kTile columns; its threads of one column take every kChannelRows-th row, and their parts are added in
/// one order.
__global__ void __launch_bounds__(kTile* kChannelRows)
    foldChannels(const float* x, std::int64_t rows, std::int64_t cols, BitlatheCudaChannels stats)
{
    __shared__ Channel parts[kChannelRows][kTile];
    const std::int64_t col = std::int64_t{blockIdx.x} * kTile + threadIdx.x;
    Channel own{INFINITY, -INFINITY, 0.0F, 0.0, 0.0};
    if (col < cols) {
#pragma unroll 8
        for (std::int64_t row = threadIdx.y; row < rows; row += kChannelRows) {
            const float value = x[row * cols + col];
            own.add({value, value, fabsf(value), static_cast<double>(value), fabs(static_cast<double>(value))});
        }
    }
    parts[threadIdx.y][threadIdx.x] = own;
    __syncthreads();
    if (threadIdx.y != 0 || col >= cols) {
        return;
    }
    Channel total{stats.minimum[col], stats.maximum[col], stats.absMaximum[col], stats.sum[col], stats.absSum[col]};
    for (int part = 0; part < kChannelRows; ++part) {
        total.add(parts[part][threadIdx.x]);
    }
    stats.minimum[col] = total.minimum;
    stats.maximum[col] = total.maximum;
    stats.absMaximum[col] = total.absMaximum;
    stats.sum[col] = total.sum;
    stats.absSum[col] = total.absSum;
}

} // namespace statistics_cu

std::int32_t accumulateGram(BitlatheCudaContext* context, std::int32_t bf16, const float* x, std::int64_t rows,
                            std::int64_t cols, float* gram)
{
    Call call(context, "accumulateGram");
    if (bf16 == 0) {
        if (call.good() && rows > 0) {
            addProducts(call, false, x, rows, cols, cols, gram);
        }
        return call.status();
    }
    const std::int64_t stride = (cols + kPadding - 1) / kPadding * kPadding;
    const std::int64_t atOnce = static_cast<std::int64_t>(kScratchBytes) / (2 * stride);
    for (std::int64_t row = 0; row < rows && call.good(); row += atOnce) {
        const std::int64_t part = std::min(atOnce, rows - row);
        call.check(roundInput({}, x + row * cols, part, cols, static_cast<__nv_bfloat16*>(context->scratch), stride,
                              call.queue()));
        addProducts(call, true, context->scratch, part, cols, stride, gram);
    }
    return call.status();
}

std::int32_t mirrorLower(BitlatheCudaContext* context, float* matrix, std::int64_t cols)
{
    Call call(context, "mirrorLower");
    if (call.good() && cols > 0) {
        const auto tiles = static_cast<unsigned>((cols + kTile - 1) / kTile);
        mirrorTiles<<<dim3(tiles, tiles), dim3(kTile, kTileRows), 0, call.stream()>>>(matrix, cols);
        call.checkLaunch();
    }
    return call.status();
}

std::int32_t accumulateChannels(BitlatheCudaContext* context, const float* x, std::int64_t rows, std::int64_t cols,
                                const BitlatheCudaChannels* stats)
{
    Call call(context, "accumulateChannels");
    if (call.good() && cols > 0) {
        const auto blocks = static_cast<unsigned>((cols + kTile - 1) / kTile);
        foldChannels<<<blocks, dim3(kTile, kChannelRows), 0, call.stream()>>>(x, rows, cols, *stats);
        call.checkLaunch();
    }
    return call.status();
}

} // namespace bitlathe::cuda
