// SPDX-License-Identifier: Apache-2.0
// Search for grids.
#include "kernels/gridsearch.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::kernels
{

namespace
{

/// Smallest and largest of the values of each row, and 0.
void findRanges(const float* panel, std::int64_t cols, Lanes& low, Lanes& high)
{
    low.fill(0);
    high.fill(0);
    for (std::int64_t col = 0; col < cols; ++col, panel += kSweepLanes) {
        for (std::size_t lane = 0; lane < low.size(); ++lane) {
            low[lane] = std::min(low[lane], panel[lane]);
            high[lane] = std::max(high[lane], panel[lane]);
        }
    }
}

} // namespace

GridSearch::GridSearch(const GridRule& rule, int moveRounds, std::int64_t cols)
    : m_rule(rule),
      m_tries(rangeTries(rule)),
      m_moves(gridMoves(rule, moveRounds)),
      m_steps(static_cast<std::size_t>(cols * kSweepLanes)),
      m_errors(static_cast<std::size_t>(cols * kSweepLanes))
{
    m_rule.searchRange = false;
}

LaneGrids GridSearch::gridsOver(const Lanes& low, const Lanes& high, float ratio) const
{
    LaneGrids grids;
    for (std::size_t lane = 0; lane < low.size(); ++lane) {
        const GroupGrid grid = chooseGrid(ValueRange{low[lane] * ratio, high[lane] * ratio, true}, m_rule, {});
        grids.scale[lane] = grid.scale;
        grids.zero[lane] = static_cast<float>(grid.zero);
        grids.coarse[lane] = grid.scaleCoarse;
    }
    return grids;
}

LaneGrids GridSearch::over(const float* panel, std::int64_t cols) const
{
    Lanes low;
    Lanes high;
    findRanges(panel, cols, low, high);
    return gridsOver(low, high, 1.0F);
}

Lanes GridSearch::lossOf(const LaneGrids& grids)
{
    Lanes loss{};
    m_run.scales = grids.scale.data();
    m_run.zeros = grids.zero.data();
    m_run.loss = loss.data();
    sweepColumns(m_run);
    return loss;
}

void GridSearch::begin(const SweepRun& run, const LaneGrids& grids)
{
    m_run = run;
    m_run.group = nullptr;
    m_run.steps = m_steps.data();
    m_run.errors = m_errors.data();
    m_best = grids;
    m_loss = lossOf(grids);
}

/// Keeps the rows whose loss falls. Whether there was one.
bool GridSearch::attempt(const LaneGrids& grids)
{
    const Lanes loss = lossOf(grids);
    bool better = false;
    for (std::size_t lane = 0; lane < loss.size(); ++lane) {
        if (loss[lane] < m_loss[lane]) {
            m_loss[lane] = loss[lane];
            m_best.scale[lane] = grids.scale[lane];
            m_best.zero[lane] = grids.zero[lane];
            m_best.coarse[lane] = grids.coarse[lane];
            better = true;
        }
    }
    return better;
}

LaneGrids GridSearch::fromRange(const SweepRun& run, const float* values)
{
    Lanes low;
    Lanes high;
    findRanges(values, run.cols, low, high);
    begin(run, gridsOver(low, high, 1.0F));
    for (int i = 0; i < m_tries.count; ++i) {
        attempt(gridsOver(low, high, m_tries.ratios[i]));
    }
    return near(run, m_best);
}

LaneGrids GridSearch::near(const SweepRun& run, const LaneGrids& grids)
{
    begin(run, grids);
    for (int i = 0; i < m_moves.count; ++i) {
        LaneGrids moved = m_best;
        for (std::size_t lane = 0; lane < moved.scale.size(); ++lane) {
            moveGrid(moved.scale[lane], moved.zero[lane], m_moves.factors[i], m_moves.shifts[i], m_rule,
                     [this](float scale) { return roundToScaleType(scale, m_rule.scaleType); });
        }
        attempt(moved);
    }
    return m_best;
}

} // namespace bitlathe::kernels
