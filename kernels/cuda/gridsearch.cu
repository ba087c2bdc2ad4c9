// SPDX-License-Identifier: Apache-2.0
// Grids of a group for many rows, and the sweep with them.
#include "kernels/cuda/columnwalk.cuh"
#include "kernels/cuda/gridsearch.h"

#include <cuda_fp16.h>

#include <algorithm>

namespace bitlathe::cuda
{

namespace
{

using kernels::GridRule;
using kernels::ScaleType;

/// Warps of a search; each tries grids of its own.
constexpr int kWarpsMost = 14;
/// Shared memory of a search where it brings more warps to work.
constexpr std::size_t kSharedMost = 200 << 10;
constexpr int kLossesMost = kernels::RangeTries::kMost + 1;

__device__ float roundedScale(float value, ScaleType type)
{
    switch (type) {
    case ScaleType::F16: return __half2float(__float2half_rn(value));
    case ScaleType::Bf16: return __bfloat162float(__float2bfloat16_rn(value));
    case ScaleType::F32: break;
    }
    return value;
}

struct Grid
{
    float scale = 1.0F;
    float zero = 0.0F;
    bool coarse = false;
};

__device__ Grid gridOver(float low, float high, float ratio, const GridRule& rule)
{
    const auto grid = kernels::gridOver(low * ratio, high * ratio, rule,
                                        [&rule](float scale) { return roundedScale(scale, rule.scaleType); });
    return {grid.scale, static_cast<float>(grid.zero), grid.scaleCoarse};
}

__device__ float stepOf(float target, const Grid& grid, float maxCode)
{
    return rintf(fminf(fmaxf(0.0F - grid.zero, target / grid.scale), maxCode - grid.zero));
}

/// What the grid leaves of one column.
__device__ float lossOf(float target, float value, float original, bool relative)
{
    const float wrong = target - value;
    float change = wrong * wrong;
    if (relative) {
        const float before = target - original;
        change -= before * before;
    }
    return change;
}

/// One row's view of a task.
struct SearchRow
{
    const GridSearchTask& task;
    std::int64_t row;
    float* errors; ///< [cols][kWarp] in shared memory, this lane's.

    __device__ std::int64_t placeOf(int col) const { return task.places != nullptr ? task.places[col] : col; }

    /// visit(col, target, original) for every column, where nothing is rounded or where it gives the error.
    template <class Visit>
    __device__ __forceinline__ void visit(const Visit& visit) const
    {
        if (task.factor == nullptr) {
#pragma unroll 4
            for (int col = 0; col < task.cols; ++col) {
                const std::int64_t at = placeOf(col) * task.rows + row;
                visit(static_cast<int>(placeOf(col)), task.state[at], task.original[at]);
            }
            return;
        }
        walkColumns(
            task.factor, task.cols, errors, kWarp,
            [&](int col, float& state, float& original) {
                state = task.state[col * task.rows + row];
                original = task.original[col * task.rows + row];
            },
            visit);
    }

    __device__ float lossWith(const Grid& grid) const
    {
        const auto maxCode = static_cast<float>(task.rule.maxCode());
        float loss = 0.0F;
        visit([&](int col, float target, float original) {
            const float value = stepOf(target, grid, maxCode) * grid.scale;
            loss = fmaf(task.weight[col], lossOf(target, value, original, task.relativeLoss), loss);
            return original - value;
        });
        return loss;
    }

    /// The range of the targets, were nothing rounded.
    __device__ void range(float& low, float& high) const
    {
        low = 0.0F;
        high = 0.0F;
        visit([&](int, float target, float original) {
            low = fminf(low, target);
            high = fmaxf(high, target);
            return original - target;
        });
    }

