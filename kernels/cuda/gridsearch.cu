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
constexpr int kWarpsMost = 8;
constexpr int kSweepBytes = (stripStart(stripsOf(kBlockCols)) + kBlockCols * kWarp) * 4;
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
    const float* factor; ///< The task's, or where it was copied to.
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
            factor, task.cols, errors, kWarp,
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

/// copies: the factor goes to shared memory. All warps have the same rows. The grids over shares of the range are dealt
/// to them; what follows one after the other all of them do alike, and the first one keeps.
template <bool copies>
__global__ void __launch_bounds__(kWarpsMost* kWarp) searchRows(const __grid_constant__ GridSearchTask task)
{
    extern __shared__ __align__(16) float shared[];
    const int lane = static_cast<int>(threadIdx.x);
    const int warp = static_cast<int>(threadIdx.y);
    const int warps = static_cast<int>(blockDim.y);
    const std::int64_t own = std::int64_t{blockIdx.x} * kWarp + lane;
    const bool exists = own < task.rows;
    float* strips = shared;
    float* losses = shared + (copies ? stripStart(stripsOf(task.cols)) : 0);
    float* errors = losses + kLossesMost * kWarp + (task.factor != nullptr ? warp * task.cols * kWarp : 0) + lane;
    if (copies) {
        loadStrips(task.factor, task.cols, strips);
    }
    const SearchRow row{task, copies ? strips : task.factor, exists ? own : task.rows - 1, errors};
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
    extern __shared__ __align__(16) float shared[];
    float* strips = shared;
    float* errors = shared + stripStart(stripsOf(kBlockCols));
    loadStrips(task.factor, task.cols, strips);
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
        walkColumns(strips, task.cols, errors + lane, kWarp, start, [&](int col, float target, float original) {
            task.state[col * task.rows + row] = target;
            const float error = original - target;
            task.errors[col * task.rows + row] = error;
            return error;
        });
        return;
    }
    std::int32_t group = -1;
    Grid grid;
    walkColumns(strips, task.cols, errors + lane, kWarp, start, [&](int col, float target, float original) {
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

/// A block copies the rows of one strip for one strip's worth of k.
__global__ void copyStrip(const float* factor, std::int64_t stride, int cols, float* to)
{
    __shared__ float tile[kStrip][kStrip + 1];
    const int strip = static_cast<int>(blockIdx.y);
    const int part = static_cast<int>(blockIdx.x);
    if (part > strip) {
        return;
    }
    const int x = static_cast<int>(threadIdx.x);
    for (int y = static_cast<int>(threadIdx.y); y < kStrip; y += static_cast<int>(blockDim.y)) {
        const int c = strip * kStrip + y;
        const int k = part * kStrip + x;
        tile[y][x] = c < cols && k < c ? factor[c * stride + k] : 0.0F;
    }
    __syncthreads();
    for (int y = static_cast<int>(threadIdx.y); y < kStrip; y += static_cast<int>(blockDim.y)) {
        to[stripStart(strip) + (part * kStrip + y) * kStrip + x] = tile[x][y];
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
    int most = 0;
    call.check(cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, call.context().device));
    const int losses = kLossesMost * kWarp * 4;
    const int ofWarp = task.factor != nullptr ? task.cols * kWarp * 4 : 0;
    const int strips = task.factor != nullptr ? stripStart(stripsOf(task.cols)) * 4 : 0;
    const bool copies = strips > 0 && strips + losses + ofWarp <= most;
    const int room = most - losses - (copies ? strips : 0);
    int warps = std::min(kWarpsMost, task.tries.count + 1);
    warps = ofWarp > 0 ? std::min(warps, std::max(1, room / ofWarp)) : warps;
    // Tries are dealt in rounds: no more warps than that many take.
    const int rounds = (task.tries.count + warps) / warps;
    warps = (task.tries.count + rounds) / rounds;
    const int bytes = losses + warps * ofWarp + (copies ? strips : 0);
    const auto kernel = copies ? searchRows<true> : searchRows<false>;
    if (call.check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes))) {
        kernel<<<warpsFor(task.rows), dim3(kWarp, static_cast<unsigned>(warps)), static_cast<unsigned>(bytes),
                 call.stream()>>>(task);
        call.checkLaunch();
    }
}

void sweepBlock(Call& call, const SweepTask& task)
{
    if (call.good() && task.rows > 0 && task.cols > 0 &&
        call.check(cudaFuncSetAttribute(sweepRows, cudaFuncAttributeMaxDynamicSharedMemorySize, kSweepBytes))) {
        sweepRows<<<warpsFor(task.rows), kWarp, kSweepBytes, call.stream()>>>(task);
        call.checkLaunch();
    }
}

void toStrips(Call& call, const float* factor, std::int64_t stride, int cols, float* to)
{
    if (call.good()) {
        const auto strips = static_cast<unsigned>(stripsOf(cols));
        copyStrip<<<dim3(strips, strips), dim3(kStrip, 8), 0, call.stream()>>>(factor, stride, cols, to);
        call.checkLaunch();
    }
}

} // namespace bitlathe::cuda
