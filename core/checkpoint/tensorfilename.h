// SPDX-License-Identifier: Apache-2.0
// TensorFileName: what the name of a file says about the tensors in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bitlathe::checkpoint
{

/// How a file holds its tensors.
enum class Container { Safetensors, Torch };

/// Of a name such as "model-00002-of-00005.safetensors" or "pytorch_model.fp16.bin".
struct TensorFileName
{
    Container container = Container::Safetensors;
    std::string stem;               ///< "model", "pytorch_model".
    std::string ending;             ///< ".safetensors", ".bin".
    std::string precision;          ///< "fp16"; empty: none is named.
    std::optional<unsigned> shards; ///< How many files belong together.
    bool isIndex = false;           ///< "model.safetensors.index.json".
};

/// Nothing for files that hold no model: other endings, and what training programs save beside it (optimizer.pt).
std::optional<TensorFileName> parseTensorFileName(std::string_view name);

} // namespace bitlathe::checkpoint
