// SPDX-License-Identifier: Apache-2.0
// Speed: loads models one by one, so that each one's memory is seen, then measures them side by side.
#include "core/evaluate/speed.h"

#include "core/base/machine.h"
#include "core/evaluate/placement.h"
#include "core/format/openmodel.h"

#include <algorithm>

namespace bitlathe::evaluate
{

namespace
{

constexpr double kLoadingShare = 0.2;

/// A folder that stays loaded.
struct Loaded
{
    std::filesystem::path folder;
    std::shared_ptr<const model::Model> model;
    std::vector<quant::KvCache> caches;
    Findings findings;
    std::uint64_t bytesBefore = 0; ///< Resident before it was loaded.
    std::uint64_t bytesPeak = 0;   ///< At most, while it alone was loaded and ran.
};

std::string nameOf(const format::OpenedModel& opened, const quant::KvCache& cache)
{
    return cache.scheme.isQuantized() ? opened.name() + " + " + cache.scheme.label() : opened.name();
}

std::uint64_t peakSince(std::uint64_t bytesBefore)
{
    const std::uint64_t peak = peakResidentBytes();
    return peak - std::min(peak, bytesBefore);
}

/// Loads a model and adds a subject for each of its caches. With trial the model runs as it will, once, so that its own
/// peak of memory is seen.
Result<Loaded> load(const std::filesystem::path& folder, const SpeedOptions& options, bool trial,
                    std::vector<ThroughputSubject>& subjects, const WorkContext& work)
{
    Loaded loaded;
    loaded.folder = folder;
    BITLATHE_TRY(const auto opened, format::openModel(folder));
    std::vector<quant::KvScheme> schemes = {{}};
    std::ranges::copy_if(options.kv, std::back_inserter(schemes), &quant::KvScheme::isQuantized);
    BITLATHE_TRY(loaded.caches, kvCachesOf(*opened, schemes, options.kvSource, options.compute, work.child(0, 0)));
    loaded.findings = opened->findings;
    returnFreeMemory(); // Else memory freed before would be used again and not be seen.
    loaded.bytesBefore = residentBytes();
    resetPeakResidentBytes();
    const Text title(BITLATHE_TEXT("Loading %1"), opened->name());
    BITLATHE_TRY(loaded.model,
                 format::runnable(*opened, {options.compute, model::Residency::Resident, options.device.backend},
                                  work.child(0, 1, title)));
    const std::size_t first = subjects.size();
    for (const quant::KvCache& cache : loaded.caches) {
        subjects.push_back({nameOf(*opened, cache), loaded.model.get(), cache});
    }
    if (trial) {
        ThroughputOptions once = options.throughput;
        once.repeats = 1;
        once.batches = {*std::ranges::max_element(once.batches)};
        BITLATHE_TRY(const auto measured,
                     measureThroughput(std::span(subjects).subspan(first), once, WorkContext{{}, work.stop}));
        (void)measured;
        loaded.bytesPeak = peakSince(loaded.bytesBefore);
    }
    return loaded;
}

Result<std::vector<MeasuredSpeed>> measureOn(const std::vector<std::filesystem::path>& folders,
                                             const SpeedOptions& options, const WorkContext& work)
{
    std::vector<Loaded> loaded;
    std::vector<ThroughputSubject> subjects;
    const double share = kLoadingShare / static_cast<double>(folders.size());
    for (const auto& folder : folders) {
        const double from = static_cast<double>(loaded.size()) * share;
        BITLATHE_TRY(Loaded one, load(folder, options, folders.size() > 1, subjects, work.child(from, from + share)));
        loaded.push_back(std::move(one));
    }
    BITLATHE_TRY(auto all, measureThroughput(subjects, options.throughput,
                                             work.child(kLoadingShare, 1, Text(BITLATHE_TEXT("Measuring the speed")))));
    if (folders.size() == 1) {
        loaded.front().bytesPeak = peakSince(loaded.front().bytesBefore);
    }
    std::vector<MeasuredSpeed> speeds;
    for (const Loaded& one : loaded) {
        for (const quant::KvCache& cache : one.caches) {
            Throughput& throughput = all[speeds.size()];
            MeasuredSpeed& speed = speeds.emplace_back(
                MeasuredSpeed{one.folder, cache.scheme, {}, options.device.bytesPeak(), one.bytesPeak, {}});
            if (&cache == &one.caches.front()) {
                speed.findings = one.findings;
            }
            std::ranges::copy(throughput.findings, std::back_inserter(speed.findings));
            speed.throughput = std::move(throughput);
            speed.throughput.device = options.device.name;
        }
    }
    return speeds;
}

} // namespace

Result<std::vector<MeasuredSpeed>> measureSpeed(const std::vector<std::filesystem::path>& folders,
                                                const SpeedOptions& options, const WorkContext& work)
{
    BITLATHE_CHECK(checkThroughputOptions(options.throughput));
    if (folders.empty()) {
        return fail(ErrorCode::SettingInvalid, "models", Text(BITLATHE_TEXT("at least one model")),
                    Text(BITLATHE_TEXT("none")));
    }
    auto measured = model::withDeviceErrors([&] { return measureOn(folders, options, work); });
    if (measured || measured.error().code != ErrorCode::DeviceMemoryShort || options.device.isProcessor()) {
        return measured;
    }
    const Finding finding = placementFinding(options.device, {}, folders.front().string(), measured.error());
    SpeedOptions onProcessor = options;
    onProcessor.device = {};
    BITLATHE_TRY(measured, measureOn(folders, onProcessor, work));
    measured->front().findings.push_back(finding);
    return measured;
}

} // namespace bitlathe::evaluate
