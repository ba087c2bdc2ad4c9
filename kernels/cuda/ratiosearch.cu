// SPDX-License-Identifier: Apache-2.0
// The search for the range of each group that leaves the least energy: a warp holds 16 rows of a group, rounds them
// under one ratio after the other, and multiplies their errors with the group's block of the matrix on tensor cores.
#include "kernels/cuda/context.h"
#include "kernels/cuda/grid.cuh"
#include "kernels/cuda/gridsearch.h"
#include "kernels/cuda/operations.h"
#include "kernels/groups.h"

#include <mma.h>

#include <algorithm>

namespace bitlathe::cuda
{

inline namespace ratiosearch_cu
{

using kernels::kEnergyBlock;
using kernels::kRatiosMost;

constexpr int kTile = 16;         ///< Rows, columns and depth of a product of a warp, and rows of a warp.
constexpr int kWarpsMost = 4;     ///< Of a block.
constexpr int kRoundedPad = 8;    ///< Keeps rows of rounded errors in different banks.
constexpr int kProductPitch = 20; ///< The same for products.

struct RatioTask
{
    std::int64_t rows;
    std::int64_t cols;
    std::int64_t width;
    std::int64_t groupSize;
    std::int64_t groups;
    std::int64_t firstGroup;     ///< Groups before it are done.
    const float* weights;        ///< Of the first column that is looked at.
    const __nv_bfloat16* blocks; ///< From firstGroup on: of each group its blocks, [pitch, pitch], zero beyond its end.
    int blocksOfGroup;
    int pitch; ///< The widest block, in whole tiles.
    kernels::GridRule rule;
    int count;
    float ratios[kRatiosMost];
    std::uint8_t* best; ///< [rows, groups]
};

/// Copies the blocks on the diagonal of groups, one a block of threads, rounded and padded.
__global__ void roundBlocks(const __grid_constant__ RatioTask task, const float* matrix, std::int64_t first,
                            __nv_bfloat16* to)
{
    const std::int64_t group = task.firstGroup + blockIdx.x / task.blocksOfGroup;
    const std::int64_t from = blockIdx.x % task.blocksOfGroup * kEnergyBlock;
    const std::int64_t inGroup = min(task.groupSize, task.width - group * task.groupSize);
    const auto cols = static_cast<int>(max(std::int64_t{0}, min(kEnergyBlock, inGroup - from)));
    const std::int64_t corner = first + group * task.groupSize + from;
    to += std::int64_t{blockIdx.x} * task.pitch * task.pitch;
    for (int row = static_cast<int>(threadIdx.y); row < task.pitch; row += static_cast<int>(blockDim.y)) {
        for (int col = static_cast<int>(threadIdx.x); col < task.pitch; col += kWarp) {
            const bool exists = row < cols && col < cols;
            to[row * task.pitch + col] =
                __float2bfloat16_rn(exists ? matrix[(corner + row) * task.cols + corner + col] : 0.0F);
        }
    }
}

/// What a warp has in shared memory.
struct WarpRoom
{
    float* errors;          ///< [kTile, pitch]
    float* product;         ///< [kTile, kProductPitch]
    float* energies;        ///< [kRatiosMost, kTile]
    float* ends;            ///< [2, kTile] of the rows' ranges.
    __nv_bfloat16* rounded; ///< [kTile, pitch + kRoundedPad] errors again.

    __device__ WarpRoom(unsigned char* memory, int pitch)
    {
        errors = reinterpret_cast<float*>(memory);
        product = errors + kTile * pitch;
        energies = product + kTile * kProductPitch;
        ends = energies + kRatiosMost * kTile;
        rounded = reinterpret_cast<__nv_bfloat16*>(ends + 2 * kTile);
    }
    __host__ __device__ static constexpr int bytes(int pitch)
    {
        return kTile * (4 * pitch + 4 * kProductPitch + 4 * kRatiosMost + 8 + 2 * (pitch + kRoundedPad));
    }
};

/// 16 rows of a group.
struct RatioRows
{
    const RatioTask& task;
    const WarpRoom& room;
    const float* weights; ///< Of the first row's first column in the group.
    int rows;             ///< That exist.
    std::int64_t width;   ///< Of the group.

    __device__ void findRanges() const
    {
        for (int row = 0; row < kTile; ++row) {
            float low = 0.0F;
            float high = 0.0F;
            const float* values = weights + row * task.cols;
            if (row < rows) {
                warpRange(
                    width, [values](std::int64_t i) { return values[i]; }, low, high);
            }
            if (threadIdx.x == 0) {
                room.ends[row] = low;
                room.ends[kTile + row] = high;
            }
        }
        __syncwarp();
    }

    /// Fills the errors of columns [from, from + pitch) under a ratio; zero where there are no weights.
    __device__ void leaveErrors(std::int64_t from, float ratio) const
    {
        const int own = static_cast<int>(threadIdx.x) % kTile;
        const Grid ownGrid = gridOver(room.ends[own], room.ends[kTile + own], ratio, task.rule);
        const auto maxCode = static_cast<float>(task.rule.maxCode());
        __syncwarp(); // Products of the ratio before may still be read.
#pragma unroll 4
        for (int row = 0; row < kTile; ++row) {
            Grid grid;
            grid.scale = __shfl_sync(kAllLanes, ownGrid.scale, row);
            grid.zero = __shfl_sync(kAllLanes, ownGrid.zero, row);
            const float* values = weights + row * task.cols + from;
            for (int col = static_cast<int>(threadIdx.x); col < task.pitch; col += kWarp) {
                float error = 0.0F;
                if (row < rows && from + col < width) {
                    error = __fsub_rn(values[col], storedFor(values[col], grid, maxCode));
                }
                room.errors[row * task.pitch + col] = error;
                room.rounded[row * (task.pitch + kRoundedPad) + col] = __float2bfloat16_rn(error);
            }
        }
        __syncwarp();
    }

    /// The energy of a block for the row that two lanes share; for both.
    __device__ float energy(const __nv_bfloat16* block) const
    {
        using namespace nvcuda::wmma;
        const int row = static_cast<int>(threadIdx.x) / 2;
        const int half = static_cast<int>(threadIdx.x) % 2 * (kTile / 2);
        float sum = 0.0F;
        for (int col = 0; col < task.pitch; col += kTile) {
            fragment<accumulator, kTile, kTile, kTile, float> product;
            fill_fragment(product, 0.0F);
            for (int depth = 0; depth < task.pitch; depth += kTile) {
                fragment<matrix_a, kTile, kTile, kTile, __nv_bfloat16, row_major> errors;
                fragment<matrix_b, kTile, kTile, kTile, __nv_bfloat16, row_major> part;
                load_matrix_sync(errors, room.rounded + depth, static_cast<unsigned>(task.pitch + kRoundedPad));
                load_matrix_sync(part, block + depth * task.pitch + col, static_cast<unsigned>(task.pitch));
                mma_sync(product, errors, part, product);
            }
            __syncwarp(); // The product before may still be read.
            store_matrix_sync(room.product, product, kProductPitch, mem_row_major);
            __syncwarp();
#pragma unroll
            for (int i = 0; i < kTile / 2; ++i) {
                sum = fmaf(room.product[row * kProductPitch + half + i], room.errors[row * task.pitch + col + half + i],
                           sum);
            }
        }
        return sum + __shfl_xor_sync(kAllLanes, sum, 1);
    }

    /// The place of the first of the least energies of the row that a lane below 16 stands for.
    __device__ int best() const
    {
        const int row = static_cast<int>(threadIdx.x) % kTile;
        int first = 0;
        for (int i = 1; i < task.count; ++i) {
            first = room.energies[i * kTile + row] < room.energies[first * kTile + row] ? i : first;
        }
        return first;
    }
};

__global__ void __launch_bounds__(kWarpsMost* kWarp) searchRows(const __grid_constant__ RatioTask task)
{
    extern __shared__ __align__(32) unsigned char shared[];
    const WarpRoom room(shared + threadIdx.y * WarpRoom::bytes(task.pitch), task.pitch);
    const std::int64_t first = (std::int64_t{blockIdx.x} * blockDim.y + threadIdx.y) * kTile;
    if (first >= task.rows) {
        return;
    }
    const std::int64_t group = task.firstGroup + blockIdx.y;
    const std::int64_t start = group * task.groupSize;
    const RatioRows rows{task, room, task.weights + first * task.cols + start,
                         static_cast<int>(min(std::int64_t{kTile}, task.rows - first)),
                         min(task.groupSize, task.width - start)};
    const __nv_bfloat16* blocks = task.blocks + std::int64_t{blockIdx.y} * task.blocksOfGroup * task.pitch * task.pitch;
    const int lane = static_cast<int>(threadIdx.x);
    rows.findRanges();
    for (int i = 0; i < task.count; ++i) {
        float energy = 0.0F;
        for (int block = 0; block * kEnergyBlock < rows.width; ++block) {
            rows.leaveErrors(block * kEnergyBlock, task.ratios[i]);
            energy += rows.energy(blocks + std::int64_t{block} * task.pitch * task.pitch);
        }
        if (lane % 2 == 0) {
            room.energies[i * kTile + lane / 2] = energy;
        }
    }
    __syncwarp();
    if (lane < rows.rows) {
        task.best[(first + lane) * task.groups + group] = static_cast<std::uint8_t>(rows.best());
    }
}

void searchGroups(Call& call, const RatioTask& task, std::int64_t groups)
{
    int most = 0;
    call.check(cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, call.context().device));
    const int ofWarp = WarpRoom::bytes(task.pitch);
    const int warps = std::clamp(most / ofWarp, 1, kWarpsMost);
    const int bytes = warps * ofWarp;
    if (call.check(cudaFuncSetAttribute(searchRows, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes))) {
        const std::int64_t rows = std::int64_t{warps} * kTile;
        const dim3 grid(static_cast<unsigned>((task.rows + rows - 1) / rows), static_cast<unsigned>(groups));
        searchRows<<<grid, dim3(kWarp, static_cast<unsigned>(warps)), static_cast<unsigned>(bytes), call.stream()>>>(
            task);
        call.checkLaunch();
    }
}

} // namespace ratiosearch_cu

