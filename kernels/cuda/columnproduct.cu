// SPDX-License-Identifier: Apache-2.0
// A product in f32 whose sums run in order: no part of a sum is made elsewhere and added later.
#include "kernels/cuda/columns.h"

namespace bitlathe::cuda
{

namespace
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

/// What a thread brings of the next tiles.
struct Loaded
{
    float a[kLoads];
    float b[kLoads];

    __device__ void load(const OrderedProduct& p, std::int64_t row0, std::int64_t col0, std::int64_t k0)
    {
#pragma unroll
        for (int i = 0; i < kLoads; ++i) {
            const int at = static_cast<int>(threadIdx.x) + i * kThreads;
            const std::int64_t row = row0 + at / kDepth;
            const std::int64_t depth = k0 + at % kDepth;
            a[i] = row < p.rows && depth < p.depth ? p.a[row * p.strideA + depth] : 0.0F;
            const std::int64_t k = k0 + at / kTile;
            const std::int64_t col = col0 + at % kTile;
            b[i] = k < p.depth && col < p.cols ? p.b[k * p.strideB + col] : 0.0F;
        }
    }
    __device__ void store(Tiles& tiles, int part) const
    {
#pragma unroll
        for (int i = 0; i < kLoads; ++i) {
            const int at = static_cast<int>(threadIdx.x) + i * kThreads;
            tiles.a[part][at % kDepth][at / kDepth] = a[i];
            tiles.b[part][at / kTile][at % kTile] = b[i];
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

__global__ void __launch_bounds__(kThreads) multiplyOrdered(const OrderedProduct p)
{
    __shared__ __align__(16) Tiles tiles;
    const std::int64_t row0 = std::int64_t{blockIdx.y} * kTile;
    const std::int64_t col0 = std::int64_t{blockIdx.x} * kTile;
    if (p.lowerOnly && col0 > row0) {
        return;
    }
    const int down = static_cast<int>(threadIdx.x) / 16;
    const int right = static_cast<int>(threadIdx.x) % 16;
    float sums[kSide][kSide];
#pragma unroll
    for (int i = 0; i < kSide; ++i) {
#pragma unroll
        for (int j = 0; j < kSide; ++j) {
            const std::int64_t row = row0 + placeOf(down, i);
            const std::int64_t col = col0 + placeOf(right, j);
            sums[i][j] = row < p.rows && col < p.cols ? p.c[row * p.strideC + col] : 0.0F;
        }
    }
    Loaded next;
    next.load(p, row0, col0, 0);
    next.store(tiles, 0);
    __syncthreads();
    int part = 0;
    for (std::int64_t k0 = 0; k0 < p.depth; k0 += kDepth, part ^= 1) {
        const bool more = k0 + kDepth < p.depth;
        if (more) {
            next.load(p, row0, col0, k0 + kDepth);
        }
        if (k0 + kDepth <= p.depth) {
#pragma unroll
            for (int k = 0; k < kDepth; ++k) {
                multiplyStep(tiles, part, k, sums);
            }
        } else {
            for (int k = 0; k < p.depth - k0; ++k) {
                multiplyStep(tiles, part, k, sums);
            }
        }
        if (more) {
            next.store(tiles, part ^ 1);
        }
        __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < kSide; ++i) {
#pragma unroll
        for (int j = 0; j < kSide; ++j) {
            const std::int64_t row = row0 + placeOf(down, i);
            const std::int64_t col = col0 + placeOf(right, j);
            if (row < p.rows && col < p.cols) {
                p.c[row * p.strideC + col] = sums[i][j];
            }
        }
    }
}

} // namespace

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
