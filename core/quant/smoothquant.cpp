// SPDX-License-Identifier: Apache-2.0
// SmoothQuant: the search for a group's scales.
#include "core/quant/smoothquant.h"

#include "core/quant/inputnoise.h"
#include "core/quant/rtn.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::quant
{

namespace
{

constexpr int kAlphaSteps = 20;
std::vector<float> scalesAt(double alpha, const ScaleProblem& problem, std::span<const float> weights)
{
    const std::vector<float>& inputs = problem.stats->absMax;
    std::vector<float> scales(inputs.size());
    for (std::size_t i = 0; i < scales.size(); ++i) {
        // A channel that is silent, or of which nothing is read, has nothing to share.
        const bool isUsed = inputs[i] > 0 && weights[i] > 0;
        scales[i] = isUsed ? static_cast<float>(std::pow(static_cast<double>(inputs[i]), alpha) /
                                                std::pow(static_cast<double>(weights[i]), 1 - alpha))
                           : 1.0F;
    }
    return scales;
}

/// What a form shows for an alpha that is searched.
constexpr double kSearched = -0.05;

class SmoothQuant final : public Quantizer
{
public:
    std::string_view name() const override { return "smoothquant"; }
    std::string_view title() const override { return BITLATHE_TEXT("SmoothQuant (8-bit weights and inputs)"); }
    std::string_view summary() const override
    {
        return BITLATHE_TEXT(
            "Moves outliers from inputs to weights, so that both fit in 8 bits and runtimes can multiply "
            "integers. Needs a calibration text.");
    }
    bool needsStatistics() const override { return true; }
    std::vector<MethodSetting> settings() const override
    {
        return {{.kind = MethodSetting::Kind::Share,
                 .key = "alpha",
                 .title = BITLATHE_TEXT("Alpha"),
                 .help = BITLATHE_TEXT("0 leaves all difficulty with the inputs, 1 gives it to the weights"),
                 .get = [](const MethodOptions& o) { return o.smoothQuant.alpha.value_or(kSearched); },
                 .set = [](MethodOptions& o,
                           double value) { o.smoothQuant.alpha = value < 0 ? std::nullopt : std::optional(value); },
                 .low = kSearched,
                 .high = 1,
                 .step = 0.05,
                 .lowest = BITLATHE_TEXT("searched")}};
    }
    Scheme usualScheme() const override { return {.bits = 8, .groupSize = kPerChannel, .activationBits = 8}; }
    Smoothing smoothing() const override { return Smoothing::SmoothQuant; }
    Result<void> check(const Scheme& scheme) const override { return checkUniformScheme(scheme); }
    Result<LayerResult> quantize(const LayerInput& input, const WorkContext& work) const override
    {
        return roundToNearest().quantize(input, work);
    }
};

} // namespace

GroupScales smoothQuantScales(const ScaleProblem& problem, const SmoothQuantOptions& options, const WorkContext& work)
{
    const std::vector<float> weights = problem.columnMaxima();
    const Scheme& scheme = problem.parts.front().scheme;
    const std::optional<InputNoise> noise =
        scheme.activationBits > 0 ? std::optional(InputNoise(problem, scheme.activationBits, scheme.staticInputs))
                                  : std::nullopt;
    const auto objective = [&](std::span<const float> scales) {
        return problem.weightLoss(scales, work) + (noise ? noise->loss(scales) : 0.0);
    };
    ScaleSearch search(problem, objective);
    if (options.alpha) {
        search.take(scalesAt(*options.alpha, problem, weights));
        return search.result();
    }
    for (int step = 0; step <= kAlphaSteps && !work.stopRequested(); ++step) {
        search.offer(scalesAt(static_cast<double>(step) / kAlphaSteps, problem, weights));
        work.progress.set(static_cast<double>(step + 1) / (kAlphaSteps + 1));
    }
    return search.result();
}

const Quantizer& smoothQuant()
{
    static const SmoothQuant method;
    return method;
}

} // namespace bitlathe::quant
