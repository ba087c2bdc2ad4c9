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

/// What the shapes of a folder's tensors say where nothing else does.
std::optional<Json> configOfTensors(const checkpoint::Checkpoint& checkpoint)
{
    constexpr std::string_view kCodes = ".qweight";
    constexpr std::string_view kWeight = ".weight";
    constexpr std::int64_t kCodesPerWord = 8;
    for (const checkpoint::TensorEntry& codes : checkpoint.entries()) {
        if (codes.name.ends_with(kWeight) && codes.dtype == checkpoint::DType::I8 &&
            checkpoint.find(codes.name.substr(0, codes.name.size() - kWeight.size()) + ".scale") != nullptr) {
            return Json{{"quant_method", "smooth_quant"}, {"quant_dtype", "int8"}};
        }
        if (!codes.name.ends_with(kCodes) || codes.shape.size() != 2) {
            continue;
        }
        const std::string layer = codes.name.substr(0, codes.name.size() - kCodes.size());
        const auto* zeros = checkpoint.find(layer + ".qzeros");
        const auto* scales = checkpoint.find(layer + ".scales");
        const bool isAwq = zeros != nullptr && scales != nullptr && zeros->shape.size() == 2 && zeros->shape[0] > 0 &&
                           zeros->shape[1] == codes.shape[1] && scales->shape.size() == 2 &&
                           scales->shape[0] == zeros->shape[0] && scales->shape[1] / kCodesPerWord == codes.shape[1] &&
                           codes.shape[0] % zeros->shape[0] == 0;
        if (!isAwq) {
            return std::nullopt;
        }
        return Json{{"quant_method", "awq"},
                    {"bits", 4},
                    {"group_size", codes.shape[0] / zeros->shape[0]},
                    {"zero_point", true},
                    {"version", "gemm"}};
    }
    return std::nullopt;
}

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
        return StoredQuantization{*config, checkpoint.configFile().string() + ", " + kKey};
    }
    for (const char* name : kOtherFiles) {
        const std::filesystem::path file = checkpoint.folder() / name;
        std::error_code error;
        if (std::filesystem::exists(file, error)) {
            BITLATHE_TRY(Json config, readJson(file));
            return StoredQuantization{std::move(config), file.string()};
        }
    }
    // lmdeploy 0.1 to 0.3 writes AWQ's gemm layout or 8-bit weights and says so nowhere.
    if (auto config = configOfTensors(checkpoint)) {
        return StoredQuantization{*std::move(config), checkpoint.folder().string()};
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
    // Qwen's own flags, which its code follows instead.
    for (const auto& [flag, type] : {std::pair{"bf16", "bfloat16"}, {"fp16", "float16"}, {"fp32", "float32"}}) {
        if (config.contains(flag)) {
            config[flag] = std::string_view(type) == name;
        }
    }
    return config;
}

} // namespace bitlathe::format
