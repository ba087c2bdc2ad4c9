// SPDX-License-Identifier: Apache-2.0
// Sizes that the costs of a plan depend on.
#pragma once

#include "core/plan/plan.h"

namespace bitlathe::plan
{

/// Sums over a model that costs depend on.
struct Sizes
{
    double weights = 0;          ///< Of all linears.
    double weightsPerToken = 0;  ///< Of those that one token meets: a few experts only.
    double weightsTimesIn = 0;   ///< Of those that are quantized: weights times inputs, summed.
    double weightsKept = 0;      ///< Of those that are not.
    double weightsBlockMax = 0;  ///< Of the largest block.
    double weightsLayerMax = 0;  ///< Of the largest linear.
    double gramMacs = 0;         ///< Of X'X for one token over all inputs that it reaches.
    double searchMacs = 0;       ///< Of one trial of scales for all layers that take part.
    double searchWeights = 0;    ///< Rounded in it.
    double hessians = 0;         ///< Elements over all blocks.
    double hessiansBlockMax = 0; ///< Of the block with most.
    double hessianMax = 0;       ///< Of the largest input.
    double attentionMacs = 0;    ///< Of one token per token before it.
};

Sizes sizesOf(const Plan& plan);

/// Values of the embedding, which the head has as well.
double embeddingElements(const Plan& plan);

/// Elements of the Hessians under which scales of one group are searched for, at most.
double hessiansSearched(const model::ModelSpec& spec);

/// Of GPTQ's sweep over each layer; nothing: there is none.
std::optional<quant::Effort> sweepEffort(const Recipe& recipe);

} // namespace bitlathe::plan