std::int32_t searchRatios(BitlatheCudaContext* context, const BitlatheCudaGroups* groups, const float* matrix,
                          const float* hostRatios, std::int32_t count, std::uint8_t* best)
{
    constexpr std::int64_t kGridMost = 65535;
    Call call(context, "searchRatios");
    if (!call.good() || groups->rows == 0 || groups->width == 0) {
        return call.status();
    }
    const std::int64_t widest = std::min({groups->groupSize, groups->width, kEnergyBlock});
    RatioTask task = {};
    task.rows = groups->rows;
    task.cols = groups->cols;
    task.width = groups->width;
    task.groupSize = std::min(groups->groupSize, groups->width);
    task.groups = (task.width + task.groupSize - 1) / task.groupSize;
    task.weights = groups->weights + groups->first;
    task.blocksOfGroup = static_cast<int>((task.groupSize + kEnergyBlock - 1) / kEnergyBlock);
    task.pitch = static_cast<int>((widest + kTile - 1) / kTile * kTile);
    task.rule = ruleOf(groups->rule);
    task.count = count;
    std::copy_n(hostRatios, count, task.ratios);
    task.best = best;
    auto* blocks = static_cast<__nv_bfloat16*>(call.context().scratch);
    task.blocks = blocks;
    const std::uint64_t ofGroup = std::uint64_t{2} * task.blocksOfGroup * task.pitch * task.pitch;
    const auto atOnce = std::min(kGridMost / task.blocksOfGroup, static_cast<std::int64_t>(kScratchBytes / ofGroup));
    if (atOnce == 0) {
        return BitlatheCudaOutOfMemory;
    }
    for (; task.firstGroup < task.groups && call.good(); task.firstGroup += atOnce) {
        const std::int64_t some = std::min(atOnce, task.groups - task.firstGroup);
        roundBlocks<<<static_cast<unsigned>(some * task.blocksOfGroup), dim3(kWarp, 8), 0, call.stream()>>>(
            task, matrix, groups->first, blocks);
        if (call.checkLaunch()) {
            searchGroups(call, task, some);
        }
    }
    return call.status();
}

} // namespace bitlathe::cuda
