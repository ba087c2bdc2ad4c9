// SPDX-License-Identifier: Apache-2.0
// Smoothing: scales per input channel that move difficulty between weights and what comes before them, and their
// folding into the model.
#pragma once

#include "core/base/finding.h"
#include "core/base/progress.h"
#include "core/calibrate/layerstats.h"
#include "core/model/linear.h"
#include "core/quant/methodoptions.h"
#include "core/quant/scheme.h"

#include <span>
#include <string>
#include <vector>

namespace bitlathe::quant
{

/// The scales of one group of linears: their columns are multiplied, what comes before them is divided.
struct GroupScales
{
    std::size_t group = 0;     ///< Its place in ModelSpec::scaleGroups.
    std::vector<float> scales; ///< [inFeatures], positive.
    double lossPlain = 0;      ///< Of the method's objective without scales, per token.
    double loss = 0;           ///< With them.
};

/// The scales of a block; groups that stay as they are are left out.
struct BlockScales
{
    std::vector<GroupScales> groups;
    bool halfSteps = false; ///< Folded weights are rounded to half precision after each step.
    Findings findings;      ///< Notes on groups that could not be scaled.

    /// What the columns of a linear are multiplied with; empty: nothing.
    std::span<const float> ofInputs(const model::ModelSpec& spec, const model::LinearSpec& linear) const;
    /// What its rows are divided by, one for each row (1: those that feed no group); empty: nothing.
    std::vector<float> ofOutputs(const model::ModelSpec& spec, const model::LinearSpec& linear) const;
};

/// What smoothBlock works on. Everything outlives the call.
struct BlockInput
{
    const model::ModelSpec& spec;
    std::int64_t block = 0;
    const model::WeightSource& source;
    std::span<const std::optional<Scheme>> schemes; ///< One per ModelSpec::linears.
    const calibrate::BlockStats* stats = nullptr;   ///< Null: no scales are found.
    std::int64_t rowsMost = 0; ///< That a search judges scales by, of all linears together; 0: as many as usual.
    /// What weighs scales; null: the processor. Its sums differ in their last bits, so scales that are as good as each
    /// other may be chosen otherwise.
    const kernels::Backend* device = nullptr;
};

/// Finds the scales of a block from its statistics alone. A group without a quantized linear, without a Hessian or
/// behind a linear that is rounded per tensor stays as it is. Linears of one group that see different tokens (experts)
/// are weighed by how many reached them. Deterministic for any number of threads. Errors: those of
/// the source, WeightsNotFinite, Cancelled; DeviceMemoryShort and DeviceFailed of a device.
Result<BlockScales> smoothBlock(const BlockInput& input, Smoothing smoothing, const MethodOptions& options,
                                const WorkContext& work = {});

/// Weights [outFeatures, inFeatures] of a linear with the scales folded in.
void foldWeights(const model::ModelSpec& spec, const BlockScales& scales, const model::LinearSpec& linear,
                 std::span<float> weights);
/// Statistics of the inputs that the folded model has.
void foldStats(const model::ModelSpec& spec, const BlockScales& scales, calibrate::BlockStats& stats);

/// One linear as its method sees it.
struct FoldedLayer
{
    std::vector<float> weights;
    calibrate::InputStats stats;
};

/// A linear of the block with the scales of its own input folded in, found as if it and the linears that share its
/// input all had this scheme; the input's schemes are not looked at. What comes behind it, and may divide its rows, is
/// not looked at either. The input's stats must have the linear's. Errors: as smoothBlock.
Result<FoldedLayer> foldedLayer(const BlockInput& input, const model::LinearSpec& linear, const Scheme& scheme,
                                Smoothing smoothing, const MethodOptions& options, const WorkContext& work = {});

/// A tensor that is stored in full precision and changed by folding.
struct FoldedTensor
{
    std::string name;
    std::vector<float> values;
};

/// Norms (with what ModelSpec::normOffset adds), their biases and biases of preceding linears, divided by the scales,
/// and routers, whose columns are multiplied. The values are exact in the types in which the source stores them
/// wherever the scales were found by smoothBlock, but for biases close to 0.
Result<std::vector<FoldedTensor>> foldedTensors(const model::ModelSpec& spec, const BlockScales& scales,
                                                const model::WeightSource& source);

} // namespace bitlathe::quant
