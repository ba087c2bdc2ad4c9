// SPDX-License-Identifier: Apache-2.0
// QuantizedSource: weights of a model some of whose linears are quantized, in memory or read on demand.
#pragma once

#include "core/model/linear.h"
#include "core/quant/quantizedtensor.h"

#include <functional>
#include <memory>

namespace bitlathe::quant
{

/// Gives the quantized weight of a linear, or null where it is stored in full precision.
using QuantizedLookup = std::function<Result<std::shared_ptr<const QuantizedTensor>>(const model::LinearSpec&)>;

/// Linears from lookup, everything else (and linears for which it gives null) from base.
std::shared_ptr<const model::WeightSource> makeQuantizedSource(
    std::shared_ptr<const model::WeightSource> base, QuantizedLookup lookup);

/// A Linear over packed codes, which are repacked for the backend and dequantized inside the product; the tensor is not
/// kept. Where the scheme has activationBits, inputs are rounded first, each token symmetrically by its largest value, on the
/// processor. Int8Outliers: makeInt8Linear(), which computes on the processor whatever the backend.
std::unique_ptr<model::Linear> makeQuantizedLinear(std::shared_ptr<const QuantizedTensor> tensor,
                                                   std::vector<float> bias, model::Compute compute,
                                                   const kernels::Backend& backend = kernels::cpuBackend());

} // namespace bitlathe::quant
