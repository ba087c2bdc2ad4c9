// SPDX-License-Identifier: Apache-2.0
// Which files of a model folder hold its tensors.
#pragma once

#include "core/base/finding.h"
#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <unordered_map>
#include <vector>

namespace bitlathe::checkpoint
{

/// The tensor files of a folder and, where there is an index, which of them holds which tensor.
struct FolderFiles
{
    std::filesystem::path folder;
    std::vector<std::filesystem::path> files;
    bool hasIndex = false;
    std::unordered_map<std::string, std::size_t> weightMap; ///< Name of a tensor to its place in files.
    Findings findings;                                      ///< Tensor files of the folder that are left aside.
};

/// path: a folder, a tensor file (a listed shard stands for its whole index), or an index file. A folder is searched
/// for model.safetensors.index.json, model.safetensors, any other index, then all *.safetensors; where there are none,
/// in the same way for pytorch_model.bin and the other files of PyTorch. Files that name a precision (model.fp16...)
/// count only where no other file does. Errors: FileMissing (also a listed shard), FileInvalid, NotSupported (tensor
/// files of other kinds only).
Result<FolderFiles> findTensorFiles(const std::filesystem::path& path);

} // namespace bitlathe::checkpoint
