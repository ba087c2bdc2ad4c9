// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as the quantization_config of bitsandbytes and as the state of a layer.
#include "core/format/bitsandbytesconfig.h"
#include "core/format/quantstate.h"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace bitlathe;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    model::LinearSpec linear;
    linear.name = "l";
    linear.outFeatures = linear.inFeatures = 64;
    (void)format::readQuantState(text, linear, "fuzz");
    const auto json = parseJson(text, "fuzz");
    if (!json) {
        return 0;
    }
    (void)format::isBitsAndBytesConfig(*json);
    if (json->is_object()) {
        if (const auto config = format::readBitsAndBytesConfig(*json, "fuzz")) {
            (void)config->declares("model.layers.0.mlp.down_proj");
        }
    }
    return 0;
}
