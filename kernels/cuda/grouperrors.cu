// SPDX-License-Identifier: Apache-2.0
// What rounding groups of columns to nearest leaves: a warp for each group of each row.
#include "kernels/cuda/context.h"
#include "kernels/cuda/grid.cuh"
#include "kernels/cuda/gridsearch.h"
#include "kernels/cuda/operations.h"

#include <algorithm>

namespace bitlathe::cuda
{

inline namespace grouperrors_cu
{

constexpr int kRows = 8; ///< Of a block, side by side.

struct ErrorsTask
{
    std::int64_t rows;
    std::int64_t cols;
    std::int64_t width;
    std::int64_t groupSize;
    std::int64_t groups;
    const float* weights; ///< Of the first column that is looked at.
    const float* scales;  ///< [width]; null: none.
    kernels::GridRule rule;
    float ratio;
    const float* ratios; ///< [rows, groups]; null: ratio for all.
    float* errors;       ///< [rows, width]
};

__global__ void __launch_bounds__(kRows* kWarp) leaveErrors(const __grid_constant__ ErrorsTask task)
{
    const std::int64_t row = std::int64_t{blockIdx.x} * kRows + threadIdx.y;
    if (row >= task.rows) {
        return;
    }
    const auto maxCode = static_cast<float>(task.rule.maxCode());
    for (std::int64_t first = blockIdx.y * task.groupSize; first < task.width; first += gridDim.y * task.groupSize) {
        const std::int64_t count = min(task.groupSize, task.width - first);
        const float* weights = task.weights + row * task.cols + first;
        const float* scales = task.scales != nullptr ? task.scales + first : nullptr;
        float* errors = task.errors + row * task.width + first;
        const auto scaled = [&](std::int64_t i) {
            return scales != nullptr ? __fmul_rn(weights[i], scales[i]) : weights[i];
        };
        float low;
        float high;
        warpRange(count, scaled, low, high);
        const float ratio =
            task.ratios != nullptr ? task.ratios[row * task.groups + first / task.groupSize] : task.ratio;
        const Grid grid = gridOver(low, high, ratio, task.rule);
        for (std::int64_t i = threadIdx.x; i < count; i += kWarp) {
            const float stored = storedFor(scaled(i), grid, maxCode);
            errors[i] = __fsub_rn(weights[i], scales != nullptr ? __fdiv_rn(stored, scales[i]) : stored);
        }
    }
}

} // namespace grouperrors_cu

std::int32_t groupErrors(BitlatheCudaContext* context, const BitlatheCudaGroups* groups, const float* scales,
                         float ratio, const float* ratios, float* errors)
{
    constexpr std::int64_t kGridMost = 65535;
    Call call(context, "groupErrors");
    if (call.good() && groups->rows > 0 && groups->width > 0) {
        const auto tiles = static_cast<unsigned>((groups->rows + kRows - 1) / kRows);
        const std::int64_t count = (groups->width + groups->groupSize - 1) / groups->groupSize;
        leaveErrors<<<dim3(tiles, static_cast<unsigned>(std::min(count, kGridMost))), dim3(kWarp, kRows), 0,
                      call.stream()>>>({groups->rows, groups->cols, groups->width, groups->groupSize, count,
                                        groups->weights + groups->first, scales, ruleOf(groups->rule), ratio, ratios,
                                        errors});
        call.checkLaunch();
    }
    return call.status();
}

} // namespace bitlathe::cuda
