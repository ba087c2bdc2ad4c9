// SPDX-License-Identifier: Apache-2.0
// CheckpointWriter: writes a model folder tensor by tensor, resumable, and gives it its final name only when whole.
#pragma once

#include "core/checkpoint/folderwriter.h"

#include <memory>

namespace bitlathe::checkpoint {

/// Writes safetensors into OUT.partial/, sharded, in any order of tensors. Layout (files, offsets) follows from the
/// plan alone, so that a new process can go on where another ended and the bytes are the same. finish() renames to OUT.
class CheckpointWriter final : public FolderWriter
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
    ~CheckpointWriter() override;

    Result<void> write(std::string_view name, std::span<const std::byte> bytes) override;
    void markWritten(std::string_view name) override;
    Result<void> sync() override;
    Result<void> writeFile(const std::string& name, std::string_view content) override;
    /// Copies a file of the source folder along.
    Result<void> copyFile(const std::filesystem::path& file);
    const std::filesystem::path& partialFolder() const override;
    std::uint64_t bytesTotal() const override;
    Result<void> seal() override;
    Result<void> finish() override;
    void discard() override;

private:
    struct Data;
    explicit CheckpointWriter(std::unique_ptr<Data> data);
    std::unique_ptr<Data> m_data;
};

} // namespace bitlathe::checkpoint
