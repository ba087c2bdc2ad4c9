// SPDX-License-Identifier: Apache-2.0
// A product in f32 whose sums run in order: no part of a sum is made elsewhere and added later.
#include "kernels/cuda/columns.h"

namespace bitlathe::cuda
{

inline namespace columnproduct_cu
{

constexpr int kTile = 128; ///< Of c, both ways.
constexpr int kDepth = 16; ///< Of a and b in shared memory.
constexpr int kThreads = 256;
constexpr int kSide = 8;    ///< A thread's part of the tile: two fours of rows by two fours of columns.
constexpr int kPadding = 4; ///< Of rows of a, which are stored column by column.
constexpr int kLoads = kTile * kDepth / kThreads;

struct Tiles
{
    float a[2][kDepth][kTile + kPadding];
    float b[2][kDepth][kTile];
};

/// What a thread brings of the next tiles: of a, one column and every kRowStep-th row, of b, one column and every
/// kDepthStep-th row.
constexpr int kRowStep = kThreads / kDepth;
constexpr int kDepthStep = kThreads / kTile;

struct Loader
{
    const float* a; ///< This thread's first.
    const float* b;
    std::int64_t strideA;
    std::int64_t strideB;
    int rowsLeft; ///< From the thread's own on, as these.
    int colsLeft;
    int depthLeftA;
    int depthLeftB;
    float ofA[kLoads];
    float ofB[kLoads];

    __device__ Loader(const OrderedProduct& p, std::int64_t row0, std::int64_t col0)
        : strideA(p.strideA), strideB(p.strideB)
    {
        const int row = static_cast<int>(threadIdx.x) / kDepth;
        const int depth = static_cast<int>(threadIdx.x) % kDepth;
        const int col = static_cast<int>(threadIdx.x) % kTile;
        const int k = static_cast<int>(threadIdx.x) / kTile;
        a = p.a + (row0 + row) * strideA + depth;
        b = p.b + k * strideB + col0 + col;
        rowsLeft = static_cast<int>(p.rows - row0) - row;
        colsLeft = static_cast<int>(p.cols - col0) - col;
        depthLeftA = static_cast<int>(p.depth) - depth;
        depthLeftB = static_cast<int>(p.depth) - k;
    }
    /// The tiles, and on to the next ones.
    __device__ void load()
    {
#pragma unroll
        for (int i = 0; i < kLoads; ++i) {
            ofA[i] = i * kRowStep < rowsLeft && depthLeftA > 0 ? a[i * kRowStep * strideA] : 0.0F;
            ofB[i] = i * kDepthStep < depthLeftB && colsLeft > 0 ? b[i * kDepthStep * strideB] : 0.0F;
        }
        a += kDepth;
        b += kDepth * strideB;
        depthLeftA -= kDepth;
        depthLeftB -= kDepth;
    }
    __device__ void store(Tiles& tiles, int part) const
    {
        const int row = static_cast<int>(threadIdx.x) / kDepth;
        const int depth = static_cast<int>(threadIdx.x) % kDepth;
        const int col = static_cast<int>(threadIdx.x) % kTile;
        const int k = static_cast<int>(threadIdx.x) / kTile;
#pragma unroll
        for (int i = 0; i < kLoads; ++i) {
            tiles.a[part][depth][row + i * kRowStep] = ofA[i];
            tiles.b[part][k + i * kDepthStep][col] = ofB[i];
        }
    }
};

/// Row or column of a thread's element i: two fours, half a tile apart.
__device__ int placeOf(int thread, int i)
{
    return thread * 4 + i % 4 + i / 4 * (kTile / 2);
}

__device__ void multiplyStep(const Tiles& tiles, int part, int k, float (&sums)[kSide][kSide])
{
    const int down = static_cast<int>(threadIdx.x) / 16;
    const int right = static_cast<int>(threadIdx.x) % 16;
    float a[kSide];
    float b[kSide];
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        const float4 fourA = *reinterpret_cast<const float4*>(&tiles.a[part][k][placeOf(down, half * 4)]);
        const float4 fourB = *reinterpret_cast<const float4*>(&tiles.b[part][k][placeOf(right, half * 4)]);
        a[half * 4] = fourA.x, a[half * 4 + 1] = fourA.y, a[half * 4 + 2] = fourA.z, a[half * 4 + 3] = fourA.w;
        b[half * 4] = fourB.x, b[half * 4 + 1] = fourB.y, b[half * 4 + 2] = fourB.z, b[half * 4 + 3] = fourB.w;
    }
#pragma unroll
    for (int i = 0; i < kSide; ++i) {
#pragma unroll
        for (int j = 0; j < kSide; ++j) {
            sums[i][j] = fmaf(a[i], b[j], sums[i][j]);
        }
    }
}

__global__ void __launch_bounds__(kThreads, 2) multiplyOrdered(const OrderedProduct p)
{
    __shared__ __align__(16) Tiles tiles;
    const std::int64_t row0 = std::int64_t{blockIdx.y} * kTile;
    const std::int64_t col0 = std::int64_t{blockIdx.x} * kTile;
    if (p.lowerOnly && col0 > row0) {
        return;
    }
    const int down = static_cast<int>(threadIdx.x) / 16;
    const int right = static_cast<int>(threadIdx.x) % 16;
    const int rowsLeft = static_cast<int>(p.rows - row0);
    const int colsLeft = static_cast<int>(p.cols - col0);
    float* c = p.c + row0 * p.strideC + col0;
    float sums[kSide][kSide];
#pragma unroll
    for (int i = 0; i < kSide; ++i) {
        const int row = placeOf(down, i);
#pragma unroll
        for (int j = 0; j < kSide; ++j) {
            const int col = placeOf(right, j);
            sums[i][j] = row < rowsLeft && col < colsLeft ? c[row * p.strideC + col] : 0.0F;
        }
    }
    Loader next(p, row0, col0);
    next.load();
    next.store(tiles, 0);
    __syncthreads();
    int part = 0;
    for (int left = static_cast<int>(p.depth); left > 0; left -= kDepth, part ^= 1) {
        if (left > kDepth) {
            next.load();
        }
        if (left >= kDepth) {
#pragma unroll
            for (int k = 0; k < kDepth; ++k) {
                multiplyStep(tiles, part, k, sums);
            }
        } else {
#pragma unroll 1
            for (int k = 0; k < left; ++k) {
                multiplyStep(tiles, part, k, sums);
            }
        }
        if (left > kDepth) {
            next.store(tiles, part ^ 1);
        }
        __syncthreads();
    }
    std::int64_t strideC = p.strideC;
    asm volatile("" : "+l"(strideC)); // Else all places of c stay in registers meanwhile, of which there are too few.
#pragma unroll
    for (int i = 0; i < kSide; ++i) {
        const int row = placeOf(down, i);
#pragma unroll
        for (int j = 0; j < kSide; ++j) {
            const int col = placeOf(right, j);
            if (row < rowsLeft && col < colsLeft) {
                c[row * strideC + col] = sums[i][j];
            }
        }
    }
}

} // namespace columnproduct_cu

void addOrdered(Call& call, const OrderedProduct& product)
{
    if (!call.good() || product.rows == 0 || product.cols == 0 || product.depth == 0) {
        return;
    }
    const dim3 grid(static_cast<unsigned>((product.cols + kTile - 1) / kTile),
                    static_cast<unsigned>((product.rows + kTile - 1) / kTile));
    multiplyOrdered<<<grid, kThreads, 0, call.stream()>>>(product);
    call.checkLaunch();
}

} // namespace bitlathe::cuda
