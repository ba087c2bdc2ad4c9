// SPDX-License-Identifier: Apache-2.0
// QuantizationConfig: where a config.json says how its weights are quantized.
#include "core/format/quantizationconfig.h"

namespace bitlathe::format
{

namespace
{
constexpr const char* kKey = "quantization_config";
constexpr const char* kOldKey = "compression_config";
} // namespace

const Json* findQuantizationConfig(const Json& config)
{
    for (const char* key : {kKey, kOldKey}) {
        const auto it = config.find(key);
        if (it != config.end() && !it->is_null()) {
            return &*it;
        }
    }
    return nullptr;
}

Json withQuantizationConfig(Json config, Json quantizationConfig)
{
    config.erase(kOldKey);
    if (quantizationConfig.is_null()) {
        config.erase(kKey);
    } else {
        config[kKey] = std::move(quantizationConfig);
    }
    return config;
}

} // namespace bitlathe::format
