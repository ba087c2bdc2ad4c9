// SPDX-License-Identifier: Apache-2.0
// WorkspaceWriter: writes the tensors of a LLaMA as a TurboMind workspace, as lmdeploy convert 0.1 to 0.5 does.
#pragma once

#include "core/checkpoint/folderwriter.h"
#include "core/format/turbomindconfig.h"

#include <memory>

namespace bitlathe::format
{

/// Below OUT: triton_models/weights with config.ini and the weights, triton_models/tokenizer with the model's other
/// files. A file is written when all the tensors that it is made of are there, so at most a block is held in memory.
class WorkspaceWriter final : public checkpoint::FolderWriter
{
public:
    struct Options
    {
        bool resume = false;
        bool overwrite = false;
    };

    /// plan: a LLaMA's tensors, dense of two bytes or, for int4, in AWQ's gemm layout. Errors: TensorMissing (one that
    /// a workspace has), NotSupported (one for which it has no place), OutputExists, DiskFull, WriteFailed.
    static Result<std::unique_ptr<WorkspaceWriter>> create(const std::filesystem::path& out,
                                                           const std::vector<checkpoint::TensorPlan>& plan,
                                                           const TurbomindConfig& config, Options options);
    ~WorkspaceWriter() override;

    Result<void> write(std::string_view name, std::span<const std::byte> bytes) override;
    void markWritten(std::string_view name) override;
    Result<void> sync() override;
    Result<void> writeFile(const std::string& name, std::string_view content) override;
    Result<void> writeModelFile(const std::string& name, std::string_view content) override;
    const std::filesystem::path& partialFolder() const override;
    std::uint64_t bytesTotal() const override;
    Result<void> seal() override;
    Result<void> finish() override;
    void discard() override;

private:
    struct Data;
    explicit WorkspaceWriter(std::unique_ptr<Data> data);
    std::unique_ptr<Data> m_data;
};

} // namespace bitlathe::format
