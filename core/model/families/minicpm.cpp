// SPDX-License-Identifier: Apache-2.0
// MiniCPM: LLaMA with scaled embeddings, residual additions and head input.
#include "core/model/families/readers.h"

#include <cmath>

namespace bitlathe::model
{

Result<void> readMiniCpm(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readLlamaLayout(config, {}, {}, spec));
    BITLATHE_TRY(spec.embeddingScale, config.number("scale_emb", 1.0));
    BITLATHE_TRY(const double depth, config.number("scale_depth", 1.0));
    BITLATHE_TRY(const double base, config.number("dim_model_base", static_cast<double>(spec.hidden)));
    spec.residualScale = depth / std::sqrt(static_cast<double>(spec.blockCount()));
    spec.logitScale = base / static_cast<double>(spec.hidden);
    return readRope(config, spec);
}

} // namespace bitlathe::model
