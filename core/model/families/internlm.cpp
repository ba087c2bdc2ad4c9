// SPDX-License-Identifier: Apache-2.0
// InternLM: LLaMA with biases in the attention.
#include "core/model/families/readers.h"

namespace bitlathe::model
{

Result<void> readInternLm(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_TRY(const bool bias, config.boolean("bias", true));
    BITLATHE_CHECK(readLlamaLayout(config, {}, {bias, bias, false}, spec));
    return readRope(config, spec);
}

} // namespace bitlathe::model
