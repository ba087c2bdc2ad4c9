// SPDX-License-Identifier: Apache-2.0
// SmoothQuant: inputs and weights share the difficulty of rounding both (Xiao et al., arXiv 2211.10438).
#pragma once

#include "core/quant/quantizer.h"
#include "core/quant/scaleproblem.h"

namespace bitlathe::quant
{

/// The method: rounds weights to nearest. Scales come before, by smoothQuantScales.
const Quantizer& smoothQuant();

/// The scales of a group: xmax^a / wmax^(1-a), section 4.1, with a as given, or the one of 0, 0.05, ... 1 with the
/// smallest estimated output error. After a stop the result means nothing.
GroupScales smoothQuantScales(const ScaleProblem& problem, const SmoothQuantOptions& options, const WorkContext& work);

} // namespace bitlathe::quant
