// SPDX-License-Identifier: Apache-2.0
// AWQ as lmdeploy's auto_awq does it: scales by a rule instead of a search, in half precision step by step.
#pragma once

#include "core/quant/rtn.h"
#include "core/quant/smoothing.h"

namespace bitlathe::quant
{

/// sqrt(largest |input|) / sqrt(mean share of |weight| in its group) for each channel, divided by the geometric mean of
/// the largest and the smallest one; 1 where the norm's weight is 0 and where a channel was silent. Every step is
/// rounded to half precision. One linear of the group must have statistics. Errors: those of the source, Cancelled.
Result<GroupScales> lmdeployScales(const BlockInput& input, const model::ScaleGroup& group, const WorkContext& work);

/// Whether lmdeployScales() has what it needs.
bool canScaleByRule(const BlockInput& input, const model::ScaleGroup& group);

/// Rounds a layer to nearest on grids from the smallest to the largest weight of a group, 0 among them or not, zero
/// points held within the codes. AwqRule::Lmdeploy02: codes count from the smallest weight itself and not from the
/// zero point, so that weights shift by up to half a step. 4 bits, with zero points. Errors: WeightsNotFinite,
/// Cancelled.
Result<RtnOutcome> encodeLmdeploy(const LayerInput& input, const WorkContext& work);

} // namespace bitlathe::quant
