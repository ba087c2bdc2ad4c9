// SPDX-License-Identifier: Apache-2.0
// Running a recipe in front of a person: what it will cost, layers as they finish, what came out.
#include "app/cli/runrecipe.h"

#include "app/cli/comparisontable.h"
#include "app/cli/table.h"
#include "core/report/documents.h"
#include "core/report/explain.h"
#include "core/report/numbers.h"

#include <algorithm>

namespace bitlathe::cli
{

namespace
{

Table layerTable(const model::ModelSpec& spec)
{
    std::size_t nameWidth = 0;
    for (const model::LinearSpec& linear : spec.linears) {
        nameWidth = std::max(nameWidth, linear.name.size());
    }
    return Table({{"Layer", false, nameWidth},
                  {"Bits", true},
                  {"Group", true, 7},
                  {"Loss/token", true, 10},
                  {"Error", true, 9},
                  {"Verdict", false, 7},
                  {"Saturated", true, 9},
                  {"Time", true, 7}});
}

std::string layerRow(const Table& table, const run::LayerRecord& layer)
{
    if (!layer.scheme) {
        return table.row({layer.name, "kept"});
    }
    const quant::LayerQuality& quality = layer.quality;
    return table.row({layer.name, std::to_string(layer.scheme->bits), quant::groupSizeText(layer.scheme->groupSize),
                      quality.fromStatistics ? report::numberText(quality.loss, 3) : "",
                      report::percentText(quality.relativeError) + (quality.fromStatistics ? "" : "*"),
                      verdictText(quant::verdict(quality.relativeError)), report::percentText(quality.saturated, 2),
                      report::durationText(layer.seconds)});
}

std::string explanationText(const report::Explanation& explanation)
{
    std::string text;
    for (const report::ExplainedLoss& loss : explanation.losses) {
        text += fmt::format("{}: {} {}\n", verdictText(loss.verdict), loss.text.english(), loss.reason.english());
    }
    for (const Text& place : explanation.places) {
        text += place.english() + '\n';
    }
    for (const Text& remedy : explanation.remedies) {
        text += "- " + remedy.english() + '\n';
    }
    return text;
}

std::string resultText(const run::RunResult& result)
{
    const std::string onDevice =
        result.bytesPeakVram > 0
            ? fmt::format("; on {}, of its memory {}", result.device, report::bytesText(result.bytesPeakVram))
            : std::string();
    std::string text = fmt::format("\n{} bits per weight, {} in {}, peak memory {}{}\nwritten to {} ({})\n",
                                   report::numberText(result.bitsPerWeight), report::bytesText(result.bytes),
                                   report::durationText(result.seconds), report::bytesText(result.bytesPeakRss),
                                   onDevice, result.out.string(), result.format);
    const bool fromWeights = std::ranges::any_of(
        result.layers, [](const run::LayerRecord& layer) { return layer.scheme && !layer.quality.fromStatistics; });
    if (fromWeights) {
        text += "* error of the weights alone: there was no calibration text (--data)\n";
    }
    if (result.comparison) {
        text += '\n' + comparisonText(*result.comparison);
    }
    return text + '\n' + explanationText(report::explain(result));
}

} // namespace

std::string estimateText(const plan::Estimate& estimate)
{
    std::string text;
    const auto line = [&text](std::string_view name, const std::string& value) {
        text += fmt::format("  {:<17}{}\n", name, value);
    };
    line("written", fmt::format("{}, {} bits per weight", report::bytesText(estimate.bytesOut),
                                report::numberText(estimate.bitsPerWeight)));
    line("disk while running", report::bytesText(estimate.bytesDisk));
    line("peak memory", report::bytesText(estimate.bytesPeakRam));
    if (estimate.bytesPeakVram > 0) {
        line("GPU memory", report::bytesText(estimate.bytesPeakVram) + ", with less in smaller steps");
    }
    line("time", fmt::format("{} to {}", report::durationText(estimate.secondsLow),
                             report::durationText(estimate.secondsHigh)));
    line("KV cache",
         fmt::format("{} per token as f16", report::bytesText(static_cast<std::uint64_t>(estimate.kvBytesPerToken))));
    return text;
}

Result<run::RunResult> runRecipe(Session& session, const plan::Recipe& recipe, bool resume)
{
    BITLATHE_TRY(const plan::Plan plan, plan::makePlan(recipe, nullptr, plan::Timing::Usual));
    Console& console = session.console;
    console.note(fmt::format("{}: {}, {} to write, {} of memory", plan.model->name(), recipe.scheme.label(),
                             report::bytesText(plan.estimate.bytesOut), report::bytesText(plan.estimate.bytesPeakRam)));
    const Table table = layerTable(plan.model->spec);
    bool headerShown = false;
    run::RunObserver observer;
    observer.onLayer = [&](const run::LayerRecord& layer) {
        console.print((headerShown ? "" : table.header()) + layerRow(table, layer));
        headerShown = true;
    };
    observer.onFinding = [&](const Finding& finding) { console.finding(finding); };
    session.afterStop = fmt::format("State kept in {}.partial, resume with: bitlathe-cli resume {}",
                                    recipe.exportTo.out.string(), recipe.exportTo.out.string());
    run::RunOptions options;
    options.resume = resume;
    Result<run::RunResult> result = run::runPlan(plan, options, observer, session.work());
    console.progressDone();
    return result;
}

Result<void> runAndShow(Session& session, const plan::Recipe& recipe, bool resume)
{
    BITLATHE_TRY(const run::RunResult result, runRecipe(session, recipe, resume));
    session.console.document(report::runDocument(result));
    session.console.print(resultText(result));
    return {};
}

} // namespace bitlathe::cli
