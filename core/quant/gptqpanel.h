// SPDX-License-Identifier: Apache-2.0
// A GPTQ sweep over a panel of rows, and the search for their scales.
#pragma once

#include "core/quant/gptqfactor.h"
#include "core/quant/quantizedtensor.h"
#include "kernels/quantize.h"
#include "kernels/sweep.h"

#include <array>

namespace bitlathe::quant
{

/// What all panels of a layer share.
struct SweepPlan
{
    const ColumnOrder& order;
    const HessianFactor& factor;
    const ColumnOrder& grouped; ///< For the passes after the sweep.
    const Coupling* coupling;   ///< Null: no such passes.
    const Scheme& scheme;
    const GptqOptions& options;
};

/// Rounds rows [first, first + kSweepLanes) of weights [tensor.rows, tensor.cols] into tensor, whose vectors have their
/// size. Gives the number of groups whose scale the scale type holds only coarsely. Touches no other row.
std::int64_t sweepPanel(const SweepPlan& plan, std::span<const float> weights, std::int64_t first,
                        QuantizedTensor& tensor, const WorkContext& work);

} // namespace bitlathe::quant
