// SPDX-License-Identifier: Apache-2.0
// Mistral: LLaMA whose tokens may see a window of the last positions only.
#include "core/model/families/readers.h"

namespace bitlathe::model
{

Result<void> readMistral(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readLlamaLayout(config, {}, {}, spec));
    BITLATHE_CHECK(readWindow(config, spec));
    return readRope(config, spec);
}

} // namespace bitlathe::model
