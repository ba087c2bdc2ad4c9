// SPDX-License-Identifier: Apache-2.0
// Costs of a plan, from the sizes of its model and a short measurement of the machine.
#include "core/plan/cost.h"

#include "core/evaluate/kvcaches.h"
#include "core/model/linear.h"
#include "core/quant/scaleproblem.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <utility>

namespace bitlathe::plan
{

namespace
{

// What was measured on an idle core; the range of the estimate covers what other machines and busy ones do.
constexpr double kSecondsPerWeightMinMax = 6e-9; ///< Read, check, round, pack and measure one weight.
constexpr double kSecondsPerWeightMse = 60e-9;   ///< The same with the search for the best range.
/// A GPTQ sweep of a layer by effort, as a share of the time that its output error takes to measure.
constexpr double kSweepPerQuality[] = {0.35, 0.6, 4.0};
constexpr double kBytesPerSecondDisk = 400e6; ///< Written, synced, read back and checked.
constexpr double kSecondsStart = 0.3;         ///< Opening, tokenizing, folders.
constexpr double kFactorLow = 0.6;
constexpr double kFactorHigh = 2.0;
constexpr double kBytesProcess = 90e6;         ///< Program, libraries, pool of threads, tokenizer.
constexpr double kBytesActivations = 64e6 * 2; ///< Hidden states of calibration and one sample's work space.

/// Multiply-adds per second of a dense product on this machine.
double macsPerSecond(model::Compute compute)
{
    static std::mutex guard;
    static std::map<model::Compute, double> known;
    const std::lock_guard lock(guard);
    if (const auto it = known.find(compute); it != known.end()) {
        return it->second;
    }
    constexpr std::int64_t kSize = 1024;
    constexpr std::int64_t kRows = 128;
    const std::vector<float> weights(kSize * kSize, 0.5F);
    const checkpoint::TensorView view{"", checkpoint::DType::F32, {kSize, kSize}, std::as_bytes(std::span(weights))};
    const auto linear = model::makeDenseLinear(view, {}, compute);
    model::Activations x(kRows, kSize);
    std::vector<float> y(kRows * kSize);
    double best = 1e9;
    for (int repeat = 0; repeat < 4; ++repeat) { // The first one also starts the threads.
        const auto start = std::chrono::steady_clock::now();
        linear->forward(x, y);
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return known[compute] = static_cast<double>(kRows * kSize * kSize) / std::max(best, 1e-6);
}

/// Sums over a model that costs depend on.
struct Sizes
{
    double weights = 0;          ///< Of all linears.
    double weightsPerToken = 0;  ///< Of those that one token meets: a few experts only.
    double weightsMse = 0;       ///< Of those whose range is searched for.
    double weightsBlockMax = 0;  ///< Of the largest block.
    double weightsLayerMax = 0;  ///< Of the largest linear.
    double gramMacs = 0;         ///< Of X'X for one token over all inputs that it reaches.
    double searchMacs = 0;       ///< Of one trial of scales for all layers that take part.
    double searchWeights = 0;    ///< Rounded in it.
    double qualityMacs = 0;      ///< Of the output error of all layers through their Hessians.
    double hessians = 0;         ///< Elements over all blocks.
    double hessiansBlockMax = 0; ///< Of the block with most.
    double hessianMax = 0;       ///< Of the largest input.
    double attentionMacs = 0;    ///< Of one token per token before it.
};

/// Rows of each linear that are looked at while scales are searched for; 0: those of no group.
std::vector<double> rowsSearched(const model::ModelSpec& spec)
{
    std::vector<double> rows(spec.linears.size());
    for (const model::ScaleGroup& group : spec.scaleGroups) {
        for (const LayerId id : group.linears) {
            rows[id.index()] = static_cast<double>(
                std::min(spec.linear(id).outFeatures, quant::rowsSearched(std::ssize(group.linears))));
        }
    }
    return rows;
}

Sizes sizesOf(const Plan& plan)
{
    const model::ModelSpec& spec = plan.model->spec;
    Sizes sizes;
    const std::vector<double> searched = rowsSearched(spec);
    const double shareOfExperts =
        static_cast<double>(spec.expertsPerToken) / static_cast<double>(std::max<std::int64_t>(1, spec.experts));
    for (const model::BlockSpec& block : spec.blocks) {
        double weights = 0;
        std::map<std::int64_t, double> inputs;
        std::map<std::int64_t, double> inputsPerToken;
        for (const LayerId id : block.linears) {
            const model::LinearSpec& linear = spec.linear(id);
            const double in = static_cast<double>(linear.inFeatures);
            const double size = in * static_cast<double>(linear.outFeatures);
            weights += size;
            const double share = linear.expert < 0 ? 1.0 : shareOfExperts;
            sizes.weightsPerToken += share * size;
            inputs[linear.inputGroup] = in * in;
            inputsPerToken[linear.inputGroup] = share * in * in;
            sizes.hessianMax = std::max(sizes.hessianMax, in * in);
            sizes.weightsLayerMax = std::max(sizes.weightsLayerMax, size);
            const auto& scheme = plan.schemes[id.index()];
            if (scheme) {
                sizes.qualityMacs += 2 * size * in;
                sizes.searchWeights += searched[id.index()] * in;
                sizes.searchMacs += searched[id.index()] * in * in / 2; // A Hessian is symmetric.
                sizes.weightsMse += scheme->clipping == quant::Clipping::Mse ? size : 0;
            }
        }
        double hessians = 0;
        for (const auto& [group, size] : inputs) {
            hessians += size;
        }
        for (const auto& [group, size] : inputsPerToken) {
            sizes.gramMacs += size;
        }
        sizes.weights += weights;
        sizes.weightsBlockMax = std::max(sizes.weightsBlockMax, weights);
        sizes.hessians += hessians;
        sizes.hessiansBlockMax = std::max(sizes.hessiansBlockMax, hessians);
    }
    sizes.attentionMacs = 2.0 * static_cast<double>(spec.heads * spec.headDim * spec.blockCount());
    return sizes;
}

double embeddingElements(const Plan& plan)
{
    return static_cast<double>(plan.model->spec.vocabulary) * static_cast<double>(plan.model->spec.vocabularyWidth());
}

struct Seconds
{
    double calibrate = 0, quantize = 0, write = 0, evaluate = 0;
};

/// Of GPTQ's sweep over each layer; nothing: there is none.
std::optional<quant::Effort> sweepEffort(const Recipe& recipe)
{
    if (recipe.method == "gptq") {
        return recipe.options.gptq.effort;
    }
    const bool sweeps = recipe.method == "awq" && recipe.options.awq.effort == quant::Effort::Best;
    return sweeps ? std::optional(quant::Effort::Best) : std::nullopt;
}

/// The search for scales of input channels, and that for clipped ranges.
double secondsOfSmoothing(const Recipe& recipe, const Sizes& sizes)
{
    const quant::Smoothing smoothing = smoothingOf(recipe);
    if (smoothing == quant::Smoothing::None) {
        return 0;
    }
    const bool isAwq = smoothing == quant::Smoothing::Awq;
    const double trials = isAwq ? recipe.options.awq.grid + 6.0 : recipe.options.smoothQuant.alpha ? 2.0 : 22.0;
    const double seconds = trials * (sizes.searchMacs / macsPerSecond(model::Compute::F32) +
                                     sizes.searchWeights * kSecondsPerWeightMinMax);
    const bool clips = isAwq && recipe.options.awq.clip && recipe.options.awq.effort != quant::Effort::Best;
    return seconds + (clips ? sizes.weights * kSecondsPerWeightMse : 0);
}

Seconds secondsOf(const Plan& plan, const Sizes& sizes)
{
    const Recipe& recipe = plan.recipe;
    const bool calibrates = !recipe.calibration.data.empty();
    const double speed = macsPerSecond(recipe.compute.value_or(model::fastestCompute()));
    Seconds seconds;
    if (calibrates) {
        const double length = static_cast<double>(recipe.calibration.samples.length);
        const double tokens = length * static_cast<double>(recipe.calibration.samples.samples);
        constexpr double kPassesSequential = 5; // One for each step of a block, one for its output.
        const double passes = recipe.calibration.inputs == CalibrationInputs::Quantized ? kPassesSequential : 1;
        seconds.calibrate =
            tokens * (passes * (sizes.weightsPerToken + sizes.attentionMacs * length / 2) + sizes.gramMacs) / speed;
    }
    seconds.quantize =
        (sizes.weights - sizes.weightsMse) * kSecondsPerWeightMinMax + sizes.weightsMse * kSecondsPerWeightMse +
        (calibrates ? sizes.qualityMacs / macsPerSecond(model::Compute::F32) : 0) + secondsOfSmoothing(recipe, sizes);
    if (const auto effort = sweepEffort(recipe)) {
        seconds.quantize += sizes.qualityMacs / macsPerSecond(model::Compute::F32) *
                            kSweepPerQuality[static_cast<std::size_t>(*effort)];
    }
    if (recipe.calibration.inputs == CalibrationInputs::Quantized) { // Both go on side by side.
        seconds.quantize += std::exchange(seconds.calibrate, 0);
    }
    seconds.write = static_cast<double>(plan.estimate.bytesOut) / kBytesPerSecondDisk;
    if (!recipe.evaluation.data.empty()) {
        constexpr std::int64_t kWindowsGuess = 100; // All windows of a text that nobody has counted yet.
        const double length = static_cast<double>(recipe.evaluation.length);
        const std::int64_t windows = recipe.evaluation.windows > 0 ? recipe.evaluation.windows : kWindowsGuess;
        const double perToken = sizes.weightsPerToken + embeddingElements(plan) + sizes.attentionMacs * length / 2;
        // Two models, each with its first window once more for its peak memory, and again with each kind of cache, for
        // which they may have to be run over the calibration text first.
        const std::vector<quant::KvScheme>& kv = recipe.evaluation.kv;
        double tokens = length * static_cast<double>(windows + 1) * static_cast<double>(1 + kv.size());
        if (std::ranges::any_of(kv, &quant::KvScheme::needsRanges)) {
            const evaluate::KvSource source;
            tokens += static_cast<double>(source.windows * source.length);
        }
        seconds.evaluate = 2 * tokens * perToken / speed;
    }
    return seconds;
}

double bytesPeak(const Plan& plan, const Sizes& sizes)
{
    const Recipe& recipe = plan.recipe;
    constexpr double kF32 = 4;
    const double embedding = embeddingElements(plan) * static_cast<double>(checkpoint::dtypeBytes(plan.model->dtype));
    double peak = kF32 * 3 * sizes.weightsLayerMax; // Weights, their rounded twin, the products of the quality check.
    if (const auto effort = sweepEffort(recipe)) {
        // The factor of the Hessian; the best effort also keeps the Hessian in the sweep's order.
        peak += kF32 * sizes.hessianMax * (*effort == quant::Effort::Best ? 2 : 1);
    }
    if (!recipe.calibration.data.empty()) {
        peak = std::max(peak + kF32 * sizes.hessiansBlockMax,
                        embedding + kBytesActivations +
                            kF32 * (1.5 * sizes.weightsBlockMax + 1.5 * sizes.hessiansBlockMax));
    }
    if (!recipe.evaluation.data.empty()) {
        const double activations = 20 * kF32 * static_cast<double>(recipe.evaluation.length * plan.model->spec.hidden);
        const double resident = kF32 * sizes.weights + static_cast<double>(plan.estimate.bytesOut) + 2 * embedding;
        peak = std::max(peak, resident + activations + kBytesActivations);
    }
    return peak + kBytesProcess;
}

void addSteps(Plan& plan, const Seconds& seconds)
{
    const double total = seconds.calibrate + seconds.quantize + seconds.write + seconds.evaluate + kSecondsStart;
    if (!plan.recipe.calibration.data.empty()) {
        plan.steps.push_back({StepKind::Calibrate, (seconds.calibrate + kSecondsStart / 4) / total});
    }
    plan.steps.push_back({StepKind::Quantize, (seconds.quantize + kSecondsStart / 4) / total});
    plan.steps.push_back({StepKind::Export, (seconds.write + kSecondsStart / 4) / total});
    if (!plan.recipe.evaluation.data.empty()) {
        plan.steps.push_back({StepKind::Evaluate, (seconds.evaluate + kSecondsStart / 4) / total});
    }
    double sum = 0;
    for (const Step& step : plan.steps) {
        sum += step.weight;
    }
    for (Step& step : plan.steps) {
        step.weight /= sum;
    }
}

/// Stored bits per weight of the quantizable linears; those kept have the bits of their type.
double bitsPerWeight(const Plan& plan)
{
    double bits = 0;
    double weights = 0;
    for (const model::LinearSpec& linear : plan.model->spec.linears) {
        const double size = static_cast<double>(linear.outFeatures) * static_cast<double>(linear.inFeatures);
        const auto& scheme = plan.schemes[linear.id.index()];
        bits += size * (scheme ? scheme->bitsPerWeight(linear.outFeatures, linear.inFeatures)
                               : 8.0 * static_cast<double>(checkpoint::dtypeBytes(plan.model->dtype)));
        weights += size;
    }
    return weights > 0 ? bits / weights : 0;
}

} // namespace

void addCosts(Plan& plan)
{
    const Sizes sizes = sizesOf(plan);
    const Seconds seconds = secondsOf(plan, sizes);
    const double total = seconds.calibrate + seconds.quantize + seconds.write + seconds.evaluate + kSecondsStart;
    Estimate& estimate = plan.estimate;
    estimate.secondsLow = kFactorLow * total;
    estimate.secondsHigh = kFactorHigh * total;
    estimate.bytesDisk = estimate.bytesOut;
    if (!plan.recipe.calibration.data.empty()) {
        const double states = static_cast<double>(plan.recipe.calibration.samples.samples *
                                                  plan.recipe.calibration.samples.length * plan.model->spec.hidden) *
                              4;
        const bool isSequential = plan.recipe.calibration.inputs == CalibrationInputs::Quantized;
        estimate.bytesDisk += static_cast<std::uint64_t>((isSequential ? 2 * states : 4 * sizes.hessians) +
                                                         (states > kBytesActivations / 2 ? states : 0));
    }
    estimate.bytesPeakRam = static_cast<std::uint64_t>(bytesPeak(plan, sizes));
    estimate.bitsPerWeight = bitsPerWeight(plan);
    estimate.kvBytesPerToken = plan.model->spec.kvBytesPerToken(2);
    addSteps(plan, seconds);
}

} // namespace bitlathe::plan
