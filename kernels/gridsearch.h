// SPDX-License-Identifier: Apache-2.0
// Search for scale and zero point of a group, for a panel of rows at once, by the error that a sweep with them leaves.
#pragma once

#include "kernels/quantize.h"
#include "kernels/sweep.h"

#include <array>
#include <vector>

namespace bitlathe::kernels
{

/// One number for each row of a panel.
using Lanes = std::array<float, kSweepLanes>;

/// A grid for each row of a panel.
struct LaneGrids
{
    Lanes scale;
    Lanes zero;
    std::array<bool, kSweepLanes> coarse{}; ///< GroupGrid::scaleCoarse.
};

class GridSearch
{
public:
    /// moveRounds: of gridMoves(). cols: of the longest run that will be tried.
    GridSearch(const GridRule& rule, int moveRounds, std::int64_t cols);

    /// The grids over the range of each row of a panel of values.
    LaneGrids over(const float* panel, std::int64_t cols) const;
    /// From the whole range of `values` to the grids that leave the least loss when run is swept with them.
    LaneGrids fromRange(const SweepRun& run, const float* values);
    /// Grids near those given that leave less loss, or they themselves.
    LaneGrids near(const SweepRun& run, const LaneGrids& grids);

private:
    LaneGrids gridsOver(const Lanes& low, const Lanes& high, float ratio) const;
    void begin(const SweepRun& run, const LaneGrids& grids);
    bool attempt(const LaneGrids& grids);
    Lanes lossOf(const LaneGrids& grids);

    GridRule m_rule;
    RangeTries m_tries;
    GridMoves m_moves;
    SweepRun m_run;
    LaneGrids m_best;
    Lanes m_loss{};
    std::vector<float> m_steps;
    std::vector<float> m_errors;
};

} // namespace bitlathe::kernels
