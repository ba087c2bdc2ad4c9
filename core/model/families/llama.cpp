// SPDX-License-Identifier: Apache-2.0
// LLaMA: RMS norms, rotary attention with grouped keys, gated SiLU.
#include "core/model/families/readers.h"

namespace bitlathe::model
{

Result<void> readLlama(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_TRY(const bool attention, config.boolean("attention_bias", false));
    BITLATHE_TRY(const bool mlp, config.boolean("mlp_bias", false));
    BITLATHE_CHECK(readLlamaLayout(config, {}, {attention, attention, mlp}, spec));
    return readRope(config, spec);
}

} // namespace bitlathe::model
