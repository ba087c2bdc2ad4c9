// SPDX-License-Identifier: Apache-2.0
// ReadBack: reads a whole folder as its consumer would, and compares it with what was written.
#include "core/format/readback.h"

#include "kernels/threads.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>

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

    void add(const ScaleFacts& layer)
    {
        firstZero = zero == 0 ? layer.firstZero : firstZero;
        firstNegative = negative == 0 ? layer.firstNegative : firstNegative;
        zero += layer.zero;
        negative += layer.negative;
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

Result<ScaleFacts> readLayer(const OpenedModel& opened, const model::LinearSpec& linear, const FingerprintFile* written)
{
    BITLATHE_TRY(const quant::QuantizedTensor tensor,
                 opened.format->decode(*opened.checkpoint, linear, *opened.schemes[linear.id.index()]));
    const std::string* expected = written == nullptr ? nullptr : written->find(layerKey(linear));
    if (expected != nullptr && *expected != fingerprintOf(tensor)) {
        return differs(linear.name);
    }
    ScaleFacts facts{std::ranges::count(tensor.scales, 0.0f),
                     std::ranges::count_if(tensor.scales, [](float scale) { return scale < 0; }), linear.name,
                     linear.name};
    opened.release(linear);
    return facts;
}

/// Layers that are read at the same time, where threads are free: much of reading one is work of one thread. Two take
/// less memory than the layer took when it was quantized.
constexpr std::int64_t kLayersAtOnce = 2;
/// Of whole tensors one, which is read at memory speed and may be as large as the embedding.
constexpr std::int64_t kTensorsAtOnce = 1;

/// Calls read(index) for each of count, by so many readers. sizeOf(index): how it counts for the progress. Errors: that
/// of the lowest index; what was not begun by then is not read.
Result<void> readAll(std::int64_t readers, std::int64_t count, const WorkContext& work,
                     const std::function<std::uint64_t(std::size_t)>& sizeOf,
                     const std::function<Result<void>(std::size_t)>& read)
{
    double total = 1;
    for (std::int64_t i = 0; i < count; ++i) {
        total += static_cast<double>(sizeOf(static_cast<std::size_t>(i)));
    }
    std::mutex guard;
    double done = 0;
    std::int64_t failed = count;
    Result<void> outcome;
    std::atomic<std::int64_t> next = 0;
    std::atomic<bool> ends = false;
    kernels::parallelFor(readers, 1, [&](std::int64_t, std::int64_t) {
        for (std::int64_t i = next++; i < count && !ends && !work.stopRequested(); i = next++) {
            Result<void> one = read(static_cast<std::size_t>(i));
            const std::lock_guard lock(guard);
            if (!one && i < failed) {
                failed = i;
                outcome = std::move(one);
                ends = true;
            }
            done += static_cast<double>(sizeOf(static_cast<std::size_t>(i)));
            work.progress.set(done / total);
        }
    });
    if (outcome && work.stopRequested()) {
        return cancelled();
    }
    return outcome;
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
    const auto& entries = opened.checkpoint->entries();
    BITLATHE_CHECK(readAll(
        kTensorsAtOnce, report.tensors, work.child(0, kShareOfTensors),
        [&](std::size_t index) { return entries[index].bytes; },
        [&](std::size_t index) { return readTensor(opened, index, written); }));
    const auto& linears = opened.spec.linears;
    std::vector<ScaleFacts> facts(linears.size());
    const auto isRead = [&](std::size_t index) {
        return opened.isQuantized() && opened.schemes[linears[index].id.index()];
    };
    BITLATHE_CHECK(readAll(
        kLayersAtOnce, std::ssize(linears), work.child(kShareOfTensors, 1),
        [&](std::size_t index) {
            return static_cast<std::uint64_t>(isRead(index) ? linears[index].outFeatures * linears[index].inFeatures
                                                            : 0);
        },
        [&](std::size_t index) -> Result<void> {
            if (isRead(index)) {
                BITLATHE_TRY(facts[index], readLayer(opened, linears[index], written));
            }
            return {};
        }));
    ScaleFacts scales;
    for (std::size_t i = 0; i < linears.size(); ++i) {
        scales.add(facts[i]);
        report.quantizedLinears += isRead(i) ? 1 : 0;
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