    __device__ Grid moved(Grid grid, int move) const
    {
        kernels::moveGrid(grid.scale, grid.zero, task.moves.factors[move], task.moves.shifts[move], task.rule,
                          [this](float scale) { return roundedScale(scale, task.rule.scaleType); });
        return grid;
    }
};

/// All warps have the same rows. The grids over shares of the range are dealt to them; what follows one after the other
/// all of them do alike, and the first one keeps.
__global__ void __launch_bounds__(kWarpsMost* kWarp) searchRows(const __grid_constant__ GridSearchTask task)
{
    extern __shared__ float shared[];
    const int lane = static_cast<int>(threadIdx.x);
    const int warp = static_cast<int>(threadIdx.y);
    const int warps = static_cast<int>(blockDim.y);
    const std::int64_t own = std::int64_t{blockIdx.x} * kWarp + lane;
    const bool exists = own < task.rows;
    float* losses = shared;
    float* errors = shared + kLossesMost * kWarp + (task.factor != nullptr ? warp * task.cols * kWarp : 0) + lane;
    const SearchRow row{task, exists ? own : task.rows - 1, errors};
    Grid best;
    float least = 0.0F;
    if (task.isNear) {
        best = {task.scales[row.row], task.zeros[row.row], task.coarse[row.row] != 0};
        least = row.lossWith(best);
    } else {
        float low = 0.0F;
        float high = 0.0F;
        row.range(low, high);
        best = gridOver(low, high, 1.0F, task.rule);
        if (task.tries.count > 0) {
            for (int i = warp; i <= task.tries.count; i += warps) {
                const Grid grid = i == 0 ? best : gridOver(low, high, task.tries.ratios[i - 1], task.rule);
                losses[i * kWarp + lane] = row.lossWith(grid);
            }
            __syncthreads();
            int first = 0;
            for (int i = 1; i <= task.tries.count; ++i) {
                first = losses[i * kWarp + lane] < losses[first * kWarp + lane] ? i : first;
            }
            least = losses[first * kWarp + lane];
            best = first == 0 ? best : gridOver(low, high, task.tries.ratios[first - 1], task.rule);
        }
    }
    for (int i = 0; i < task.moves.count; ++i) {
        const Grid grid = row.moved(best, i);
        const float loss = row.lossWith(grid);
        if (loss < least) {
            least = loss;
            best = grid;
        }
    }
    __syncthreads(); // All warps have read the grids that were there.
    if (warp == 0 && exists) {
        task.scales[own] = best.scale;
        task.zeros[own] = best.zero;
        task.coarse[own] = best.coarse ? 1 : 0;
    }
}

/// A warp sweeps its rows.
__global__ void __launch_bounds__(kWarp) sweepRows(const __grid_constant__ SweepTask task)
{
    __shared__ float errors[kBlockCols * kWarp];
    const int lane = static_cast<int>(threadIdx.x);
    const std::int64_t row = std::int64_t{blockIdx.x} * kWarp + lane;
    if (row >= task.rows) {
        return;
    }
    const auto start = [&](int col, float& state, float& original) {
        state = task.state[col * task.rows + row];
        original = task.original[col * task.rows + row];
    };
    if (task.scales == nullptr) {
        walkColumns(task.factor, task.cols, errors + lane, kWarp, start, [&](int col, float target, float original) {
            task.state[col * task.rows + row] = target;
            const float error = original - target;
            task.errors[col * task.rows + row] = error;
            return error;
        });
        return;
    }
    std::int32_t group = -1;
    Grid grid;
    walkColumns(task.factor, task.cols, errors + lane, kWarp, start, [&](int col, float target, float original) {
        if (task.groups[col] != group) {
            group = task.groups[col];
            grid.scale = task.scales[group * task.rows + row];
            grid.zero = task.zeros[group * task.rows + row];
        }
        const float step = stepOf(target, grid, task.maxCode);
        const float error = original - step * grid.scale;
        task.codes[col * task.rows + row] = static_cast<std::uint8_t>(step + grid.zero);
        task.errors[col * task.rows + row] = error;
        return error;
    });
}

__global__ void transposeTile(const float* from, std::int64_t stride, int cols, float* to)
{
    __shared__ float tile[kWarp][kWarp + 1];
    const int first = static_cast<int>(blockIdx.y) * kWarp;  // Of c.
    const int behind = static_cast<int>(blockIdx.x) * kWarp; // Of k.
    const int x = static_cast<int>(threadIdx.x);
    for (int y = static_cast<int>(threadIdx.y); y < kWarp; y += static_cast<int>(blockDim.y)) {
        const int c = first + y;
        const int k = behind + x;
        tile[y][x] = c < cols && k < c ? from[c * stride + k] : 0.0F;
    }
    __syncthreads();
    for (int y = static_cast<int>(threadIdx.y); y < kWarp; y += static_cast<int>(blockDim.y)) {
        to[(behind + y) * kFactorStride + first + x] = tile[x][y];
    }
}

unsigned warpsFor(std::int64_t rows)
{
    return static_cast<unsigned>((rows + kWarp - 1) / kWarp);
}

} // namespace

void searchGrids(Call& call, const GridSearchTask& task)
{
    if (!call.good() || task.rows == 0) {
        return;
    }
    const std::size_t losses = std::size_t{kLossesMost} * kWarp * sizeof(float);
    const std::size_t bytesOfWarp =
        task.factor != nullptr ? static_cast<std::size_t>(task.cols) * kWarp * sizeof(float) : 0;
    int sharedMost = 0;
    call.check(cudaDeviceGetAttribute(&sharedMost, cudaDevAttrMaxSharedMemoryPerBlockOptin, call.context().device));
    const std::size_t room = std::min(kSharedMost, static_cast<std::size_t>(sharedMost));
    auto warps = static_cast<std::size_t>(std::min(kWarpsMost, task.tries.count + 1));
    if (bytesOfWarp > 0) {
        warps = std::min(warps, std::max<std::size_t>(1, (room - losses) / bytesOfWarp));
    }
    const std::size_t bytes = losses + warps * bytesOfWarp;
    if (call.check(
            cudaFuncSetAttribute(searchRows, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)))) {
        searchRows<<<warpsFor(task.rows), dim3(kWarp, static_cast<unsigned>(warps)), bytes, call.stream()>>>(task);
        call.checkLaunch();
    }
}

void sweepBlock(Call& call, const SweepTask& task)
{
    if (call.good() && task.rows > 0 && task.cols > 0) {
        sweepRows<<<warpsFor(task.rows), kWarp, 0, call.stream()>>>(task);
        call.checkLaunch();
    }
}

void transposeFactor(Call& call, const float* from, std::int64_t stride, int cols, float* to)
{
    if (call.good()) {
        const unsigned tiles = kFactorStride / kWarp;
        transposeTile<<<dim3(tiles, tiles), dim3(kWarp, 8), 0, call.stream()>>>(from, stride, cols, to);
        call.checkLaunch();
    }
}

} // namespace bitlathe::cuda
