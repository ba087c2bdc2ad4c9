// SPDX-License-Identifier: Apache-2.0
// Search for grids.
#include "core/quant/gridsearch.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::quant
{

namespace
{

constexpr std::int64_t kLanes = kernels::kSweepLanes;

/// Ranges tried first, as shares of the whole one. Above 1 because a symmetric grid does not reach the top of its
/// range.
constexpr std::array kRatios{1.06F, 0.94F, 0.88F, 0.82F, 0.76F, 0.70F, 0.64F, 0.58F, 0.52F, 0.46F, 0.40F, 0.34F};

/// Further ones for ternary grids, whose step reaches the middle of the larger weights only.
constexpr float kTernaryRatio = 0.30F;
constexpr float kTernaryRatioStep = 0.88F;
constexpr float kTernaryRatioLeast = 0.10F;

/// Smallest and largest of the values of each row, and 0.
void findRanges(const float* panel, std::int64_t cols, Lanes& low, Lanes& high)
{
    low.fill(0);
    high.fill(0);
    for (std::int64_t col = 0; col < cols; ++col, panel += kLanes) {
        for (std::size_t lane = 0; lane < low.size(); ++lane) {
            low[lane] = std::min(low[lane], panel[lane]);
            high[lane] = std::max(high[lane], panel[lane]);
        }
    }
}

} // namespace

GridSearch::GridSearch(const kernels::GridRule& rule, Effort effort, std::int64_t cols)
    : m_rule(rule),
      m_effort(effort),
      m_steps(static_cast<std::size_t>(cols * kLanes)),
      m_errors(static_cast<std::size_t>(cols * kLanes))
{
    m_rule.searchRange = false;
}

LaneGrids GridSearch::gridsOver(const Lanes& low, const Lanes& high, float ratio) const
{
    LaneGrids grids;
    for (std::size_t lane = 0; lane < low.size(); ++lane) {
        const kernels::GroupGrid grid =
            kernels::chooseGrid(kernels::ValueRange{low[lane] * ratio, high[lane] * ratio, true}, m_rule, {});
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
    kernels::sweepColumns(m_run);
    return loss;
}

void GridSearch::begin(const kernels::SweepRun& run, const LaneGrids& grids)
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

/// Tries the best grids with other scales and zero points.
void GridSearch::move(float scaleFactor, float zeroShift)
{
    LaneGrids moved = m_best;
    const auto maxCode = static_cast<float>(m_rule.maxCode());
    const auto leastZero = static_cast<float>(m_rule.symmetric ? 0 : m_rule.leastZero);
    for (std::size_t lane = 0; lane < moved.scale.size(); ++lane) {
        const float scale = kernels::roundToScaleType(m_best.scale[lane] * scaleFactor, m_rule.scaleType);
        if (scale > 0 && std::isfinite(scale)) {
            moved.scale[lane] = scale;
        }
        moved.zero[lane] = std::clamp(m_best.zero[lane] + zeroShift, leastZero, maxCode);
    }
    attempt(moved);
}

LaneGrids GridSearch::fromRange(const kernels::SweepRun& run, const float* values)
{
    Lanes low;
    Lanes high;
    findRanges(values, run.cols, low, high);
    begin(run, gridsOver(low, high, 1.0F));
    for (const float ratio : kRatios) {
        if (ratio < 1.0F || m_rule.symmetric) {
            attempt(gridsOver(low, high, ratio));
        }
    }
    for (float ratio = kTernaryRatio; m_rule.ternary && ratio > kTernaryRatioLeast; ratio *= kTernaryRatioStep) {
        attempt(gridsOver(low, high, ratio));
    }
    return near(run, m_best);
}

LaneGrids GridSearch::near(const kernels::SweepRun& run, const LaneGrids& grids)
{
    begin(run, grids);
    const int rounds = m_effort == Effort::Best ? 3 : 1;
    float width = 0.03F;
    for (int round = 0; round < rounds; ++round, width /= 2) {
        move(1.0F + width, 0);
        move(1.0F - width, 0);
        if (!m_rule.symmetric && !m_rule.ternary) {
            move(1.0F, 1);
            move(1.0F, -1);
        }
    }
    return m_best;
}

} // namespace bitlathe::quant
