// SPDX-License-Identifier: Apache-2.0
// Exporter: writes a quantized model folder layer by layer; verify: reads one as its consumer would.
#pragma once

#include "core/format/openmodel.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace bitlathe::format
{

/// Bytes of the tensor files that an export will write, exact. Needs nothing but the opened model. kv:
/// ExportOptions::kv.
Result<std::uint64_t> exportedBytes(const OpenedModel& model, const Format& format, const LinearSchemes& schemes,
                                    const std::optional<quant::KvParams>& kv = {});

/// One export. One thread at a time. Without finish() OUT.partial stays for a resume.
class Exporter
{
public:
    /// Errors: NotSupported (format can't hold a scheme: names the layer), OutputExists, DiskFull, WriteFailed.
    static Result<std::unique_ptr<Exporter>> create(std::shared_ptr<const OpenedModel> model, const Format& format,
                                                    LinearSchemes schemes, const ExportOptions& options);
    ~Exporter();

    /// Tensors of a linear; tensor null: stored as in the source (schemes[layer] is empty). Durable after sync().
    Result<void> writeLinear(LayerId layer, const quant::QuantizedTensor* tensor);
    /// A tensor of the source that is stored in full precision, with these values instead of its own, rounded to its
    /// type: a norm or bias, which writeOthers() then leaves out, or the weight of a linear without a scheme.
    Result<void> writeValues(const std::string& name, std::span<const float> values);
    void
    markWritten(const std::string& name); ///< Under resume: a tensor that writeValues() wrote in an earlier process.
    void markWritten(LayerId layer);      ///< Under resume: written by an earlier process.
    Result<void> sync();
    /// The grids to write in place of those of ExportOptions::kv, as many. Before writeOthers().
    void setKv(quant::KvParams params);
    /// Everything that is not a quantizable linear: embedding, norms, biases, head, tensors the model does not use, and
    /// grids of keys and values.
    Result<void> writeOthers(const WorkContext& work = {});
    /// config.json, companion files, extra files (name, content); seals; verifies by reading back; renames.
    Result<void> finish(const std::vector<std::pair<std::string, std::string>>& extraFiles,
                        const WorkContext& work = {});

    const std::filesystem::path& partialFolder() const; ///< Where a journal (".bitlathe-*") may lie.
    std::uint64_t bytesTotal() const;
    void discard();

private:
    struct Data;
    explicit Exporter(std::unique_ptr<Data> data);
    std::unique_ptr<Data> m_data;
};

struct VerifyReport
{
    std::string format; ///< "dense" for none.
    std::int64_t tensors = 0;
    std::int64_t quantizedLinears = 0;
    std::uint64_t bytes = 0;
    Findings findings; ///< For example scales that are zero or not finite, codes that leave their range.
};

/// Re-reads every tensor of a folder as the format's reader does and checks what its consumers check. VerifyFailed
/// names the tensor.
Result<VerifyReport> verify(const std::filesystem::path& folder, const WorkContext& work = {});

} // namespace bitlathe::format
