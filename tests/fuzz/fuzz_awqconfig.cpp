// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as the quantization_config of AWQ.
#include "core/format/awqconfig.h"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto json = bitlathe::parseJson({reinterpret_cast<const char*>(data), size}, "fuzz");
    if (!json) {
        return 0;
    }
    (void)bitlathe::format::isAwqConfig(*json);
    if (const auto config = bitlathe::format::readAwqConfig(*json, "fuzz")) {
        (void)config->schemeOf("model.layers.0.mlp.down_proj");
    }
    return 0;
}
