// SPDX-License-Identifier: Apache-2.0
// Costs of a plan, from the sizes of its model and the rates of the machine.
#include "core/plan/cost.h"

#include "core/base/cache.h"
#include "core/base/machine.h"
#include "core/evaluate/kvcaches.h"
#include "core/plan/rates.h"
#include "core/quant/scaleproblem.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <utility>

namespace bitlathe::plan
{

namespace
{

// Time comes from the rates of this machine (rates.h) and from these.
constexpr double kSecondsPerByteStored = 0.6e-9; ///< Of one thread: to widen, hash, copy or compare a byte of a file.
constexpr double kSecondsStart = 0.02;           ///< Opening, tokenizing, folders.
constexpr double kFactor = 1.5;                  ///< Of the estimate's range, both ways.
constexpr double kBytesStatesMax = 64 << 20;     ///< Hidden states of calibration that stay in memory.

/// Sums over a model that costs depend on.
struct Sizes
{
    double weights = 0;          ///< Of all linears.
    double weightsPerToken = 0;  ///< Of those that one token meets: a few experts only.
    double weightsTimesIn = 0;   ///< Of those that are quantized: weights times inputs, summed.
    double weightsKept = 0;      ///< Of those that are not.
    double weightsBlockMax = 0;  ///< Of the largest block.
    double weightsLayerMax = 0;  ///< Of the largest linear.
    double gramMacs = 0;         ///< Of X'X for one token over all inputs that it reaches.
    double searchMacs = 0;       ///< Of one trial of scales for all layers that take part.
    double searchWeights = 0;    ///< Rounded in it.
    double hessians = 0;         ///< Elements over all blocks.
    double hessiansBlockMax = 0; ///< Of the block with most.
    double hessianMax = 0;       ///< Of the largest input.
    double attentionMacs = 0;    ///< Of one token per token before it.
};

/// Elements of the Hessians under which scales of one group are searched for, at most.
double hessiansSearched(const model::ModelSpec& spec)
{
    double most = 0;
    for (const model::ScaleGroup& group : spec.scaleGroups) {
        std::map<std::int64_t, double> inputs;
        for (const LayerId id : group.linears) {
            const model::LinearSpec& linear = spec.linear(id);
            inputs[linear.inputGroup] = static_cast<double>(linear.inFeatures * linear.inFeatures);
        }
        double sum = 0;
        for (const auto& [input, size] : inputs) {
            sum += size;
        }
        most = std::max(most, sum);
    }
    return most;
}

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
                sizes.weightsTimesIn += size * in;
                sizes.searchWeights += searched[id.index()] * in;
                sizes.searchMacs += searched[id.index()] * in * in / 2; // A Hessian is symmetric.
            } else {
                sizes.weightsKept += size;
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

/// The search for scales of input channels.
double secondsOfSmoothing(const Recipe& recipe, const Sizes& sizes, double perWeightRounded, Timing timing)
{
    const quant::Smoothing smoothing = smoothingOf(recipe);
    if (smoothing == quant::Smoothing::None) {
        return 0;
    }
    constexpr double kEnergyRate = 0.4; // Of a dense product's: rows under half a Hessian, part by part.
    constexpr double kPasses = 3;       // Scaled, rounded, scaled back.
    const bool isAwq = smoothing == quant::Smoothing::Awq;
    const double trials = isAwq ? recipe.options.awq.grid + 6.0 : recipe.options.smoothQuant.alpha ? 2.0 : 22.0;
    return trials * (sizes.searchMacs / (kEnergyRate * macsPerSecond(model::Compute::Bf16, timing)) +
                     sizes.searchWeights * kPasses * perWeightRounded);
}

/// Of all blocks for a token of a sequence of length, and with statistics gathered from them.
BlockRate blocksRate(const Plan& plan, const Sizes& sizes, model::Compute compute, std::int64_t length, Timing timing)
{
    const double macs = macsPerSecond(compute, timing);
    const auto attention = [&](std::int64_t tokens) {
        return sizes.attentionMacs * static_cast<double>(tokens) / 2 / macs; // Each sees half of them on average.
    };
    if (const auto rate = blockRate(*plan.model, compute, length, timing)) {
        const auto blocks = static_cast<double>(plan.model->spec.blockCount());
        const double rest = attention(length) - attention(rate->tokens);
        return {blocks * rate->forward + rest, blocks * rate->observed + rest, length};
    }
    const double forward = sizes.weightsPerToken / macs + attention(length);
    return {forward, forward + sizes.gramMacs / macs, length};
}

double secondsOfCalibration(const Plan& plan, const Sizes& sizes, model::Compute compute, Timing timing)
{
    const CalibrationRecipe& calibration = plan.recipe.calibration;
    constexpr double kPassesSequential = 5; // One for each step of a block, one for its output.
    const bool isSequential = calibration.inputs == CalibrationInputs::Quantized;
    const BlockRate rate = blocksRate(plan, sizes, compute, calibration.samples.length, timing);
    const auto tokens = static_cast<double>(calibration.samples.length * calibration.samples.samples);
    const double computed = tokens * (rate.observed + (isSequential ? kPassesSequential - 1 : 0) * rate.forward);
    const double bytesStored = isSequential ? 0 : 4 * sizes.hessians; // Written once, read once.
    return computed + bytesStored * (1 / writeRate(cacheFolder(), timing).bytesPerSecond + 2 * kSecondsPerByteStored);
}

double secondsOfQuantization(const Plan& plan, const Sizes& sizes, Timing timing)
{
    const Recipe& recipe = plan.recipe;
    const auto method = quant::findQuantizer(recipe.method);
    if (!method) {
        return 0;
    }
    const bool calibrates = !recipe.calibration.data.empty();
    const MethodRate rate =
        methodRate(**method, completedScheme(recipe, recipe.scheme), recipe.options, calibrates, timing);
    const MethodRate rounding =
        calibrates ? methodRate(**quant::findQuantizer("rtn"), quant::Scheme{}, {}, false, timing) : rate;
    return rate.perWeight * (sizes.weights - sizes.weightsKept) + rate.perWeightInput * sizes.weightsTimesIn +
           secondsOfSmoothing(recipe, sizes, rounding.perWeight, timing);
}

double secondsOfEvaluation(const Plan& plan, const Sizes& sizes, model::Compute compute, Timing timing)
{
    const EvaluationRecipe& evaluation = plan.recipe.evaluation;
    constexpr std::int64_t kWindowsGuess = 100; // All windows of a text that nobody has counted yet.
    const double length = static_cast<double>(evaluation.length);
    const std::int64_t windows = evaluation.windows > 0 ? evaluation.windows : kWindowsGuess;
    const double perToken = blocksRate(plan, sizes, compute, evaluation.length, timing).forward +
                            embeddingElements(plan) / macsPerSecond(compute, timing);
    // Two models, each with its first window once more for its peak memory, and again with each kind of cache, for
    // which they may have to be run over the calibration text first.
    double tokens = length * static_cast<double>(windows + 1) * static_cast<double>(1 + evaluation.kv.size());
    if (std::ranges::any_of(evaluation.kv, &quant::KvScheme::needsRanges)) {
        const evaluate::KvSource source;
        tokens += static_cast<double>(source.windows * source.length);
    }
    constexpr double kSecondsPerLogit = 1.5e-8; // Of one thread: exponentials, divergence, places of tokens.
    return 2 * tokens * (perToken + kSecondsPerLogit * static_cast<double>(plan.model->spec.vocabulary));
}

Seconds secondsOf(const Plan& plan, const Sizes& sizes, Timing timing)
{
    const Recipe& recipe = plan.recipe;
    const model::Compute compute = recipe.compute.value_or(model::fastestCompute());
    Seconds seconds;
    if (!recipe.calibration.data.empty()) {
        seconds.calibrate = secondsOfCalibration(plan, sizes, compute, timing);
    }
    seconds.quantize = secondsOfQuantization(plan, sizes, timing);
    if (recipe.calibration.inputs == CalibrationInputs::Quantized) { // Both go on side by side.
        seconds.quantize += std::exchange(seconds.calibrate, 0);
    }
    // The model's weights are read once; what is made of them is encoded, written, and read back.
    const double bytesIn = sizes.weights * static_cast<double>(checkpoint::dtypeBytes(plan.model->dtype));
    const auto bytesOut = static_cast<double>(plan.estimate.bytesOut);
    constexpr double kSyncsPerBlock = 3; // Of tensors, of the journal and its name.
    const WriteRate rate = writeRate(recipe.exportTo.out, timing);
    seconds.write = bytesOut / rate.bytesPerSecond + (bytesIn + 3 * bytesOut) * kSecondsPerByteStored +
                    kSyncsPerBlock * static_cast<double>(plan.model->spec.blockCount() + 2) * rate.secondsPerSync;
    if (!recipe.evaluation.data.empty()) {
        seconds.evaluate = secondsOfEvaluation(plan, sizes, compute, timing);
    }
    return seconds;
}

/// Hidden states of calibration that stay in memory.
double bytesStates(const Plan& plan)
{
    const text::SampleOptions& samples = plan.recipe.calibration.samples;
    const double bytes = 4.0 * static_cast<double>(samples.samples * samples.length * plan.model->spec.hidden);
    return bytes <= kBytesStatesMax ? bytes : 0;
}

/// A calibration text while it is read: its file, its rows and their tokens.
double bytesText(const Plan& plan)
{
    constexpr double kCopies = 4;
    constexpr double kMost = 256 << 20;
    std::error_code error;
    const auto size = std::filesystem::file_size(plan.recipe.calibration.data, error);
    return error ? 0 : std::min(kMost, kCopies * static_cast<double>(size));
}

/// What a block computes with for so many tokens: hidden states before and after its norms, queries, keys and values,
/// what attention gives, and three of the MLP.
double bytesForward(const model::ModelSpec& spec, double tokens)
{
    constexpr double kHiddens = 7;
    const double columns = kHiddens * static_cast<double>(spec.hidden) +
                           static_cast<double>((spec.heads + 2 * spec.kvHeads) * spec.headDim) +
                           3.0 * static_cast<double>(spec.intermediate);
    return 4 * tokens * columns;
}

/// Program, libraries, threads, headers and tokenizer: the least that this process was seen with, for later on it keeps
/// memory that the next run takes again; and no less than a new process has.
double bytesProcess()
{
    constexpr std::uint64_t kLeast = 20 << 20;
    static std::atomic<std::uint64_t> seen = UINT64_MAX;
    std::uint64_t before = seen;
    const std::uint64_t now = residentBytes();
    while (now < before && !seen.compare_exchange_weak(before, now)) {
    }
    return static_cast<double>(std::max(kLeast, seen.load()));
}

double bytesPeak(const Plan& plan, const Sizes& sizes)
{
    const Recipe& recipe = plan.recipe;
    constexpr double kF32 = 4;
    constexpr double kTokensTogether = 1024; // Of calibration, in one pass through a block.
    constexpr double kTileRows = 1024;       // Of the output error: differences and weights.
    const double stored = static_cast<double>(checkpoint::dtypeBytes(plan.model->dtype));
    const double computed = recipe.compute.value_or(model::fastestCompute()) == model::Compute::F32 ? kF32 : 2;
    const double embedding = embeddingElements(plan) * stored;
    double peak = (kF32 + 1) * sizes.weightsLayerMax; // Weights and codes of one layer.
    if (!recipe.calibration.data.empty()) {
        double layer = peak + kF32 * (sizes.hessiansBlockMax + kTileRows * std::sqrt(sizes.hessianMax));
        if (smoothingOf(recipe) != quant::Smoothing::None) {
            constexpr double kBytesSearched = 1; // Half a Hessian in two bytes.
            layer += kBytesSearched * hessiansSearched(plan.model->spec);
        }
        if (const auto effort = sweepEffort(recipe)) {
            // The factor of the Hessian; the best effort also keeps the Hessian in the sweep's order. Swept weights.
            layer += kF32 * (sizes.hessianMax * (*effort == quant::Effort::Best ? 2 : 1) + sizes.weightsLayerMax);
        }
        // The model is loaded with its head: mapped, and prepared for products.
        const double head = (stored + computed) * embeddingElements(plan);
        const double pass = bytesText(plan) + head + bytesStates(plan) +
                            (stored + computed) * sizes.weightsBlockMax + kF32 * sizes.hessiansBlockMax +
                            bytesForward(plan.model->spec, kTokensTogether);
        // Beside a device the statistics of a second block are written or read.
        peak = std::max(layer, pass) + (recipe.device.name == "cpu" ? 0 : kF32 * sizes.hessiansBlockMax);
    }
    if (!recipe.evaluation.data.empty()) {
        constexpr double kBytesLogits = 32 << 20;
        const double resident = computed * sizes.weights + static_cast<double>(plan.estimate.bytesOut) +
                                (stored + computed) * embeddingElements(plan);
        peak = std::max(peak, resident + kBytesLogits +
                                  bytesForward(plan.model->spec, static_cast<double>(recipe.evaluation.length)));
    }
    // What threads keep of their buffers, as measured; more where they sweep or search layers.
    constexpr double kBytesThread = 0.6e6;
    constexpr double kBytesThreadSweep = 0.5e6;
    constexpr double kBytesThreadSearch = 1.1e6;
    const auto effort = sweepEffort(recipe);
    const bool searches = effort == quant::Effort::Best || smoothingOf(recipe) != quant::Smoothing::None;
    const double threads = recipe.threads > 0 ? recipe.threads : machineFacts().cores;
    const double more = searches ? kBytesThreadSearch : effort ? kBytesThreadSweep : 0;
    const double perThread = recipe.calibration.data.empty() ? 0 : kBytesThread + more;
    // The embedding is copied at the end: its mapped pages count, but what threads and layers used is given back.
    constexpr double kBytesGivenBack = 5e6;
    return std::max(peak + threads * perThread, embedding - kBytesGivenBack) + bytesProcess();
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

void addCosts(Plan& plan, Timing timing)
{
    const Sizes sizes = sizesOf(plan);
    Estimate& estimate = plan.estimate;
    estimate.bytesPeakRam = static_cast<std::uint64_t>(bytesPeak(plan, sizes)); // Before memory is used to measure.
    const Seconds seconds = secondsOf(plan, sizes, timing);
    returnFreeMemory();
    const double total = seconds.calibrate + seconds.quantize + seconds.write + seconds.evaluate + kSecondsStart;
    estimate.secondsLow = total / kFactor;
    estimate.secondsHigh = kFactor * total;
    estimate.bytesDisk = estimate.bytesOut;
    if (!plan.recipe.calibration.data.empty()) {
        const double states = static_cast<double>(plan.recipe.calibration.samples.samples *
                                                  plan.recipe.calibration.samples.length * plan.model->spec.hidden) *
                              4;
        const bool isSequential = plan.recipe.calibration.inputs == CalibrationInputs::Quantized;
        estimate.bytesDisk += static_cast<std::uint64_t>((isSequential ? 2 * states : 4 * sizes.hessians) +
                                                         (states > kBytesStatesMax ? states : 0));
    }
    estimate.bitsPerWeight = bitsPerWeight(plan);
    estimate.kvBytesPerToken = plan.model->spec.kvBytesPerToken(2);
    addSteps(plan, seconds);
}

} // namespace bitlathe::plan
