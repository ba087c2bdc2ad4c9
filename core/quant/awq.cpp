// SPDX-License-Identifier: Apache-2.0
// AWQ: the search for a group's scales.
#include "core/quant/awq.h"

#include "kernels/threads.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::quant
{

namespace
{

/// As in the authors' code: keeps powers and quotients of small means away from 0.
constexpr float kSmallest = 1e-4F;
constexpr float kSmallestRange = 1e-6F;
constexpr std::int64_t kScaleGrain = 256;
constexpr int kHalvings = 2; ///< Of the step of the ratio, around the best one.

/// Adds the shares of a part's rows in the columns of one group, from first on.
void addShares(const ProblemPart& part, std::size_t first, std::span<double> sums)
{
    const std::size_t cols = part.weights.size() / static_cast<std::size_t>(part.rows);
    for (std::size_t row = 0; row < static_cast<std::size_t>(part.rows); ++row) {
        const auto weights = std::span(part.weights).subspan(row * cols + first, sums.size());
        float most = 0;
        for (const float weight : weights) {
            most = std::max(most, std::abs(weight));
        }
        for (std::size_t i = 0; i < sums.size(); ++i) {
            sums[i] += part.share * static_cast<double>(std::abs(weights[i]) / (most + kSmallestRange));
        }
    }
}

/// Mean over all rows of |weight| / (largest |weight| of its group), for each column.
std::vector<float> meanShares(const ScaleProblem& problem)
{
    const auto cols = static_cast<std::size_t>(problem.cols);
    std::vector<double> sums(cols);
    double rows = 0;
    for (const ProblemPart& part : problem.parts) {
        const std::size_t groupSize =
            part.scheme.groupSize > 0 ? static_cast<std::size_t>(part.scheme.groupSize) : cols;
        const auto groups = static_cast<std::int64_t>((cols + groupSize - 1) / groupSize);
        kernels::parallelFor(groups, 1, [&](std::int64_t begin, std::int64_t end) {
            for (auto group = static_cast<std::size_t>(begin); group < static_cast<std::size_t>(end); ++group) {
                const std::size_t first = group * groupSize;
                addShares(part, first, std::span(sums).subspan(first, std::min(groupSize, cols - first)));
            }
        });
        rows += part.share * static_cast<double>(part.rows);
    }
    std::vector<float> means(cols);
    std::ranges::transform(sums, means.begin(), [rows](double sum) { return static_cast<float>(sum / rows); });
    return means;
}

/// The scales of one ratio.
std::vector<float> scalesAt(double ratio, const ScaleProblem& problem, std::span<const float> shares, bool duoScaling)
{
    const std::vector<float>& inputs = problem.stats->absMean;
    std::vector<float> scales(inputs.size());
    kernels::parallelFor(std::ssize(scales), kScaleGrain, [&](std::int64_t begin, std::int64_t end) {
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
            const float weighed = duoScaling ? std::pow(shares[i], static_cast<float>(1 - ratio)) + kSmallest : 1.0F;
            scales[i] = std::max(std::pow(inputs[i], static_cast<float>(ratio)) / weighed, kSmallest);
        }
    });
    float least = std::numeric_limits<float>::infinity();
    float most = 0;
    for (std::size_t i = 0; i < scales.size(); ++i) {
        if (inputs[i] > 0) {
            least = std::min(least, scales[i]);
            most = std::max(most, scales[i]);
        }
    }
    const float middle = std::sqrt(most * least);
    for (std::size_t i = 0; i < scales.size(); ++i) {
        // A channel that was silent in the samples may speak elsewhere: its weights keep their accuracy.
        scales[i] = inputs[i] > 0 ? scales[i] / middle : 1.0F;
    }
    return scales;
}

} // namespace

GroupScales awqScales(const ScaleProblem& problem, const AwqOptions& options, const WorkContext& work)
{
    ScaleSearch search(problem, [&](std::span<const float> scales) { return problem.weightLoss(scales, work); });
    const std::vector<float> shares = options.duoScaling ? meanShares(problem) : std::vector<float>();
    double best = -1;
    const auto offer = [&](double ratio) {
        if (ratio >= 0 && ratio <= 1 && !work.stopRequested() &&
            search.offer(scalesAt(ratio, problem, shares, options.duoScaling))) {
            best = ratio;
        }
    };
    for (int step = 0; step <= options.grid; ++step) {
        offer(static_cast<double>(step) / options.grid);
        work.progress.set(static_cast<double>(step + 1) / (options.grid + 1));
    }
    double step = 1.0 / options.grid;
    const int halvings = options.effort == Effort::Fast ? 0 : kHalvings;
    for (int halving = 0; halving < halvings && best >= 0; ++halving) {
        step /= 2;
        const double middle = best;
        offer(middle - step);
        offer(middle + step);
    }
    return search.result();
}

} // namespace bitlathe::quant
