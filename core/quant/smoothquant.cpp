// SPDX-License-Identifier: Apache-2.0
// SmoothQuant: the search for a group's scales.
#include "core/quant/smoothquant.h"

#include "core/quant/rtn.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::quant
{

namespace
{

constexpr int kAlphaSteps = 20;
/// A token's largest input, in units of the largest root mean square of a channel: between that of one strong channel
/// (1 ... 2) and that of many alike (about 4).
constexpr double kPeak = 3.0;

/// Squared sums of the columns of all parts, over all rows.
std::vector<double> columnEnergies(const ScaleProblem& problem)
{
    std::vector<double> sums(static_cast<std::size_t>(problem.cols));
    for (const ProblemPart& part : problem.parts) {
        for (std::size_t i = 0; i < part.weights.size(); ++i) {
            const auto weight = static_cast<double>(part.weights[i]);
            sums[i % sums.size()] += part.share * weight * weight;
        }
    }
    return sums;
}

/// Squared output error per token that rounding of inputs leaves: each input is off by a uniform error of its token's
/// step. Tokens are not at hand; their steps are estimated from the channels' root mean squares.
double inputLoss(const ScaleProblem& problem, std::span<const double> energies, std::span<const float> scales)
{
    const int bits = problem.parts.front().scheme.activationBits;
    if (bits == 0) {
        return 0;
    }
    const auto cols = static_cast<std::size_t>(problem.cols);
    const auto tokens = static_cast<double>(problem.stats->tokens);
    double peak = 0;
    double energy = 0;
    for (std::size_t col = 0; col < cols; ++col) {
        const auto scale = static_cast<double>(scales[col]);
        peak =
            std::max(peak, std::sqrt(static_cast<double>(problem.stats->hessian[col * cols + col]) / tokens) / scale);
        energy += energies[col] * scale * scale;
    }
    const double step = kPeak * peak / static_cast<double>((1 << (bits - 1)) - 1);
    return step * step / 12 * energy;
}

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

class SmoothQuant final : public Quantizer
{
public:
    std::string_view name() const override { return "smoothquant"; }
    std::string_view title() const override { return BITLATHE_TEXT("SmoothQuant (8-bit weights and inputs)"); }
    bool needsStatistics() const override { return true; }
    Smoothing smoothing() const override { return Smoothing::SmoothQuant; }
    Result<void> check(const Scheme& scheme) const override { return checkScheme(scheme); }
    Result<LayerResult> quantize(const LayerInput& input, const WorkContext& work) const override
    {
        return roundToNearest().quantize(input, work);
    }
};

} // namespace

GroupScales smoothQuantScales(const ScaleProblem& problem, const SmoothQuantOptions& options, const WorkContext& work)
{
    const std::vector<float> weights = problem.columnMaxima();
    const std::vector<double> energies = columnEnergies(problem);
    const auto objective = [&](std::span<const float> scales) {
        return problem.weightLoss(scales, work) + inputLoss(problem, energies, scales);
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
