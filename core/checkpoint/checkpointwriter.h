// SPDX-License-Identifier: Apache-2.0
// CheckpointWriter: writes a model folder tensor by tensor, resumable, and gives it its final name only when whole.
#pragma once

#include "core/checkpoint/tensor.h"

#include <filesystem>
#include <memory>

namespace bitlathe::checkpoint {

/// A tensor that will be written: all names, dtypes and shapes are known before the first byte.
struct TensorPlan
{
    std::string name;
    DType dtype = DType::F32;
    Shape shape;
};

/// Writes safetensors into OUT.partial/, sharded, in any order of tensors. Layout (files, offsets) follows from the
/// plan alone, so that a new process can go on where another ended and the bytes are the same. finish() renames to OUT.
class CheckpointWriter
{
public:
    struct Options
    {
        std::uint64_t bytesShardMax = 4ULL << 30; ///< A tensor larger than this gets a shard of its own.
        bool resume = false;                      ///< Go on in an existing OUT.partial with the same plan.
        bool overwrite = false; ///< finish() may replace an existing OUT (moved aside first, never half gone).
    };

    /// Errors: OutputExists (OUT exists, and neither overwrite nor empty folder), DiskFull (checked ahead),
    /// WriteFailed.
    static Result<std::unique_ptr<CheckpointWriter>> create(const std::filesystem::path& out,
                                                            std::vector<TensorPlan> plan, const Options& options);
    ~CheckpointWriter(); ///< Leaves OUT.partial for a resume unless finished or discarded.

    /// bytes: exactly shape x dtype, little-endian row-major. One thread at a time.
    Result<void> write(std::string_view name, std::span<const std::byte> bytes);
    /// Makes all bytes written so far durable.
    Result<void> sync();
    /// Writes a small file (config.json, report) into the folder.
    Result<void> writeFile(const std::string& name, std::string_view content);
    /// Copies a file of the source folder along.
    Result<void> copyFile(const std::filesystem::path& file);

    const std::filesystem::path& partialFolder() const; ///< OUT.partial; the journal lives there too.
    std::uint64_t bytesTotal() const;                   ///< Of the tensor files.

    /// Checks that every planned tensor was written (in this process or, under resume, an earlier one), writes the
    /// index and makes all durable: now OUT.partial opens as a Checkpoint and can be verified.
    Result<void> seal();
    /// After seal(): removes the partial folder's files whose name begins with ".bitlathe" (journal) and renames it to
    /// OUT.
    Result<void> finish();
    /// Tells the writer that a tensor was written by an earlier process.
    void markWritten(std::string_view name);
    /// Removes OUT.partial.
    void discard();

private:
    struct Data;
    explicit CheckpointWriter(std::unique_ptr<Data> data);
    std::unique_ptr<Data> m_data;
};

} // namespace bitlathe::checkpoint
