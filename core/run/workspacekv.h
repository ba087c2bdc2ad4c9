// SPDX-License-Identifier: Apache-2.0
// Grids of keys and values that go into a TurboMind workspace, from the statistics of the run that writes it.
#pragma once

#include "core/calibrate/keyvalueranges.h"
#include "core/quant/kvparamfiles.h"
#include "core/run/runner.h"

namespace bitlathe::run
{

/// Ranges of a model whose values are divided by the scales that a run folded into the output projections behind them.
calibrate::KeyValueRanges foldedRanges(calibrate::KeyValueRanges ranges, const model::ModelSpec& spec,
                                       const std::vector<ScaleRecord>& scales);

/// The files of int8 by layer for as many ranks, named below the workspace's folder. Errors: those of keyValueRanges(),
/// kvParamsOf() and kvParamFiles().
Result<std::vector<quant::KvParamFile>> workspaceKvFiles(const calibrate::StatsStore& statistics,
                                                         const model::ModelSpec& spec,
                                                         const std::vector<ScaleRecord>& scales, std::int64_t ranks);

} // namespace bitlathe::run
