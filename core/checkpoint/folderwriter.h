// SPDX-License-Identifier: Apache-2.0
// FolderWriter: writes a model's tensors into a new folder of some layout, resumable, seen only when whole.
#pragma once

#include "core/checkpoint/tensor.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace bitlathe::checkpoint
{

/// A tensor that will be written: all names, dtypes and shapes are known before the first byte.
struct TensorPlan
{
    std::string name;
    DType dtype = DType::F32;
    Shape shape;
};

/// Writes into OUT.partial/, in any order of tensors; finish() renames to OUT. A new process can go on where another
/// ended. One thread at a time.
class FolderWriter
{
public:
    virtual ~FolderWriter() = default; ///< Leaves OUT.partial for a resume unless finished or discarded.

    /// bytes: exactly shape x dtype, little-endian row-major.
    virtual Result<void> write(std::string_view name, std::span<const std::byte> bytes) = 0;
    /// Tells the writer that a tensor was written by an earlier process.
    virtual void markWritten(std::string_view name) = 0;
    /// Makes all bytes written so far durable.
    virtual Result<void> sync() = 0;
    /// Writes a small file (report) into the folder.
    virtual Result<void> writeFile(const std::string& name, std::string_view content) = 0;
    /// Writes a small file that describes the model (config.json, tokenizer) where its readers look for it.
    virtual Result<void> writeModelFile(const std::string& name, std::string_view content)
    {
        return writeFile(name, content);
    }

    virtual const std::filesystem::path& partialFolder() const = 0; ///< OUT.partial; the journal lives there too.
    virtual std::uint64_t bytesTotal() const = 0;                   ///< Of the tensor files.

    /// Checks that every planned tensor was written (in this process or, under resume, an earlier one), writes what
    /// tells the tensors' places and makes all durable: now OUT.partial can be opened and verified.
    virtual Result<void> seal() = 0;
    /// After seal(): removes the partial folder's files whose name begins with ".bitlathe" (journal) and renames it to
    /// OUT.
    virtual Result<void> finish() = 0;
    /// Removes OUT.partial.
    virtual void discard() = 0;
};

} // namespace bitlathe::checkpoint
