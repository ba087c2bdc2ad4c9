// SPDX-License-Identifier: Apache-2.0
// Round to nearest: each weight to the closest point of its group's grid, without looking at inputs.
#pragma once

#include "core/quant/quantizer.h"
#include "kernels/quantize.h"

namespace bitlathe::quant
{

/// The method itself; one object for the whole process.
const Quantizer& roundToNearest();

/// The scheme's rule as kernels know it.
kernels::GridRule gridRule(const Scheme& scheme);

/// A tensor of this size with room for everything and nothing in it yet.
QuantizedTensor makeTensor(std::int64_t rows, std::int64_t cols, const Scheme& scheme);

/// WeightsNotFinite, naming the first bad one of weights [rows, cols], where there is one.
Result<void> checkWeightsFinite(std::span<const float> weights, std::int64_t cols, const std::string& name);

/// Under Scheme::staticInputs, keeps the step at which the largest input of the calibration is the largest code, in the
/// scales' type; a warning where no token reached the layer and the step is a guess.
Findings setInputScale(const LayerInput& input, QuantizedTensor& tensor);

/// What rounding noticed beside the tensor.
struct RtnOutcome
{
    QuantizedTensor tensor;
    std::int64_t coarseScales = 0; ///< Groups whose scale the scale type holds with an error above 1 %.
};

/// Rounds weights [rows, cols] on all threads. name is the subject of WeightsNotFinite. The scheme must have passed
/// checkUniformScheme. Errors: WeightsNotFinite, Cancelled.
Result<RtnOutcome> encodeRtn(std::span<const float> weights, std::int64_t rows, std::int64_t cols, const Scheme& scheme,
                             const std::string& name, const WorkContext& work);

/// A warning where the scale type holds some of the scales badly.
Findings coarseScaleFindings(const LayerInput& input, const RtnOutcome& outcome);

} // namespace bitlathe::quant
