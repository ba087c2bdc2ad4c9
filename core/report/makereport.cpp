// SPDX-License-Identifier: Apache-2.0
// Gathers a Report from a run or a comparison, with what the folders they name still tell.
#include "core/base/machine.h"
#include "core/base/version.h"
#include "core/calibrate/statsstore.h"
#include "core/quant/histogram.h"
#include "core/report/numbers.h"
#include "core/report/report.h"
#include "kernels/cpulevel.h"
#include "kernels/threads.h"

#include <algorithm>
#include <chrono>
#include <map>

namespace bitlathe::report
{

namespace
{

constexpr int kBins = 128;
constexpr std::size_t kHistogramsOfRun = 3;
constexpr std::int64_t kMapColumns = 256;

void addFindings(Findings& all, const Findings& more)
{
    for (const Finding& finding : more) {
        if (std::ranges::find(all, finding) == all.end()) {
            all.push_back(finding);
        }
    }
}

/// What could not be put into a report is said in it.
void addLeftOut(Report& report, const Error& error)
{
    addFindings(report.findings, {{Severity::Note,
                                   "report-part-left-out",
                                   error.subject,
                                   Text(BITLATHE_TEXT("a drawing is left out of this report: %1"), error.sentence()),
                                   {}}});
}

Result<Histogram> layerHistogram(const format::OpenedModel& source, const format::OpenedModel& made,
                                 const run::LayerRecord& layer)
{
    const model::LinearSpec* linear = source.spec.findLinear(layer.name);
    const model::LinearSpec* quantized = made.spec.findLinear(layer.name);
    if (linear == nullptr || quantized == nullptr) {
        return fail(ErrorCode::TensorMissing, layer.name, Text(BITLATHE_TEXT("a layer of the model")),
                    Text(BITLATHE_TEXT("none of that name")));
    }
    BITLATHE_TRY(const std::vector<float> before, source.source->weights(*linear));
    BITLATHE_TRY(const std::vector<float> after, made.source->weights(*quantized));
    source.source->release(*linear);
    made.source->release(*quantized);
    Histogram histogram;
    histogram.layer = layer.name;
    histogram.schemeLabel = layer.scheme ? layer.scheme->label() : std::string();
    const quant::Histogram counted = quant::weightHistogram(before, kBins);
    histogram.low = counted.low;
    histogram.high = counted.high;
    histogram.before = counted.counts;
    histogram.after = quant::weightHistogram(after, kBins, counted.low, counted.high).counts;
    return histogram;
}

/// The quantized layers with the largest output error, worst first.
std::vector<run::LayerRecord> worstLayers(const run::RunResult& result)
{
    std::vector<run::LayerRecord> layers;
    std::ranges::copy_if(result.layers, std::back_inserter(layers),
                         [](const run::LayerRecord& layer) { return layer.scheme.has_value(); });
    std::ranges::stable_sort(layers, std::ranges::greater(),
                             [](const run::LayerRecord& layer) { return layer.quality.relativeError; });
    layers.resize(std::min(layers.size(), kHistogramsOfRun));
    return layers;
}

Result<void> addHistograms(Report& report, const run::RunResult& result, const WorkContext& work)
{
    BITLATHE_TRY(const auto source, format::openModel(result.recipe.model));
    BITLATHE_TRY(const auto made, format::openModel(result.out));
    for (const run::LayerRecord& layer : worstLayers(result)) {
        if (work.stopRequested()) {
            return cancelled();
        }
        BITLATHE_TRY(Histogram histogram, layerHistogram(*source, *made, layer));
        report.histograms.push_back(std::move(histogram));
    }
    return {};
}

/// One row of an outlier map: the largest magnitudes of an input's channels, pooled to the map's columns.
std::vector<float> pooledRow(const std::vector<float>& absMax, std::int64_t cols)
{
    std::vector<float> row(static_cast<std::size_t>(cols));
    const auto features = static_cast<std::int64_t>(absMax.size());
    for (std::int64_t i = 0; i < features; ++i) {
        float& cell = row[static_cast<std::size_t>(i * cols / features)];
        cell = std::max(cell, absMax[static_cast<std::size_t>(i)]);
    }
    return row;
}

Text inputTitle(model::LinearRole firstReader)
{
    switch (firstReader) {
    case model::LinearRole::Query:
    case model::LinearRole::Key:
    case model::LinearRole::QueryKeyValue:
    case model::LinearRole::Value: return Text(BITLATHE_TEXT("Input of the attention projections, largest magnitude"));
    case model::LinearRole::Output: return Text(BITLATHE_TEXT("Input of the attention output, largest magnitude"));
    case model::LinearRole::Gate:
    case model::LinearRole::GateUp:
    case model::LinearRole::Up: return Text(BITLATHE_TEXT("Input of the gate and up projections, largest magnitude"));
    case model::LinearRole::Down: return Text(BITLATHE_TEXT("Input of the down projection, largest magnitude"));
    case model::LinearRole::Other: return Text(BITLATHE_TEXT("Input of other linears, largest magnitude"));
    }
    return {};
}

/// Channel x layer maps of activations, one for each kind of input.
Result<void> addHeatMaps(Report& report, const run::RunResult& result, const WorkContext& work)
{
    BITLATHE_TRY(const auto opened, format::openModel(result.recipe.model));
    BITLATHE_TRY(const auto store, calibrate::StatsStore::openFolder(result.statistics));
    std::vector<HeatMap> maps;
    for (std::int64_t block = 0; block < store->blockCount(); ++block) {
        if (work.stopRequested()) {
            return cancelled();
        }
        BITLATHE_TRY(const auto stats, store->blockSummary(block));
        for (const calibrate::InputStats& input : stats->inputs) {
            if (input.linears.empty() || input.linears.front().index() >= opened->spec.linears.size() ||
                input.absMax.empty() || input.tokens == 0) {
                continue;
            }
            const model::LinearSpec& reader = opened->spec.linear(input.linears.front());
            const Text title = inputTitle(reader.role);
            auto map = std::ranges::find(maps, title, &HeatMap::title);
            if (map == maps.end()) {
                HeatMap fresh = {title,
                                 Text(BITLATHE_TEXT("block")),
                                 Text(BITLATHE_TEXT("input channel")),
                                 Text(BITLATHE_TEXT("largest |x|")),
                                 0,
                                 0,
                                 {},
                                 {}};
                fresh.cols = std::min(static_cast<std::int64_t>(input.absMax.size()), kMapColumns);
                if (fresh.cols < static_cast<std::int64_t>(input.absMax.size())) {
                    fresh.colLabel =
                        Text(BITLATHE_TEXT("input channels, %1 in a column at most"),
                             (static_cast<std::int64_t>(input.absMax.size()) + fresh.cols - 1) / fresh.cols);
                }
                map = maps.insert(maps.end(), std::move(fresh));
            }
            const std::vector<float> row = pooledRow(input.absMax, map->cols);
            map->values.insert(map->values.end(), row.begin(), row.end());
            map->rowNames.push_back(reader.expert < 0 ? std::to_string(block)
                                                      : fmt::format("{} expert {}", block, reader.expert));
            ++map->rows;
        }
    }
    report.heatMaps.insert(report.heatMaps.end(), maps.begin(), maps.end());
    return {};
}

/// Adds the parts that need a run's folders. Only being stopped is an error.
Result<void> addDrawings(Report& report, const run::RunResult& result, bool withMaps, const WorkContext& work)
{
    const auto add = [&](Result<void> part) -> Result<void> {
        if (!part && part.error().code == ErrorCode::Cancelled) {
            return part;
        }
        if (!part) {
            addLeftOut(report, part.error());
        }
        return {};
    };
    BITLATHE_CHECK(add(addHistograms(report, result, work)));
    if (withMaps && !result.statistics.empty()) {
        BITLATHE_CHECK(add(addHeatMaps(report, result, work)));
    }
    return {};
}

} // namespace

Environment environment()
{
    const MachineFacts machine = machineFacts();
    Environment facts;
    facts.program = fmt::format("Bitlathe {}", programVersion());
    facts.processor = machine.processor;
    facts.system = machine.system;
    facts.cpuLevel = kernels::cpuLevelName(kernels::cpuLevel());
    facts.threads = kernels::threadCount();
    facts.bytesRam = machine.bytesRam;
    facts.time = utcTimeText(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
    return facts;
}

Result<Report> makeReport(const run::RunResult& result, const WorkContext& work)
{
    Report report;
    report.title = Text(BITLATHE_TEXT("%1: %2, %3"), result.recipe.model.filename().string(), result.recipe.method,
                        result.recipe.scheme.label());
    report.environment = environment();
    report.runs = {result};
    report.comparison = result.comparison;
    addFindings(report.findings, result.findings);
    if (result.comparison) {
        addFindings(report.findings, result.comparison->findings);
    }
    BITLATHE_CHECK(addDrawings(report, result, true, work));
    return report;
}

Result<Report> makeReport(const evaluate::Comparison& comparison, const WorkContext& work)
{
    Report report;
    report.environment = environment();
    report.comparison = comparison;
    addFindings(report.findings, comparison.findings);
    std::map<std::filesystem::path, bool> statisticsShown;
    std::string names;
    for (const evaluate::ComparedModel& model : comparison.models) {
        names += (names.empty() ? "" : ", ") + model.name;
        const Result<run::RunResult> result = run::readRunResult(model.path);
        if (!result) {
            continue;
        }
        report.runs.push_back(*result);
        report.runs.back().out = model.path;
        addFindings(report.findings, result->findings);
        const bool isNew = statisticsShown.emplace(result->statistics, true).second;
        BITLATHE_CHECK(addDrawings(report, report.runs.back(), isNew, work));
    }
    report.title = Text(BITLATHE_TEXT("Comparison of %1"), names);
    return report;
}

} // namespace bitlathe::report
