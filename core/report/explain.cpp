// SPDX-License-Identifier: Apache-2.0
// Explanation: sums over layers, blocks and kinds of layers, and the sentences they lead to.
#include "core/report/explain.h"

#include "core/report/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace bitlathe::report
{

namespace
{

using quant::Measure;
using quant::Verdict;
using run::LayerRecord;
using run::RunResult;

constexpr std::size_t kWorstLayers = 3;

std::vector<const LayerRecord*> quantizedLayers(const RunResult& run)
{
    std::vector<const LayerRecord*> layers;
    for (const LayerRecord& layer : run.layers) {
        if (layer.scheme && std::isfinite(layer.quality.relativeError)) {
            layers.push_back(&layer);
        }
    }
    return layers;
}

double errorOf(const LayerRecord* layer)
{
    return layer->quality.relativeError;
}

double errorSum(const std::vector<const LayerRecord*>& layers)
{
    return std::transform_reduce(layers.begin(), layers.end(), 0.0, std::plus(), errorOf);
}

double meanError(const std::vector<const LayerRecord*>& layers)
{
    return layers.empty() ? 0.0 : errorSum(layers) / static_cast<double>(layers.size());
}

/// "down_proj" of "model.layers.3.mlp.down_proj".
std::string nameEnd(const std::string& name)
{
    return name.substr(name.rfind('.') + 1);
}

/// The row of a run's folder with plain keys and values, or null.
const evaluate::ComparedModel* rowOf(const RunResult& run, const evaluate::Comparison& comparison)
{
    const auto isRow = [&run](const evaluate::ComparedModel& row) {
        return row.path.lexically_normal() == run.out.lexically_normal() && !row.perplexity.kv.isQuantized();
    };
    const auto found =
        std::find_if(comparison.models.begin() + (comparison.models.empty() ? 0 : 1), comparison.models.end(), isRow);
    return found != comparison.models.end() ? &*found : nullptr;
}

void addLosses(Explanation& explanation, const evaluate::ComparedModel& base, const evaluate::ComparedModel& row)
{
    const double excess = row.delta / base.perplexity.perplexity;
    const double error = row.deltaError / base.perplexity.perplexity;
    const auto add = [&](Measure measure, double value, Text text) {
        explanation.losses.push_back({quant::verdict(measure, value), std::move(text), threshold(measure).reason});
    };
    if (std::abs(row.delta) <= 2 * row.deltaError) {
        add(Measure::ExcessPerplexity, 0,
            Text(BITLATHE_TEXT(
                     "Perplexity did not rise as far as these windows tell (%1 ± %2 %): the text is as little a "
                     "surprise as before."),
                 fmt::format("{:+.2f}", 100 * excess), fmt::format("{:.2f}", 100 * error)));
    } else if (excess < 0) {
        add(Measure::ExcessPerplexity, excess,
            Text(BITLATHE_TEXT("Perplexity fell by %1 % (± %2 %), from %3 to %4: on this text nothing was lost."),
                 fmt::format("{:.2f}", -100 * excess), fmt::format("{:.2f}", 100 * error),
                 numberText(base.perplexity.perplexity), numberText(row.perplexity.perplexity)));
    } else {
        add(Measure::ExcessPerplexity, excess,
            Text(
                BITLATHE_TEXT("Perplexity rose by %1 % (± %2 %), from %3 to %4: so much less sure the model is of each "
                              "next token."),
                fmt::format("{:.2f}", 100 * excess), fmt::format("{:.2f}", 100 * error),
                numberText(base.perplexity.perplexity), numberText(row.perplexity.perplexity)));
    }
    if (row.kl) {
        add(Measure::KlMean, row.kl->mean,
            Text(BITLATHE_TEXT("Probabilities of the next token are %1 nats away from the base's (mean KL divergence); "
                               "in one place of a hundred more than %2."),
                 numberText(row.kl->mean, 3), numberText(row.kl->p99, 3)));
        add(Measure::SameTop, row.kl->sameTop,
            Text(BITLATHE_TEXT("The most likely token is another one in %1 % of places."),
                 fmt::format("{:.1f}", 100 * (1 - row.kl->sameTop))));
    }
}

void addWorstLayers(Explanation& explanation, std::vector<const LayerRecord*> layers)
{
    std::ranges::stable_sort(layers, std::ranges::greater(), errorOf);
    const double sum = errorSum(layers);
    layers.resize(std::min(layers.size(), kWorstLayers));
    std::vector<std::string> names;
    for (const LayerRecord* layer : layers) {
        names.push_back(fmt::format("{} ({})", layer->name, percentText(errorOf(layer))));
    }
    explanation.places.emplace_back(
        BITLATHE_TEXT("The largest errors are in %1; these carry %2 % of the sum over all layers."),
        printable(fmt::format("{}", fmt::join(names, ", "))), fmt::format("{:.0f}", 100 * errorSum(layers) / sum));
}

/// The kind of layer, by the end of its name, with the largest mean; nothing: there is one kind.
struct WorstKind
{
    std::string name;
    double mean = 0;
    double others = 0; ///< Mean of all others.
};

std::optional<WorstKind> worstKind(const std::vector<const LayerRecord*>& layers)
{
    std::map<std::string, std::vector<const LayerRecord*>> kinds;
    for (const LayerRecord* layer : layers) {
        kinds[nameEnd(layer->name)].push_back(layer);
    }
    if (kinds.size() < 2) {
        return std::nullopt;
    }
    const auto worst = std::ranges::max_element(kinds, {}, [](const auto& kind) { return meanError(kind.second); });
    const auto count = static_cast<double>(layers.size() - worst->second.size());
    return WorstKind{worst->first, meanError(worst->second), (errorSum(layers) - errorSum(worst->second)) / count};
}

void addDepth(Explanation& explanation, const std::vector<const LayerRecord*>& layers)
{
    constexpr std::int64_t kBlocksLeast = 3;
    constexpr double kClearly = 1.5;
    const auto [first, last] = std::ranges::minmax(layers, {}, &LayerRecord::block);
    const std::int64_t blocks = last->block - first->block + 1;
    if (blocks < kBlocksLeast) {
        return;
    }
    const std::int64_t third = blocks / kBlocksLeast;
    std::vector<const LayerRecord*> early;
    std::vector<const LayerRecord*> late;
    for (const LayerRecord* layer : layers) {
        if (layer->block < first->block + third) {
            early.push_back(layer);
        } else if (layer->block > last->block - third) {
            late.push_back(layer);
        }
    }
    const double before = meanError(early);
    const double after = meanError(late);
    const std::string from = percentText(before);
    const std::string to = percentText(after);
    if (after > kClearly * before) {
        explanation.places.emplace_back(BITLATHE_TEXT("Errors grow through the depth: %1 on average in the first third "
                                                      "of the blocks, %2 in the last."),
                                        from, to);
    } else if (before > kClearly * after) {
        explanation.places.emplace_back(BITLATHE_TEXT("Errors are larger at the beginning: %1 on average in the first "
                                                      "third of the blocks, %2 in the last. What is lost early is "
                                                      "carried through all later blocks."),
                                        from, to);
    } else {
        explanation.places.emplace_back(BITLATHE_TEXT("Errors are spread evenly over the depth: %1 on average in the "
                                                      "first third of the blocks, %2 in the last."),
                                        from, to);
    }
}

/// Blocks that carry more than their share.
void addBlocks(Explanation& explanation, const std::vector<const LayerRecord*>& layers)
{
    constexpr double kStandsOut = 2;
    std::map<std::int64_t, double> sums;
    for (const LayerRecord* layer : layers) {
        sums[layer->block] += errorOf(layer);
    }
    const double total = errorSum(layers);
    const auto worst = std::ranges::max_element(sums, {}, [](const auto& block) { return block.second; });
    if (sums.size() > 1 && worst->second * static_cast<double>(sums.size()) > kStandsOut * total) {
        explanation.places.emplace_back(
            BITLATHE_TEXT("Block %1 stands out: it carries %2 % of all errors, %3 times its share."), worst->first,
            fmt::format("{:.0f}", 100 * worst->second / total),
            numberText(worst->second * static_cast<double>(sums.size()) / total, 2));
    }
}

void addPlaces(Explanation& explanation, const std::vector<const LayerRecord*>& layers)
{
    if (errorSum(layers) <= 0) {
        explanation.places.emplace_back(BITLATHE_TEXT("No layer has an error that could be measured."));
        return;
    }
    addWorstLayers(explanation, layers);
    if (const auto kind = worstKind(layers)) {
        explanation.places.emplace_back(
            BITLATHE_TEXT("Of all kinds of layers %1 loses most: %2 on average, the others %3."), printable(kind->name),
            percentText(kind->mean), percentText(kind->others));
    }
    addBlocks(explanation, layers);
    addDepth(explanation, layers);
    const auto cut = std::ranges::count_if(layers, [](const LayerRecord* layer) {
        constexpr int kFour = 4;
        return layer->scheme->bits >= kFour &&
               quant::verdict(Measure::Saturated, layer->quality.saturated) == Verdict::Bad;
    });
    if (cut > 0) {
        explanation.places.emplace_back(BITLATHE_TEXT("In %1 layers many codes lie at the ends of their range: it was "
                                                      "cut, or the weights have a hard edge."),
                                        cut);
    }
    if (!layers.front()->quality.fromStatistics) {
        explanation.places.emplace_back(
            BITLATHE_TEXT("These errors are of the weights alone: without calibration nobody "
                          "knows which of them matter to the outputs."));
    }
}

/// More bits where the errors are: for one kind of layer that stands out, else for the worst ones.
void addOverrides(Explanation& explanation, const std::vector<const LayerRecord*>& layers)
{
    constexpr double kClearly = 1.5;
    constexpr int kEight = 8;
    const auto kind = worstKind(layers);
    std::vector<std::string> patterns;
    if (kind && kind->mean > kClearly * kind->others) {
        patterns.push_back("*." + kind->name);
    } else {
        std::vector<const LayerRecord*> worst = layers;
        std::ranges::stable_sort(worst, std::ranges::greater(), errorOf);
        worst.resize(std::min(worst.size(), kWorstLayers));
        std::ranges::transform(worst, std::back_inserter(patterns), &LayerRecord::name);
    }
    const bool isWide =
        std::ranges::all_of(layers, [](const LayerRecord* layer) { return layer->scheme->bits >= kEight; });
    if (!isWide) {
        explanation.remedies.emplace_back(BITLATHE_TEXT("Give %1 more bits with an override, for example bits:8."),
                                          printable(fmt::format("{}", fmt::join(patterns, ", "))));
    }
}

void addRemedies(Explanation& explanation, const RunResult& run, const std::vector<const LayerRecord*>& layers)
{
    constexpr std::int64_t kGroup = 64;
    constexpr int kFour = 4;
    const plan::Recipe& recipe = run.recipe;
    addOverrides(explanation, layers);
    if (recipe.method == "rtn") {
        explanation.remedies.emplace_back(
            BITLATHE_TEXT("Take gptq or awq with a calibration text: they lose about half "
                          "of what rounding to nearest does in 4 bits."));
    }
    const quant::Effort effort = recipe.method == "awq" ? recipe.options.awq.effort : recipe.options.gptq.effort;
    if ((recipe.method == "gptq" || recipe.method == "awq") && effort != quant::Effort::Best) {
        explanation.remedies.emplace_back(BITLATHE_TEXT("Let %1 search longer: effort best."), recipe.method);
    }
    const quant::Scheme& scheme = recipe.scheme;
    if (scheme.kind != quant::SchemeKind::UniformInt || scheme.bits > kFour) {
        return;
    }
    if (scheme.groupSize < 0 || scheme.groupSize > kGroup) {
        explanation.remedies.emplace_back(BITLATHE_TEXT("Take smaller groups, %1 instead of %2: more scales, smaller "
                                                        "errors."),
                                          kGroup, quant::groupSizeText(scheme.groupSize));
    }
    if (scheme.symmetric) {
        explanation.remedies.emplace_back(
            BITLATHE_TEXT("Use zero points (asymmetric), where the program that loads it knows them."));
    }
    if (recipe.method == "gptq" && !scheme.actOrder) {
        explanation.remedies.emplace_back(
            BITLATHE_TEXT("Try act-order, which rounds the columns that matter most first."));
    }
}

bool isAllFine(const Explanation& explanation, const std::vector<const LayerRecord*>& layers)
{
    if (!explanation.losses.empty()) {
        return std::ranges::all_of(explanation.losses, [](const auto& loss) { return loss.verdict == Verdict::Fine; });
    }
    return std::ranges::all_of(layers,
                               [](const auto* layer) { return quant::verdict(errorOf(layer)) == Verdict::Fine; });
}

Json englishList(const std::vector<Text>& texts)
{
    Json list = Json::array();
    for (const Text& text : texts) {
        list.push_back(text.english());
    }
    return list;
}

} // namespace

Explanation explain(const RunResult& run, const evaluate::Comparison* comparison)
{
    Explanation explanation;
    for (const evaluate::Comparison* one : {comparison, run.comparison ? &*run.comparison : nullptr}) {
        const evaluate::ComparedModel* row = one != nullptr ? rowOf(run, *one) : nullptr;
        if (row != nullptr && explanation.losses.empty()) {
            addLosses(explanation, one->models.front(), *row);
        }
    }
    const std::vector<const LayerRecord*> layers = quantizedLayers(run);
    if (layers.empty()) {
        return explanation;
    }
    addPlaces(explanation, layers);
    if (!isAllFine(explanation, layers)) {
        addRemedies(explanation, run, layers);
    }
    if (explanation.losses.empty()) {
        explanation.remedies.emplace_back(BITLATHE_TEXT("Evaluate it on a text: only perplexity and KL divergence tell "
                                                        "what these errors come to together."));
    }
    return explanation;
}

Json explanationDocument(const Explanation& explanation)
{
    Json losses = Json::array();
    for (const ExplainedLoss& loss : explanation.losses) {
        losses.push_back({{"verdict", quant::verdictName(loss.verdict)},
                          {"text", loss.text.english()},
                          {"reason", loss.reason.english()}});
    }
    return {{"losses", losses},
            {"places", englishList(explanation.places)},
            {"remedies", englishList(explanation.remedies)}};
}

} // namespace bitlathe::report
