// SPDX-License-Identifier: Apache-2.0
// Costs of a plan, from the sizes of its model and the rates of the machine.
#include "core/plan/cost.h"

#include "core/base/cache.h"
#include "core/base/machine.h"
#include "core/evaluate/kvcaches.h"
#include "core/plan/memorycost.h"
#include "core/plan/rates.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace bitlathe::plan
{

namespace
{

// Time comes from the rates of this machine (rates.h) and from these.
constexpr double kSecondsPerByteStored = 0.6e-9; ///< Of one thread: to widen, hash, copy or compare a byte of a file.
constexpr double kSecondsStart = 0.02;           ///< Opening, tokenizing, folders.
constexpr double kFactor = 1.5;                  ///< Of the estimate's range, both ways.

struct Seconds
{
    double calibrate = 0, quantize = 0, write = 0, evaluate = 0;
};

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
    estimate.bitsPerWeight = bitsPerWeight(plan);
    estimate.bytesPeakRam = bytesPeakRam(plan, sizes); // Before memory is used to measure.
    estimate.bytesPeakVram = model::isOnGpu(plan.recipe.device) ? bytesPeakVram(plan, sizes) : 0;
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
    estimate.kvBytesPerToken = plan.model->spec.kvBytesPerToken(2);
    addSteps(plan, seconds);
}

} // namespace bitlathe::plan
