// SPDX-License-Identifier: Apache-2.0
// AWQ: activation-aware weight quantization (Lin et al., arXiv 2306.00978).
#pragma once

#include "core/quant/quantizer.h"
#include "core/quant/scaleproblem.h"

namespace bitlathe::quant
{

/// The method: rounds to nearest on grids whose ranges were shrunk where the group's part of the output error gets
/// smaller by it (section 3.2 with the clipping of the authors' code). Scales come before, by awqScales. Effort::Best
/// chooses grids and codes by GPTQ's sweep instead, at its best effort and with at least kAwqDamping.
const Quantizer& activationAware();

/// Least damping of the sweep: few tokens say little of how channels go together.
constexpr double kAwqDamping = 0.1;

/// The scales of a group: x^r / w^(1-r) (duo scaling; without it x^r) with x the mean |input| of a channel and w the
/// mean of |weight| relative to the largest of its group, for r between 0 and 1 in the grid's steps and then in finer
/// ones around the best (Effort::Fast: in the grid's steps alone); or all ones. After a stop the result means nothing.
GroupScales awqScales(const ScaleProblem& problem, const AwqOptions& options, const WorkContext& work);

} // namespace bitlathe::quant
