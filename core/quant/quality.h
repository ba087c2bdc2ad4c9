// SPDX-License-Identifier: Apache-2.0
// Quality of a result from energies of its rows that somebody else found.
#pragma once

#include "core/quant/quantizer.h"
#include "kernels/quantize.h"

#include <vector>

namespace bitlathe::quant
{

/// Of every row: of what rounding changed, and of the weights.
struct RowEnergies
{
    std::vector<double> differences;
    std::vector<double> originals;
    std::vector<kernels::SquareSums> squares;
};

/// As measureQuality() of a layer with a Hessian.
LayerQuality qualityFrom(const LayerInput& input, const QuantizedTensor& tensor, const RowEnergies& energies);

} // namespace bitlathe::quant
