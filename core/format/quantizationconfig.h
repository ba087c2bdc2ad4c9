// SPDX-License-Identifier: Apache-2.0
// QuantizationConfig: where a config.json says how its weights are quantized.
#pragma once

#include "core/base/json.h"
#include "core/checkpoint/checkpoint.h"

#include <optional>

namespace bitlathe::format
{

/// The object under "quantization_config", or under the older name "compression_config"; null where there is none.
const Json* findQuantizationConfig(const Json& config);

/// How a folder says that it is quantized.
struct StoredQuantization
{
    Json config;         ///< Not null.
    std::string subject; ///< File and key, for errors.
};

/// That of config.json, else of quantize_config.json or quant_config.json, in which older tools put it; nothing where
/// there is none. Errors: those of readJson().
Result<std::optional<StoredQuantization>> storedQuantization(const checkpoint::Checkpoint& checkpoint);

/// A copy of config whose keys keep their order, with quantizationConfig in place of any that was there; null removes
/// it.
Json withQuantizationConfig(Json config, Json quantizationConfig);

/// The same with "torch_dtype" (or its newer name "dtype") set: the type in which runtimes compute.
Json withComputeType(Json config, const char* name);

} // namespace bitlathe::format
