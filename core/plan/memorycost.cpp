// SPDX-License-Identifier: Apache-2.0
// Memory of a run, from the sizes of its model.
#include "core/plan/memorycost.h"

#include "core/base/machine.h"
#include "core/calibrate/samplewalk.h"
#include "core/quant/gptqdevice.h"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace bitlathe::plan
{

namespace
{

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

/// Of a GPU, for so many tokens in a block: its MLP takes most, with hidden states before and after, and inputs rounded
/// to what products compute in.
double bytesForwardVram(const model::ModelSpec& spec, double tokens, double computed)
{
    const auto intermediate = static_cast<double>(spec.intermediate);
    const double rounded = computed < 4 ? computed * intermediate : 0;
    return tokens * (4 * (4 * static_cast<double>(spec.hidden) + 3 * intermediate) + rounded);
}

/// Of a GPU, while a layer is rounded there. Methods that do not sweep take less.
double bytesLayerVram(const model::LinearSpec& linear, const quant::Scheme& scheme)
{
    return static_cast<double>(
        quant::deviceBytesForGptq(linear.outFeatures, linear.inFeatures, scheme.groupsPerRow(linear.inFeatures)));
}

} // namespace

std::uint64_t bytesPeakRam(const Plan& plan, const Sizes& sizes)
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
        const double pass = bytesText(plan) + head + bytesStates(plan) + (stored + computed) * sizes.weightsBlockMax +
                            kF32 * sizes.hessiansBlockMax + bytesForward(plan.model->spec, kTokensTogether);
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
    return static_cast<std::uint64_t>(std::max(peak + threads * perThread, embedding - kBytesGivenBack) +
                                      bytesProcess());
}

std::uint64_t bytesPeakVram(const Plan& plan, const Sizes& sizes)
{
    const Recipe& recipe = plan.recipe;
    const model::ModelSpec& spec = plan.model->spec;
    const double computed = recipe.compute == model::Compute::F32 ? 4 : 2; // GPUs take bf16 unasked.
    double peak = 0;
    if (!recipe.calibration.data.empty()) {
        const auto tokens = static_cast<double>(recipe.calibration.samples.samples * recipe.calibration.samples.length);
        const double together = std::min(tokens, static_cast<double>(calibrate::kTokensTogetherOnDevice));
        const double states = 4 * tokens * static_cast<double>(spec.hidden);
        peak = states + computed * sizes.weightsBlockMax + 4 * sizes.hessiansBlockMax +
               bytesForwardVram(spec, together, computed);
        for (const model::LinearSpec& linear : spec.linears) {
            if (const auto& scheme = plan.schemes[linear.id.index()]) {
                peak = std::max(peak, bytesLayerVram(linear, *scheme));
            }
        }
    }
    if (!recipe.evaluation.data.empty()) {
        const auto length = static_cast<double>(recipe.evaluation.length);
        const double weights = (computed + plan.estimate.bitsPerWeight / 8) * sizes.weights;
        const auto stored = static_cast<double>(checkpoint::dtypeBytes(plan.model->dtype));
        const double heads = 2 * (computed + stored) * embeddingElements(plan); // With the embeddings.
        const double logits = 2 * 4 * length * static_cast<double>(spec.vocabulary);
        const double states = 2 * 4 * length * static_cast<double>(spec.hidden);
        peak = std::max(peak, weights + heads + states + std::max(logits, bytesForwardVram(spec, length, computed)));
    }
    return static_cast<std::uint64_t>(peak);
}

} // namespace bitlathe::plan
