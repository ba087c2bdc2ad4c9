// SPDX-License-Identifier: Apache-2.0
// AwqConfig: the quantization_config of AWQ checkpoints, read and written.
#pragma once

#include "core/format/format.h"

#include <optional>
#include <string>
#include <vector>

namespace bitlathe::format
{

/// How an AWQ checkpoint stores its tensors: "version".
enum class AwqLayout {
    Gemm,      ///< "gemm": codes packed along the outputs.
    Gemv,      ///< "gemv": codes packed along the inputs.
    GemvFast,  ///< "gemv_fast": 16-bit words of four interleaved outputs.
    Marlin,    ///< "marlin": tiles for one kernel; only read.
    Turbomind, ///< "turbomind": gemm as a TurboMind workspace is read; stands in no file.
};

struct AwqConfig
{
    AwqLayout layout = AwqLayout::Gemm;
    quant::Scheme scheme;                  ///< scaleDType is not known from the configuration.
    std::vector<std::string> notConverted; ///< Parts of the names of layers in full precision.

    /// Nothing where the layer stays in full precision.
    std::optional<quant::Scheme> schemeOf(const std::string& layer) const;
};

/// True where an object describes an AWQ checkpoint (of any layout).
bool isAwqConfig(const Json& quantizationConfig);

/// The layout that an object names; nothing where it is not known here.
std::optional<AwqLayout> awqLayoutOf(const Json& quantizationConfig);

/// subject names the file in errors. Errors: ConfigInvalid, NotSupported.
Result<AwqConfig> readAwqConfig(const Json& quantizationConfig, const std::string& subject);

/// The object for config.json; null where no layer is quantized. NotSupported where layers have different schemes, or
/// where no part of a name tells the layers in full precision from the others.
Result<Json> writeAwqConfig(const model::ModelSpec& spec, const LinearSchemes& schemes, AwqLayout layout);

} // namespace bitlathe::format
