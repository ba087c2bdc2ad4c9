// SPDX-License-Identifier: Apache-2.0
// The search for the grids of one group for many rows: a warp for each grid that is tried, a lane for each row.
#pragma once

#include "kernels/cuda/columns.h"
#include "kernels/gridchoice.h"

namespace bitlathe::cuda
{

/// Panels are [columns][rows]: the values of all rows in one column are neighbours.
struct GridSearchTask
{
    std::int64_t rows = 0;
    int cols = 0;
    const float* factor = nullptr; ///< In strips; null: columns are independent.
    const float* weight = nullptr; ///< [cols]; by place where there are places.
    const float* state = nullptr;  ///< Panel of cols columns; by place where there are places.
    const float* original = nullptr;
    const std::int32_t* places = nullptr; ///< [cols] of scattered columns; null: they are side by side.
    kernels::GridRule rule;
    kernels::RangeTries tries; ///< After the range itself. None without a search.
    kernels::GridMoves moves;
    bool isNear = false;       ///< Begins with the grids that are there, not with the range.
    bool relativeLoss = false; ///< As of kernels::SweepRun.
    float* scales = nullptr;   ///< [rows] of the group, as these.
    float* zeros = nullptr;
    std::uint8_t* coarse = nullptr;
};
void searchGrids(Call& call, const GridSearchTask& task);

/// Columns to round with the grids that are chosen, or, without scales, only to find their targets.
struct SweepTask
{
    std::int64_t rows = 0;
    int cols = 0; ///< At most kBlockCols.
    const float* factor = nullptr;
    float* state = nullptr; ///< Panel; becomes the targets where there are no scales.
    const float* original = nullptr;
    const std::int32_t* groups = nullptr; ///< [cols]; null: all are of group.
    std::int64_t group = 0;
    const float* scales = nullptr; ///< [groups][rows]
    const float* zeros = nullptr;
    float maxCode = 0;
    float* errors = nullptr;       ///< Panel.
    std::uint8_t* codes = nullptr; ///< Panel.
};
void sweepBlock(Call& call, const SweepTask& task);

inline kernels::GridRule ruleOf(const BitlatheCudaRule& rule)
{
    return {rule.bits,      rule.symmetric != 0, false, static_cast<kernels::ScaleType>(rule.scaleType),
            rule.leastZero, rule.ternary != 0};
}

/// to: factor [cols, cols] in strips; its rows are stride apart, of row c only entries k < c are read.
void toStrips(Call& call, const float* factor, std::int64_t stride, int cols, float* to);

} // namespace bitlathe::cuda
