// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as the quantization_config of GPTQ.
#include "core/format/gptqconfig.h"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto json = bitlathe::parseJson({reinterpret_cast<const char*>(data), size}, "fuzz");
    if (!json) {
        return 0;
    }
    (void)bitlathe::format::isGptqConfig(*json);
    if (const auto config = bitlathe::format::readGptqConfig(*json, "fuzz")) {
        (void)config->schemeOf("model.layers.0.mlp.down_proj");
        (void)config->schemeOf("lm_head");
    }
    return 0;
}
