// SPDX-License-Identifier: Apache-2.0
// QuantizationConfig: where a config.json says how its weights are quantized.
#include "core/format/quantizationconfig.h"

#include <array>

namespace bitlathe::format
{

namespace
{
constexpr const char* kKey = "quantization_config";
constexpr const char* kOldKey = "compression_config";
constexpr std::array kOtherFiles{"quantize_config.json", "quant_config.json"};
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

Result<std::optional<StoredQuantization>> storedQuantization(const checkpoint::Checkpoint& checkpoint)
{
    if (const Json* config = findQuantizationConfig(checkpoint.config())) {
        return StoredQuantization{*config, (checkpoint.folder() / "config.json").string() + ", " + kKey};
    }
    for (const char* name : kOtherFiles) {
        const std::filesystem::path file = checkpoint.folder() / name;
        std::error_code error;
        if (std::filesystem::exists(file, error)) {
            BITLATHE_TRY(Json config, readJson(file));
            return StoredQuantization{std::move(config), file.string()};
        }
    }
    return std::optional<StoredQuantization>();
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

Json withComputeType(Json config, const char* name)
{
    config[config.contains("dtype") ? "dtype" : "torch_dtype"] = name;
    return config;
}

} // namespace bitlathe::format
