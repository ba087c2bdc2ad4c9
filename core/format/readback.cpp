// SPDX-License-Identifier: Apache-2.0
// ReadBack: reads a whole folder as its consumer would, and compares it with what was written.
#include "core/format/readback.h"

#include <algorithm>

namespace bitlathe::format
{

namespace fs = std::filesystem;

using checkpoint::TensorEntry;
using checkpoint::TensorView;

namespace
{

Failure differs(const std::string& name)
{
    return fail(ErrorCode::VerifyFailed, name, Text(BITLATHE_TEXT("what was written")),
                Text(BITLATHE_TEXT("other bytes")), Text(BITLATHE_TEXT("Check the disk, then run the export again")));
}

/// Whether a tensor holds packed codes, which some files call floats.
bool holdsCodes(const OpenedModel& opened, std::size_t index)
{
    const LayerId owner = opened.owners[index];
    return owner.isValid() && opened.schemes[owner.index()] &&
           opened.checkpoint->entries()[index].name == opened.spec.linear(owner).weightName();
}

Result<void> readTensor(const OpenedModel& opened, std::size_t index, const FingerprintFile* written)
{
    const TensorEntry& entry = opened.checkpoint->entries()[index];
    const TensorView view = opened.checkpoint->view(entry);
    if (checkpoint::isFloat(entry.dtype) && !holdsCodes(opened, index)) {
        BITLATHE_CHECK(checkpoint::checkFinite(view));
    }
    const std::string* expected = written == nullptr ? nullptr : written->find(entry.name);
    if (expected != nullptr && *expected != fingerprintOf(view.bytes)) {
        return differs(entry.name);
    }
    opened.checkpoint->release(entry);
    return {};
}

/// How the scales of a folder look, over all layers.
struct ScaleFacts
{
    std::int64_t zero = 0;
    std::int64_t negative = 0;
    std::string firstZero;
    std::string firstNegative;

    void add(const quant::QuantizedTensor& tensor, const std::string& layer)
    {
        for (const float scale : tensor.scales) {
            firstZero = scale == 0 && zero == 0 ? layer : firstZero;
            firstNegative = scale < 0 && negative == 0 ? layer : firstNegative;
            zero += scale == 0 ? 1 : 0;
            negative += scale < 0 ? 1 : 0;
        }
    }

    void tell(Findings& findings) const
    {
        if (zero > 0) {
            findings.push_back(
                {Severity::Note, "scale-zero", firstZero,
                 Text(BITLATHE_TEXT("has scales that are zero (%1 in the whole model): their weights are all zero"),
                      zero),
                 Text()});
        }
        if (negative > 0) {
            findings.push_back(
                {Severity::Warning, "scale-negative", firstNegative,
                 Text(BITLATHE_TEXT("has negative scales (%1 in the whole model), which some runtimes do not expect"),
                      negative),
                 Text(BITLATHE_TEXT("Quantize the model again"))});
        }
    }
};

Result<void> readLayer(const OpenedModel& opened, const model::LinearSpec& linear, const FingerprintFile* written,
                       ScaleFacts& scales)
{
    BITLATHE_TRY(const quant::QuantizedTensor tensor,
                 opened.format->decode(*opened.checkpoint, linear, *opened.schemes[linear.id.index()]));
    const std::string* expected = written == nullptr ? nullptr : written->find(layerKey(linear));
    if (expected != nullptr && *expected != fingerprintOf(tensor)) {
        return differs(linear.name);
    }
    scales.add(tensor, linear.name);
    opened.release(linear);
    return {};
}

Result<void> readTensors(const OpenedModel& opened, const FingerprintFile* written, const WorkContext& work)
{
    double done = 0;
    const double total = static_cast<double>(std::max<std::uint64_t>(1, opened.checkpoint->bytesTensors()));
    const auto& entries = opened.checkpoint->entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (work.stopRequested()) {
            return cancelled();
        }
        BITLATHE_CHECK(readTensor(opened, i, written));
        done += static_cast<double>(entries[i].bytes);
        work.progress.set(done / total);
    }
    return {};
}

} // namespace

std::string layerKey(const model::LinearSpec& linear)
{
    return "layer " + linear.name;
}

Result<VerifyReport> readBack(const OpenedModel& opened, const FingerprintFile* written, const WorkContext& work)
{
    VerifyReport report;
    report.format = opened.isQuantized() ? opened.format->name() : "dense";
    report.tensors = static_cast<std::int64_t>(opened.checkpoint->entries().size());
    report.findings = opened.findings;
    constexpr double kShareOfTensors = 0.5;
    BITLATHE_CHECK(readTensors(opened, written, work.child(0, kShareOfTensors)));
    ScaleFacts scales;
    for (const model::LinearSpec& linear : opened.spec.linears) {
        if (work.stopRequested()) {
            return cancelled();
        }
        if (opened.isQuantized() && opened.schemes[linear.id.index()]) {
            BITLATHE_CHECK(readLayer(opened, linear, written, scales));
            ++report.quantizedLinears;
        }
        const double share =
            static_cast<double>(linear.id.value() + 1) / static_cast<double>(opened.spec.linears.size());
        work.progress.set(kShareOfTensors + (1 - kShareOfTensors) * share);
    }
    scales.tell(report.findings);
    for (const fs::path& file : opened.checkpoint->files()) {
        std::error_code error;
        const std::uintmax_t bytes = fs::file_size(file, error);
        report.bytes += error ? 0 : bytes;
    }
    if (opened.tokenizerError) {
        std::string why = opened.tokenizerError->sentence();
        why.pop_back(); // A finding's sentence ends by itself.
        report.findings.push_back({Severity::Note, "no-tokenizer", opened.folder().string(),
                                   Text(BITLATHE_TEXT("has no tokenizer that can be used: %1"), std::move(why)),
                                   Text()});
    }
    return report;
}

Result<VerifyReport> verify(const fs::path& folder, const WorkContext& work)
{
    BITLATHE_TRY(const auto opened, openModel(folder));
    return readBack(*opened, nullptr, work);
}

} // namespace bitlathe::format
