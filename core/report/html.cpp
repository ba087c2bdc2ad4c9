// SPDX-License-Identifier: Apache-2.0
// HTML of a report: its values put into the template.
#include "core/report/drawings.h"
#include "core/report/explain.h"
#include "core/report/numbers.h"
#include "core/report/template.h"

#include <mustache.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace bitlathe::report
{

namespace
{

using Data = kainjow::mustache::data;

/// Batches and contexts for which a report counts the KV cache.
struct KvCase
{
    std::int64_t batch;
    std::int64_t context;
};
constexpr std::array kKvCases = {KvCase{1, 2048}, KvCase{8, 2048}, KvCase{1, 32768}};

/// An object of texts; each is made valid UTF-8, the template escapes it.
Data texts(std::initializer_list<std::pair<const char*, std::string>> values)
{
    Data data;
    for (const auto& [name, value] : values) {
        data.set(name, printable(value));
    }
    return data;
}

Data list()
{
    return Data(Data::type::list);
}

std::string verdictSymbol(quant::Verdict verdict)
{
    switch (verdict) {
    case quant::Verdict::Fine: return "✓";
    case quant::Verdict::Watch: return "▲";
    case quant::Verdict::Bad: return "✕";
    }
    return "✕";
}

std::string severitySymbol(Severity severity)
{
    switch (severity) {
    case Severity::Note: return "●";
    case Severity::Warning: return "▲";
    case Severity::Problem: return "✕";
    }
    return "✕";
}

/// "66.7 % (39.1 to 86.2 %)"
std::string questionsText(const evaluate::ChoiceFacts& choice)
{
    return percentText(choice.all.accuracy()) + " (" + percentRangeText(choice.interval.low, choice.interval.high) +
           ')';
}

Data modelRow(const evaluate::ComparedModel& model, bool isBase)
{
    Data row = texts({{"name", model.name},
                      {"scheme", model.schemeLabel},
                      {"bits", numberText(model.bitsPerWeight)},
                      {"weights", bytesText(model.memory.bytesWeights)},
                      {"disk", bytesText(model.memory.bytesDisk)},
                      {"kvToken", bytesText(static_cast<std::uint64_t>(model.memory.kvBytesPerToken))},
                      {"peak", model.memory.bytesPeakRss > 0 ? bytesText(model.memory.bytesPeakRss) : "not measured"},
                      {"perplexity", valueWithErrorText(model.perplexity.perplexity, model.perplexity.standardError)},
                      {"delta", isBase ? "" : differenceText(model.delta, model.deltaError)},
                      {"kl", model.kl ? valueWithErrorText(model.kl->mean, model.kl->standardError) : ""},
                      {"kl99", model.kl ? numberText(model.kl->p99, 3) : ""},
                      {"sameTop", model.kl ? percentText(model.kl->sameTop) : ""},
                      {"speed", countText(std::llround(model.tokensPerSecond))}});
    Data kv = list();
    for (const KvCase& one : kKvCases) {
        kv << Data(bytesText(static_cast<std::uint64_t>(model.memory.kvBytesPerToken * one.batch * one.context)));
    }
    row.set("kv", kv);
    if (model.choice) {
        row.set("choice", Data(questionsText(*model.choice)));
    }
    return row;
}

/// Both texts of a prompt, from where they part apart from what they agree on.
Data exampleData(const evaluate::GenerationExample& example)
{
    const std::size_t agreed = std::min({example.agreedBytes, example.base.size(), example.text.size()});
    return texts({{"prompt", example.prompt},
                  {"agreed", example.base.substr(0, agreed)},
                  {"base", example.base.substr(agreed)},
                  {"text", example.text.substr(agreed)}});
}

/// What models wrote after the same prompts.
Data generationData(const evaluate::Comparison& comparison)
{
    Data rows = list(), examples = list();
    for (const evaluate::ComparedModel& model : comparison.models) {
        if (!model.generation) {
            continue;
        }
        const evaluate::GenerationFacts& facts = *model.generation;
        const auto& agreement = facts.agreement;
        const bool knows = agreement && agreement->baseProbability;
        rows << texts({{"name", model.name},
                       {"prompts", countText(facts.prompts)},
                       {"equal", agreement ? percentText(agreement->equalShare()) : ""},
                       {"tokens", agreement ? numberText(agreement->tokensMedian, 3) : ""},
                       {"words", agreement ? numberText(agreement->wordsMedian, 3) : ""},
                       {"probability", knows ? numberText(*agreement->baseProbability, 3) : ""},
                       {"length", numberText(facts.lengthMean, 3)},
                       {"ended", countText(facts.ended)},
                       {"repeated", percentText(facts.repeated)},
                       {"loops", countText(facts.loops)}});
        if (agreement && !agreement->examples.empty()) {
            Data ofModel = texts({{"name", model.name}});
            Data all = list();
            for (const evaluate::GenerationExample& example : agreement->examples) {
                all << exampleData(example);
            }
            ofModel.set("examples", all);
            examples << ofModel;
        }
    }
    Data data = texts(
        {{"protocol", comparison.generationProtocol->sentence().english()}, {"base", comparison.models.front().name}});
    data.set("rows", rows);
    data.set("models", examples);
    return data;
}

/// The tokens that one model loses most.
Data worstData(const evaluate::ComparedModel& model)
{
    Data data = texts({{"name", model.name}});
    Data rows = list();
    for (const evaluate::TokenLoss& loss : model.tokens->worst) {
        rows << texts({{"window", countText(loss.window)},
                       {"position", countText(loss.position)},
                       {"before", inOneLine(loss.before)},
                       {"token", tokenText(loss.token)},
                       {"baseTop", tokenText(loss.baseTop)},
                       {"modelTop", tokenText(loss.modelTop)},
                       {"baseProbability", percentText(loss.baseProbability)},
                       {"modelProbability", percentText(loss.modelProbability)},
                       {"kl", numberText(loss.kl, 3)}});
    }
    data.set("rows", rows);
    return data;
}

Data comparisonData(const evaluate::Comparison& comparison)
{
    Data data = texts({{"protocol", comparison.protocol.sentence().english()},
                       {"base", comparison.models.empty() ? "" : comparison.models.front().name}});
    if (comparison.choiceProtocol) {
        data.set("choiceProtocol", Data(printable(comparison.choiceProtocol->sentence().english())));
    }
    if (comparison.generationProtocol && !comparison.models.empty()) {
        data.set("generation", generationData(comparison));
    }
    Data models = list(), verdicts = list(), contexts = list();
    for (std::size_t i = 0; i < comparison.models.size(); ++i) {
        const evaluate::ComparedModel& model = comparison.models[i];
        models << modelRow(model, i == 0);
        verdicts << Data(printable(english(comparison.verdict(i))));
    }
    for (const KvCase& one : kKvCases) {
        contexts << Data(fmt::format("{} × {}", one.batch, countText(one.context)));
    }
    data.set("models", models);
    data.set("verdicts", verdicts);
    data.set("contexts", contexts);
    if (const std::string scatter = sizeAndQualitySvg(comparison); !scatter.empty()) {
        data.set("scatter", scatter);
    }
    Data worst = list();
    for (const evaluate::ComparedModel& model : comparison.models) {
        if (model.tokens && !model.tokens->worst.empty()) {
            worst << worstData(model);
        }
    }
    data.set("worst", worst);
    if (const std::string loss = lossByPositionSvg(comparison); !loss.empty()) {
        data.set("lossByPosition", loss);
        data.set("klByPosition", klByPositionSvg(comparison));
    }
    return data;
}

Data findingsData(const Findings& findings)
{
    Data rows = list();
    for (const Finding& finding : findings) {
        rows << texts({{"severity", std::string(severityName(finding.severity))},
                       {"symbol", severitySymbol(finding.severity)},
                       {"subject", finding.subject},
                       {"message", finding.message.english()},
                       {"advice", finding.advice.english()},
                       {"code", finding.code}});
    }
    return rows;
}

Data layerRow(const run::LayerRecord& layer)
{
    if (!layer.scheme) {
        return texts({{"name", layer.name},
                      {"bits", "kept"},
                      {"group", ""},
                      {"loss", ""},
                      {"error", ""},
                      {"verdict", ""},
                      {"symbol", ""},
                      {"weightError", ""},
                      {"saturated", ""},
                      {"outliers", ""},
                      {"seconds", ""}});
    }
    const quant::LayerQuality& quality = layer.quality;
    const quant::Verdict verdict = quant::verdict(quality.relativeError);
    return texts({{"name", layer.name},
                  {"bits", std::to_string(layer.scheme->bits)},
                  {"group", quant::groupSizeText(layer.scheme->groupSize)},
                  {"loss", quality.fromStatistics ? numberText(quality.loss, 3) : ""},
                  {"error", percentText(quality.relativeError) + (quality.fromStatistics ? "" : " *")},
                  {"verdict", std::string(quant::verdictName(verdict))},
                  {"symbol", verdictSymbol(verdict)},
                  {"weightError", percentText(quality.weightError)},
                  {"saturated", percentText(quality.saturated)},
                  {"outliers", layer.hasOutlierShare() ? percentText(quality.outlierShare) : ""},
                  {"seconds", numberText(layer.seconds, 2)}});
}

Data sentencesData(const std::vector<Text>& sentences)
{
    Data rows = list();
    for (const Text& sentence : sentences) {
        rows << Data(printable(sentence.english()));
    }
    return rows;
}

Data explanationData(const Explanation& explanation)
{
    Data losses = list();
    for (const ExplainedLoss& loss : explanation.losses) {
        losses << texts({{"verdict", std::string(quant::verdictName(loss.verdict))},
                         {"symbol", verdictSymbol(loss.verdict)},
                         {"text", loss.text.english()},
                         {"reason", loss.reason.english()}});
    }
    Data data;
    data.set("losses", losses);
    data.set("places", sentencesData(explanation.places));
    data.set("remedies", sentencesData(explanation.remedies));
    data.set("hasRemedies", Data(!explanation.remedies.empty()));
    return data;
}

Data runData(const run::RunResult& run, const evaluate::Comparison* comparison)
{
    Data data = texts({{"name", runName(run)},
                       {"source", run.recipe.model.string()},
                       {"out", run.out.string()},
                       {"format", run.format},
                       {"bytes", bytesText(run.bytes)},
                       {"method", run.recipe.method},
                       {"scheme", run.recipe.scheme.label()},
                       {"bits", numberText(run.bitsPerWeight)},
                       {"seconds", durationText(run.seconds)},
                       {"peak", bytesText(run.bytesPeakRss)},
                       {"command", plan::recipeToCommand(run.recipe)},
                       {"recipe", plan::recipeToYaml(run.recipe)}});
    data.set("fingerprint", printable(run.modelFingerprint));
    data.set("madeBy", printable(run.program));
    if (run.bytesPeakVram > 0) {
        data.set("device", printable(fmt::format("{} (peak memory {})", run.device, bytesText(run.bytesPeakVram))));
    }
    if (!run.calibrationHash.empty()) {
        data.set("calibration", printable(fmt::format("{} tokens of {} (hash {})", countText(run.calibrationTokens),
                                                      run.recipe.calibration.data, run.calibrationHash)));
    }
    Data layers = list();
    bool fromWeights = false;
    for (const run::LayerRecord& layer : run.layers) {
        layers << layerRow(layer);
        fromWeights = fromWeights || (layer.scheme && !layer.quality.fromStatistics);
    }
    data.set("layers", layers);
    data.set("explanation", explanationData(explain(run, comparison)));
    data.set("hasMeasureNote", Data(fromWeights));
    data.set("hasOutliers", Data(std::ranges::any_of(run.layers, &run::LayerRecord::hasOutlierShare)));
    return data;
}

Data histogramsData(const std::vector<Histogram>& histograms)
{
    Data rows = list();
    for (const Histogram& histogram : histograms) {
        Data one;
        one.set("svg", histogramSvg(histogram));
        Data bins = list();
        const double step =
            (histogram.high - histogram.low) / static_cast<double>(std::max<std::size_t>(histogram.before.size(), 1));
        for (std::size_t i = 0; i < histogram.before.size(); ++i) {
            const std::int64_t after = i < histogram.after.size() ? histogram.after[i] : 0;
            if (histogram.before[i] != 0 || after != 0) {
                bins << texts({{"from", numberText(histogram.low + step * static_cast<double>(i))},
                               {"to", numberText(histogram.low + step * static_cast<double>(i + 1))},
                               {"before", countText(histogram.before[i])},
                               {"after", countText(after)}});
            }
        }
        one.set("bins", bins);
        rows << one;
    }
    return rows;
}

Data mapsData(const std::vector<HeatMap>& maps)
{
    Data all = list();
    for (const HeatMap& map : maps) {
        Data one = texts({{"rowLabel", map.rowLabel.english()}});
        one.set("svg", heatMapSvg(map));
        Data rows = list();
        for (std::int64_t row = 0; row < map.rows; ++row) {
            const auto first = map.values.begin() + row * map.cols;
            const auto largest = std::max_element(first, first + map.cols);
            double sum = 0;
            for (auto value = first; value != first + map.cols; ++value) {
                sum += *value;
            }
            const bool named = static_cast<std::size_t>(row) < map.rowNames.size();
            rows << texts({{"name", named ? map.rowNames[static_cast<std::size_t>(row)] : std::to_string(row)},
                           {"largest", numberText(*largest)},
                           {"at", std::to_string(largest - first)},
                           {"mean", numberText(sum / static_cast<double>(map.cols))}});
        }
        one.set("rows", rows);
        all << one;
    }
    return all;
}

} // namespace

std::string_view sectionName(Section section)
{
    switch (section) {
    case Section::Findings: return "findings";
    case Section::Drawings: return "drawings";
    case Section::Layers: return "layers";
    case Section::Recipe: return "recipe";
    }
    return {};
}

std::string toHtml(const Report& report)
{
    const Environment& environment = report.environment;
    const quant::Threshold& errors = quant::threshold(quant::Measure::RelativeError);
    Data data = texts({{"title", report.title.english()},
                       {"program", environment.program},
                       {"time", environment.time},
                       {"processor", environment.processor},
                       {"cpuLevel", environment.cpuLevel},
                       {"system", environment.system},
                       {"threads", std::to_string(environment.threads)},
                       {"ram", bytesText(environment.bytesRam)},
                       {"fineBelow", percentText(errors.fine)},
                       {"watchBelow", percentText(errors.watch)}});
    if (report.comparison) {
        data.set("comparison", comparisonData(*report.comparison));
    }
    data.set("showsFindings", Data(report.shows(Section::Findings)));
    data.set("hasFindings", Data(!report.findings.empty()));
    data.set("findings", findingsData(report.findings));
    const bool draws = report.shows(Section::Drawings);
    if (const std::string depth = depthSvg(report.runs); draws && !depth.empty()) {
        data.set("depth", depth);
    }
    data.set("hasHistograms", Data(draws && !report.histograms.empty()));
    data.set("histograms", histogramsData(report.histograms));
    data.set("hasMaps", Data(draws && !report.heatMaps.empty()));
    data.set("maps", mapsData(report.heatMaps));
    data.set("showsLayers", Data(report.shows(Section::Layers)));
    data.set("showsRecipe", Data(report.shows(Section::Recipe)));
    Data runs = list();
    for (const run::RunResult& run : report.runs) {
        runs << runData(run, report.comparison ? &*report.comparison : nullptr);
    }
    data.set("runs", runs);
    kainjow::mustache::mustache page{std::string(htmlTemplate())};
    return page.render(data);
}

} // namespace bitlathe::report
