// SPDX-License-Identifier: Apache-2.0
// The factor of a Hessian, by blocks of columns: the block on the diagonal in f64, what lies below it solved against
// it, and the rest less their product. The same steps in the same order as on the processor.
#include "kernels/cuda/columnwalk.cuh"
#include "kernels/cuda/operations.h"
#include "kernels/sweep.h"

namespace bitlathe::cuda
{

inline namespace factor_cu
{

constexpr int kThreads = 256;
constexpr int kParts = kBlockCols / kWarp; ///< Elements of a block, by thread and direction.
constexpr int kPitch = kWarp + 1;
constexpr int kStripsBytes = stripStart(kParts) * 4; ///< Of a whole block.
constexpr int kSolveBytes = kStripsBytes + kBlockCols * kPitch * 4;
static_assert(kStrip == kWarp);

/// Where factorColumns keeps what it needs between its steps, in the scratch.
struct FactorScratch
{
    float* scaled;   ///< [kBlockCols][kFactorStride] rows of the block over their diagonal, transposed.
    float* diagonal; ///< [kBlockCols]
    std::int32_t* failed;
    std::int32_t* columns; ///< [cols]
    double* least;         ///< [cols] the smallest pivot that is taken for one.
    float* negated;        ///< [kBlockCols][rows below the block]

    FactorScratch(void* memory, std::int64_t cols)
    {
        auto* bytes = static_cast<char*>(memory);
        const auto take = [&bytes](std::int64_t count) {
            char* taken = bytes;
            bytes += (count + 255) / 256 * 256;
            return taken;
        };
        scaled = reinterpret_cast<float*>(take(kStripsBytes));
        diagonal = reinterpret_cast<float*>(take(kBlockCols * 4));
        failed = reinterpret_cast<std::int32_t*>(take(4));
        columns = reinterpret_cast<std::int32_t*>(take(cols * 4));
        least = reinterpret_cast<double*>(take(cols * 8));
        negated = reinterpret_cast<float*>(bytes);
    }
    /// Bytes for a matrix of so many columns.
    static std::uint64_t bytes(std::int64_t cols)
    {
        return static_cast<std::uint64_t>(kStripsBytes + cols * (kBlockCols * 4 + 12) + 2048);
    }
};

/// The lower triangle of the matrix from its last place to its first.
__global__ void gatherReversed(const float* matrix, const std::int32_t* columns, std::int64_t n, std::int64_t stride,
                               double added, float* out, double* least)
{
    const std::int64_t i = blockIdx.x;
    const std::int64_t j = std::int64_t{blockIdx.y} * kThreads + threadIdx.x;
    if (j > i) {
        return;
    }
    const float* row = matrix + std::int64_t{columns[n - 1 - i]} * n;
    float value = row[columns[n - 1 - j]];
    if (i == j) {
        value = static_cast<float>(static_cast<double>(value) + added);
        least[i] = kernels::kPivotMin * static_cast<double>(value);
    }
    out[i * stride + j] = value;
}

/// One block of threads factors a block of columns; thread (x, y) has the elements [y + 32 a][x + 32 b].
__global__ void __launch_bounds__(kWarp* kWarp)
    factorDiagonal(float* block, std::int64_t stride, int count, const double* least, FactorScratch scratch)
{
    __shared__ double column[2][kBlockCols];
    __shared__ float diagonal[kBlockCols];
    __shared__ double pivot;
    const int x = static_cast<int>(threadIdx.x);
    const int y = static_cast<int>(threadIdx.y);
    double value[kParts][kParts];
#pragma unroll
    for (int a = 0; a < kParts; ++a) {
#pragma unroll
        for (int b = 0; b < kParts; ++b) {
            const int i = y + kWarp * a;
            const int j = x + kWarp * b;
            value[a][b] = i < count && j <= i ? static_cast<double>(block[i * stride + j]) : 0.0;
        }
    }
#pragma unroll
    for (int part = 0; part < kParts; ++part) {
        for (int own = 0; own < kWarp; ++own) {
            const int k = part * kWarp + own;
            if (k >= count) {
                break;
            }
            if (x == own && y == own) {
                const double sum = value[part][part];
                if (!(sum > least[k]) || !(sum > 0) || !isfinite(sum)) {
                    *scratch.failed = 1;
                }
                pivot = sqrt(sum);
                value[part][part] = pivot;
            }
            __syncthreads();
            double* current = column[k % 2];
            if (x == own) {
#pragma unroll
                for (int a = 0; a < kParts; ++a) {
                    if (y + kWarp * a > k) {
                        value[a][part] /= pivot;
                        current[y + kWarp * a] = value[a][part];
                    }
                }
            }
            __syncthreads();
#pragma unroll
            for (int b = part; b < kParts; ++b) {
#pragma unroll
                for (int a = b; a < kParts; ++a) {
                    const int i = y + kWarp * a;
                    const int j = x + kWarp * b;
                    if (j > k && i >= j) {
                        value[a][b] -= current[i] * current[j];
                    }
                }
            }
        }
    }
#pragma unroll
    for (int a = 0; a < kParts; ++a) {
        if (x == y) {
            diagonal[y + kWarp * a] = static_cast<float>(value[a][a]);
        }
    }
    __syncthreads();
#pragma unroll
    for (int a = 0; a < kParts; ++a) {
#pragma unroll
        for (int b = 0; b < kParts; ++b) {
            const int i = y + kWarp * a;
            const int j = x + kWarp * b;
            const auto rounded = static_cast<float>(value[a][b]);
            if (i < count && j <= i) {
                block[i * stride + j] = rounded;
            }
            if (b <= a) {
                scratch.scaled[stripStart(a) + j * kStrip + y] = i < count && j < i ? rounded / diagonal[i] : 0.0F;
            }
            if (i == j) {
                scratch.diagonal[i] = diagonal[i];
            }
        }
    }
}

/// A warp takes 32 rows below a block: solved against it, and kept negated for the product.
__global__ void __launch_bounds__(kWarp)
    solveRows(float* below, std::int64_t stride, std::int64_t rows, int count, FactorScratch scratch)
{
    extern __shared__ __align__(16) float shared[];
    float* strips = shared;
    float* panel = shared + kStripsBytes / 4;
    const int lane = static_cast<int>(threadIdx.x);
    const std::int64_t first = std::int64_t{blockIdx.x} * kWarp;
    const int most = static_cast<int>(rows - first < kWarp ? rows - first : kWarp);
    loadStrips(scratch.scaled, count, strips);
    for (int col = lane; col < count; col += kWarp) {
        const float diagonal = scratch.diagonal[col];
#pragma unroll 8
        for (int row = 0; row < most; ++row) {
            panel[col * kPitch + row] = below[(first + row) * stride + col] / diagonal;
        }
    }
    __syncwarp();
    float* own = panel + lane;
    if (lane < most) {
        walkColumns<1>(
            strips, count, own, kPitch, [&](int col, float& state, float&) { state = own[col * kPitch]; },
            [](int, int, float target, float) { return 0.0F - target; });
#pragma unroll 8
        for (int col = 0; col < count; ++col) {
            scratch.negated[col * rows + first + lane] = own[col * kPitch];
        }
    }
    __syncwarp();
    for (int col = lane; col < count; col += kWarp) {
#pragma unroll 8
        for (int row = 0; row < most; ++row) {
            below[(first + row) * stride + col] = 0.0F - panel[col * kPitch + row];
        }
    }
}

/// Exchanges [i][j] and [n - 1 - j][n - 1 - i] in the lower triangle.
__global__ void transposeAcross(float* matrix, std::int64_t n, std::int64_t stride)
{
    const std::int64_t i = blockIdx.x;
    const std::int64_t j = std::int64_t{blockIdx.y} * kThreads + threadIdx.x;
    if (j <= i && i + j < n - 1) {
        float& other = matrix[(n - 1 - j) * stride + n - 1 - i];
        const float value = matrix[i * stride + j];
        matrix[i * stride + j] = other;
        other = value;
    }
}

/// Rows over their diagonal, whose squares are the weights.
__global__ void divideRows(float* matrix, std::int64_t stride, float* weight)
{
    const std::int64_t c = blockIdx.x;
    float* row = matrix + c * stride;
    const float diagonal = row[c];
    __syncthreads(); // It is overwritten with zero below.
    if (threadIdx.x == 0) {
        weight[c] = diagonal * diagonal;
    }
    for (std::int64_t k = threadIdx.x; k < stride; k += kThreads) {
        row[k] = k < c ? row[k] / diagonal : 0.0F;
    }
}

void factorBlocks(Call& call, float* factor, std::int64_t cols, std::int64_t stride, const FactorScratch& scratch)
{
    for (std::int64_t first = 0; first < cols && call.good(); first += kBlockCols) {
        const int count = static_cast<int>(cols - first < kBlockCols ? cols - first : kBlockCols);
        float* block = factor + first * stride + first;
        factorDiagonal<<<1, dim3(kWarp, kWarp), 0, call.stream()>>>(block, stride, count, scratch.least + first,
                                                                    scratch);
        call.checkLaunch();
        const std::int64_t rows = cols - first - count;
        if (rows == 0) {
            return;
        }
        float* below = block + count * stride;
        const auto warps = static_cast<unsigned>((rows + kWarp - 1) / kWarp);
        solveRows<<<warps, kWarp, kSolveBytes, call.stream()>>>(below, stride, rows, count, scratch);
        call.checkLaunch();
        OrderedProduct product;
        product.a = below;
        product.strideA = stride;
        product.b = scratch.negated;
        product.strideB = rows;
        product.c = below + count;
        product.strideC = stride;
        product.rows = product.cols = rows;
        product.depth = count;
        product.lowerOnly = true;
        addOrdered(call, product);
    }
}

} // namespace factor_cu

std::int32_t factorColumns(BitlatheCudaContext* context, std::int64_t cols, const float* matrix,
                           const std::int32_t* hostColumns, double added, float* factor, float* weight,
                           std::int32_t* positive)
{
    *positive = 0;
    Call call(context, "factorColumns");
    if (FactorScratch::bytes(cols) > kScratchBytes) {
        call.check(std::string("a Hessian of more columns than the scratch memory is for"));
    }
    if (!call.good() || cols == 0) {
        return call.status();
    }
    call.check(cudaFuncSetAttribute(solveRows, cudaFuncAttributeMaxDynamicSharedMemorySize, kSolveBytes));
    const FactorScratch scratch(context->scratch, cols);
    const std::int64_t stride = kernels::paddedStride(cols);
    const dim3 triangle(static_cast<unsigned>(cols), static_cast<unsigned>((cols + kThreads - 1) / kThreads));
    uploadBytes(call, hostColumns, scratch.columns, static_cast<std::uint64_t>(cols) * sizeof(std::int32_t));
    call.check(cudaMemsetAsync(scratch.failed, 0, sizeof(std::int32_t), call.stream()));
    gatherReversed<<<triangle, kThreads, 0, call.stream()>>>(matrix, scratch.columns, cols, stride, added, factor,
                                                             scratch.least);
    call.checkLaunch();
    factorBlocks(call, factor, cols, stride, scratch);
    transposeAcross<<<triangle, kThreads, 0, call.stream()>>>(factor, cols, stride);
    call.checkLaunch();
    divideRows<<<static_cast<unsigned>(cols), kThreads, 0, call.stream()>>>(factor, stride, weight);
    call.checkLaunch();
    std::int32_t failed = 1;
    call.check(cudaMemcpyAsync(&failed, scratch.failed, sizeof(failed), cudaMemcpyDeviceToHost, call.stream()));
    call.check(cudaStreamSynchronize(call.stream()));
    *positive = call.good() && failed == 0 ? 1 : 0;
    return call.status();
}

} // namespace bitlathe::cuda
