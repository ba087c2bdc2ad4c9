// SPDX-License-Identifier: Apache-2.0
// Grids of a group for many rows, and the sweep with them.
#include "kernels/cuda/columnwalk.cuh"
#include "kernels/cuda/grid.cuh"
#include "kernels/cuda/gridsearch.h"

#include <algorithm>

namespace bitlathe::cuda
{

inline namespace gridsearch_cu
{

using kernels::GridRule;

/// Warps of a search, and the grids that each of them tries at once.
constexpr int kWarpsMost = 8;
constexpr int kLines = 2;
constexpr int kSweepBytes = (stripStart(stripsOf(kBlockCols)) + kBlockCols * kWarp) * 4;
constexpr int kLossesMost = kernels::RangeTries::kMost + 1;

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
    float* errors; ///< [cols][kLines][kWarp] in shared memory, this lane's.

    /// visit(line, place, target, original) for every column and line; it gives the error where columns are coupled.
    template <int lines, class Visit>
    __device__ __forceinline__ void visit(const Visit& visit) const
    {
        if (task.factor == nullptr) {
#pragma unroll 4
            for (int col = 0; col < task.cols; ++col) {
                const int place = task.places != nullptr ? task.places[col] : col;
                const float target = task.state[place * task.rows + row];
                const float original = task.original[place * task.rows + row];
#pragma unroll
                for (int line = 0; line < lines; ++line) {
                    visit(line, place, target, original);
                }
            }
            return;
        }
        walkColumns<lines>(
            factor, task.cols, errors, kWarp,
            [&](int col, float& state, float& original) {
                state = task.state[col * task.rows + row];
                original = task.original[col * task.rows + row];
            },
            visit);
    }

    template <int lines>
    __device__ __forceinline__ void lossesWith(const Grid (&grids)[lines], float (&losses)[lines]) const
    {
        const auto maxCode = static_cast<float>(task.rule.maxCode());
#pragma unroll
        for (int line = 0; line < lines; ++line) {
            losses[line] = 0.0F;
        }
        visit<lines>([&](int line, int place, float target, float original) {
            const float value = stepOf(target, grids[line], maxCode) * grids[line].scale;
            losses[line] = fmaf(task.weight[place], lossOf(target, value, original, task.relativeLoss), losses[line]);
            return original - value;
        });
    }
    __device__ float lossWith(const Grid& grid) const
    {
        const Grid grids[1] = {grid};
        float losses[1];
        lossesWith(grids, losses);
        return losses[0];
    }

    /// The range of the targets, were nothing rounded.
    __device__ void range(float& low, float& high) const
    {
        low = 0.0F;
        high = 0.0F;
        visit<1>([&](int, int, float target, float original) {
            low = fminf(low, target);
            high = fmaxf(high, target);
            return original - target;
        });
    }

    /// The grid of a try: the range itself, then shares of it.
    __device__ Grid tried(int index, float low, float high) const
    {
        return gridOver(low, high, index == 0 ? 1.0F : task.tries.ratios[index - 1], task.rule);
    }

    __device__ Grid moved(Grid grid, int move) const
    {
        kernels::moveGrid(grid.scale, grid.zero, task.moves.factors[move], task.moves.shifts[move], task.rule,
                          [this](float scale) { return roundedScale(scale, task.rule.scaleType); });
        return grid;
    }
};

/// Where warps of a search leave something for each other.
struct SearchShared
{
    float low[kWarp];
    float high[kWarp];
    float losses[kLossesMost][kWarp];
};

/// Deals the tries to the warps: the first warp gets the best and what it leaves, the others nothing.
__device__ void tryRange(const SearchRow& row, SearchShared& shared, Grid& best, float& least)
{
    const int lane = static_cast<int>(threadIdx.x);
    const int warp = static_cast<int>(threadIdx.y);
    if (warp == 0) {
        row.range(shared.low[lane], shared.high[lane]);
    }
    __syncthreads();
    const float low = shared.low[lane];
    const float high = shared.high[lane];
    const int count = row.task.tries.count;
    if (count > 0) {
        for (int i = warp * kLines; i <= count; i += static_cast<int>(blockDim.y) * kLines) {
            Grid grids[kLines];
            float losses[kLines];
#pragma unroll
            for (int line = 0; line < kLines; ++line) {
                grids[line] = row.tried(min(i + line, count), low, high);
            }
            row.lossesWith(grids, losses);
#pragma unroll
            for (int line = 0; line < kLines; ++line) {
                shared.losses[min(i + line, count)][lane] = losses[line];
            }
        }
        __syncthreads();
    }
    if (warp == 0) {
        int first = 0;
        for (int i = 1; i <= count; ++i) {
            first = shared.losses[i][lane] < shared.losses[first][lane] ? i : first;
        }
        least = count > 0 ? shared.losses[first][lane] : 0.0F;
        best = row.tried(first, low, high);
    }
}

/// All warps have the same rows: tries are dealt to them, what follows one after the other is the first one's. copies:
/// the factor goes to shared memory.
template <bool copies>
__global__ void __launch_bounds__(kWarpsMost* kWarp) searchRows(const __grid_constant__ GridSearchTask task)
{
    extern __shared__ __align__(16) float dynamic[];
    __shared__ SearchShared shared;
    const int lane = static_cast<int>(threadIdx.x);
    const int warp = static_cast<int>(threadIdx.y);
    const std::int64_t own = std::int64_t{blockIdx.x} * kWarp + lane;
    const bool exists = own < task.rows;
    float* errors = dynamic + (copies ? stripStart(stripsOf(task.cols)) : 0);
    if (copies) {
        loadStrips(task.factor, task.cols, dynamic);
    }
    const SearchRow row{task, copies ? dynamic : task.factor, exists ? own : task.rows - 1,
                        errors + (task.factor != nullptr ? warp * kLines * task.cols * kWarp : 0) + lane};
    Grid best;
    float least = 0.0F;
    if (!task.isNear) {
        tryRange(row, shared, best, least);
    }
    if (warp > 0) {
        return;
    }
    if (task.isNear) {
        best = {task.scales[row.row], task.zeros[row.row], task.coarse[row.row] != 0};
        least = row.lossWith(best);
    }
    for (int i = 0; i < task.moves.count; ++i) {
        const Grid grid = row.moved(best, i);
        const float loss = row.lossWith(grid);
        if (loss < least) {
            least = loss;
            best = grid;
        }
    }
    if (exists) {
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
        walkColumns<1>(strips, task.cols, errors + lane, kWarp, start, [&](int, int col, float target, float original) {
            task.state[col * task.rows + row] = target;
            const float error = original - target;
            task.errors[col * task.rows + row] = error;
            return error;
        });
        return;
    }
    Grid grid;
    const auto takeGroup = [&](std::int64_t group) {
        grid.scale = task.scales[group * task.rows + row];
        grid.zero = task.zeros[group * task.rows + row];
    };
    takeGroup(task.group);
    walkColumns<1>(strips, task.cols, errors + lane, kWarp, start, [&](int, int col, float target, float original) {
        if (task.groups != nullptr) {
            takeGroup(task.groups[col]);
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

} // namespace gridsearch_cu

void searchGrids(Call& call, const GridSearchTask& task)
{
    if (!call.good() || task.rows == 0) {
        return;
    }
    int most = 0;
    call.check(cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, call.context().device));
    const int ofWarp = task.factor != nullptr ? kLines * task.cols * kWarp * 4 : 0;
    const int strips = task.factor != nullptr ? stripStart(stripsOf(task.cols)) * 4 : 0;
    most -= static_cast<int>(sizeof(SearchShared));
    const bool copies = strips > 0 && strips + ofWarp <= most;
    const int room = most - (copies ? strips : 0);
    const int pairs = (task.tries.count + kLines) / kLines; // With the range itself.
    int warps = std::min(kWarpsMost, pairs);
    warps = ofWarp > 0 ? std::min(warps, std::max(1, room / ofWarp)) : warps;
    // No more warps than the tries need for as many rounds.
    const int rounds = (pairs + warps - 1) / warps;
    warps = (pairs + rounds - 1) / rounds;
    const int bytes = warps * ofWarp + (copies ? strips : 0);
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
