// SPDX-License-Identifier: Apache-2.0
// BitsAndBytesConfig: the quantization_config of bitsandbytes checkpoints, read and written.
#pragma once

#include "core/format/format.h"

#include <optional>
#include <string>
#include <vector>

namespace bitlathe::format
{

struct BitsAndBytesConfig
{
    /// What a layer has unless its tensors say otherwise: block size and double quantization are not known from here.
    quant::Scheme scheme;
    /// llm_int8_skip_modules; nothing: transformers leaves out the head.
    std::optional<std::vector<std::string>> skipModules;

    /// Whether transformers takes a linear of this name for a quantized one.
    bool declares(const std::string& layer) const;
};

/// True where an object describes a bitsandbytes checkpoint.
bool isBitsAndBytesConfig(const Json& quantizationConfig);

/// subject names the file in errors. Errors: ConfigInvalid, NotSupported.
Result<BitsAndBytesConfig> readBitsAndBytesConfig(const Json& quantizationConfig, const std::string& subject);

/// The object for config.json; null where no layer is quantized. The compute type is null where the schemes leave it to
/// the model. Errors: NotSupported for layers of 4 and of 8 bits in one model.
Result<Json> writeBitsAndBytesConfig(const model::ModelSpec& spec, const LinearSchemes& schemes);

} // namespace bitlathe::format
