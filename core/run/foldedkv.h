// SPDX-License-Identifier: Apache-2.0
// Grids of keys and values that a run writes beside the weights, from its own statistics.
#pragma once

#include "core/calibrate/keyvalueranges.h"
#include "core/quant/kvparams.h"
#include "core/run/runner.h"

namespace bitlathe::run
{

/// Ranges of a model whose values are divided by the scales that a run folded into the output projections behind them.
calibrate::KeyValueRanges foldedRanges(calibrate::KeyValueRanges ranges, const model::ModelSpec& spec,
                                       const std::vector<ScaleRecord>& scales);

/// The grids of a scheme after that, in one part for each rank. Errors: those of keyValueRanges() and kvParamsOf().
Result<quant::KvParams> foldedKvParams(const calibrate::StatsStore& statistics, const model::ModelSpec& spec,
                                       const std::vector<ScaleRecord>& scales, const quant::KvScheme& scheme,
                                       std::int64_t ranks);

} // namespace bitlathe::run
