// SPDX-License-Identifier: Apache-2.0
// CompressedTensorsConfig: the quantization_config of compressed-tensors, read and written.
#pragma once

#include "core/format/format.h"
#include "core/quant/kvscheme.h"

#include <optional>
#include <string>
#include <vector>

namespace bitlathe::format
{

/// How the codes of a group of layers lie in the file.
enum class CompressedLayout {
    Packed,  ///< "pack-quantized": codes in 32-bit words.
    Integer, ///< "int-quantized": one signed byte a code.
};

/// One entry of config_groups: the layers it names and how their weights are stored.
struct CompressedGroup
{
    std::string name;                 ///< "group_0".
    std::vector<std::string> targets; ///< Layer names, "re:" patterns, or the class "Linear".
    CompressedLayout layout = CompressedLayout::Packed;
    quant::Scheme scheme;             ///< scaleDType is not known from the configuration.
    bool hasOtherActivations = false; ///< Inputs or outputs are quantized in a way that the scheme cannot say.
};

/// What kv_cache_scheme asks for.
enum class CompressedKv {
    None,
    Fp8,   ///< With scales that were found by calibration.
    Other, ///< Not computed here.
};

struct CompressedConfig
{
    std::vector<CompressedGroup> groups;
    std::vector<std::string> ignore;
    CompressedKv kvCache = CompressedKv::None;

    /// The group of a layer; null where it stays in full precision. Names go before patterns, patterns before classes.
    const CompressedGroup* groupOf(const std::string& layer) const;
};

/// subject names the file in errors. Errors: ConfigInvalid, NotSupported.
Result<CompressedConfig> readCompressedConfig(const Json& quantizationConfig, const std::string& subject);

/// The object for config.json; null where no layer is quantized. Layers that are left alone are listed by name.
Json writeCompressedConfig(const model::ModelSpec& spec, const LinearSchemes& schemes,
                           CompressedLayout layout = CompressedLayout::Packed);

/// The object with a kv_cache_scheme for an fp8 cache with a scale for each layer or head.
Json withKvCacheScheme(Json quantizationConfig, const quant::KvScheme& scheme);

} // namespace bitlathe::format
