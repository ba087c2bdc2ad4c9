// SPDX-License-Identifier: Apache-2.0
// What a linear reads, token by token, for a text of which statistics keep only sums.
#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/model/model.h"

#include <vector>

namespace bitlathe::calibrate
{

struct LayerTokens
{
    std::int64_t rows = 0;     ///< Tokens that reached the linear: all of the sample but for an expert, in their order.
    std::int64_t cols = 0;     ///< Its inputs.
    std::vector<float> values; ///< [rows, cols]
};

/// The inputs of one linear for one sample, which passes all blocks up to its own on the processor. A model that is
/// streamed holds one block at a time. Errors: those of Model::embed() and Model::block(), Cancelled.
Result<LayerTokens> layerInput(const model::Model& model, LayerId layer, const std::vector<model::TokenId>& sample,
                               const WorkContext& work);

} // namespace bitlathe::calibrate
