// SPDX-License-Identifier: Apache-2.0
// Qwen2: LLaMA with biases on queries, keys and values; late blocks may slide.
#include "core/model/families/qwen.h"
#include "core/model/families/readers.h"

#include <algorithm>

namespace bitlathe::model
{

Result<void> readQwenWindow(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_TRY(const bool slides, config.boolean("use_sliding_window", false));
    if (!slides) {
        return {};
    }
    BITLATHE_CHECK(readWindow(config, spec));
    BITLATHE_TRY(const std::int64_t firstSliding, config.integer("max_window_layers", 28));
    BITLATHE_CHECK(readLayerTypes(
        config, [](std::int64_t) { return true; }, spec));
    if (!config.has("layer_types")) {
        for (std::int64_t block = 0; block < std::min(firstSliding, spec.blockCount()); ++block) {
            spec.blocks[static_cast<std::size_t>(block)].slides = false;
        }
    }
    return {};
}

Result<void> readQwen2(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readLlamaLayout(config, {}, {.queryKeyValue = true}, spec));
    BITLATHE_CHECK(readQwenWindow(config, spec));
    return readRope(config, spec);
}

} // namespace bitlathe::model
