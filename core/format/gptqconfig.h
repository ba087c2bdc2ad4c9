// SPDX-License-Identifier: Apache-2.0
// GptqConfig: the quantization_config of GPTQ checkpoints, read and written.
#pragma once

#include "core/format/format.h"
#include "core/format/namepattern.h"

#include <optional>
#include <string>
#include <vector>

namespace bitlathe::format
{

/// How a GPTQ checkpoint stores its tensors: "checkpoint_format".
enum class GptqLayout {
    V1,     ///< "gptq": zero points less one.
    V2,     ///< "gptq_v2": zero points as they are.
    Marlin, ///< "marlin": tiles for one kernel; only read.
};

/// One entry of "dynamic": what layers of a name have otherwise.
struct GptqOverride
{
    NamePattern pattern;
    bool isSkip = false; ///< "-:": the layer stays in full precision.
    std::optional<int> bits;
    std::optional<std::int64_t> groupSize;
    std::optional<bool> symmetric;
    std::optional<bool> actOrder;
};

struct GptqConfig
{
    GptqLayout layout = GptqLayout::V1;
    quant::Scheme scheme; ///< scaleDType is not known from the configuration.
    std::vector<GptqOverride> overrides;
    /// Ends of the names of quantized layers; nothing: all layers.
    std::optional<std::vector<std::string>> quantizedNames;
    /// Written by GPTQModel, which takes one from whole words of zero points, borrows included.
    bool subtractsFromWords = false;

    /// Nothing where the layer stays in full precision.
    std::optional<quant::Scheme> schemeOf(const std::string& layer) const;
};

/// True where an object describes a GPTQ checkpoint (of any layout).
bool isGptqConfig(const Json& quantizationConfig);

/// True where an object names GPTQModel as the program that wrote the folder.
bool isByGptqModel(const Json& quantizationConfig);

/// The layout that an object names; nothing where it is not known here.
std::optional<GptqLayout> gptqLayoutOf(const Json& quantizationConfig);

/// subject names the file in errors. Errors: ConfigInvalid, NotSupported.
Result<GptqConfig> readGptqConfig(const Json& quantizationConfig, const std::string& subject);

/// The object for config.json and quantize_config.json; null where no layer is quantized.
Json writeGptqConfig(const model::ModelSpec& spec, const LinearSchemes& schemes, GptqLayout layout);

} // namespace bitlathe::format
