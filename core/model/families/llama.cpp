// SPDX-License-Identifier: Apache-2.0
// LLaMA: RMS norms, rotary attention with grouped keys, gated SiLU.
#include "core/model/families/readers.h"

#include <algorithm>

namespace bitlathe::model
{

Result<void> readLlama(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_TRY(const bool attention, config.boolean("attention_bias", false));
    BITLATHE_TRY(const bool mlp, config.boolean("mlp_bias", false));
    BITLATHE_CHECK(readLlamaLayout(config, {}, {attention, attention, mlp}, spec));
    BITLATHE_TRY(const bool scales, config.boolean("use_logn_attn", false)); // Of a TurboMind workspace.
    spec.longQueriesFrom = scales ? std::max<std::int64_t>(spec.maxPositions, 2) : 0;
    return readRope(config, spec);
}

} // namespace bitlathe::model
