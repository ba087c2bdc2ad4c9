// SPDX-License-Identifier: Apache-2.0
// AWQ as lmdeploy's auto_awq does it: scales by a rule instead of a search, in half precision step by step.
#include "core/quant/awqlmdeploy.h"

#include "kernels/quantize.h"
#include "kernels/threads.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bitlathe::quant
{

namespace
{

constexpr std::int64_t kRowGrain = 16;
/// Ranges below this count as this wide.
constexpr float kRangeMin = 1e-5F;

float roundToHalf(float value)
{
    return kernels::roundToScaleType(value, kernels::ScaleType::F16);
}

/// Adds |w| / (largest |w| of its group) of every row of a linear to sums.
void addShares(std::span<const float> weights, std::size_t cols, std::size_t groupSize, std::vector<double>& sums)
{
    for (std::size_t row = 0; row < weights.size() / cols; ++row) {
        for (std::size_t first = 0; first < cols; first += groupSize) {
            const auto group = weights.subspan(row * cols + first, std::min(groupSize, cols - first));
            float most = 0;
            for (const float weight : group) {
                most = std::max(most, std::abs(roundToHalf(weight)));
            }
            for (std::size_t i = 0; i < group.size() && most > 0; ++i) {
                sums[first + i] += static_cast<double>(roundToHalf(std::abs(roundToHalf(group[i])) / most));
            }
        }
    }
}

/// Mean share of each column over the rows of all linears of a group.
Result<std::vector<float>> meanShares(const BlockInput& input, const model::ScaleGroup& group, const WorkContext& work)
{
    const auto cols = static_cast<std::size_t>(input.spec.linear(group.linears.front()).inFeatures);
    std::vector<double> sums(cols);
    double rows = 0;
    for (const LayerId layer : group.linears) {
        if (work.stopRequested()) {
            return cancelled();
        }
        const model::LinearSpec& linear = input.spec.linear(layer);
        const auto& scheme = input.schemes[layer.index()];
        const std::int64_t size = scheme && scheme->groupSize > 0 ? scheme->groupSize : linear.inFeatures;
        BITLATHE_TRY(const std::vector<float> weights, input.source.weights(linear));
        input.source.release(linear);
        addShares(weights, cols, static_cast<std::size_t>(size), sums);
        rows += static_cast<double>(linear.outFeatures);
    }
    std::vector<float> means(cols);
    std::ranges::transform(sums, means.begin(),
                           [rows](double sum) { return roundToHalf(static_cast<float>(sum / rows)); });
    return means;
}

/// Channels whose norm has the weight 0; empty: none.
Result<std::vector<bool>> mutedChannels(const BlockInput& input, const model::ScaleGroup& group, std::size_t channels)
{
    std::vector<bool> muted(channels);
    if (group.precedingIsNorm) {
        BITLATHE_TRY(const checkpoint::TensorView view,
                     input.source.tensor(group.precedingName + ".weight", {static_cast<std::int64_t>(channels)}));
        const std::vector<float> weights = checkpoint::toF32(view);
        for (std::size_t i = 0; i < channels; ++i) {
            muted[i] = weights[i] + static_cast<float>(input.spec.normOffset) == 0;
        }
    }
    return muted;
}

const calibrate::InputStats* rangesOf(const BlockInput& input, const model::ScaleGroup& group)
{
    for (const LayerId layer : group.linears) {
        const calibrate::InputStats* stats = input.stats->forLinear(layer);
        if (stats != nullptr && stats->tokens > 0 && !stats->absMax.empty()) {
            return stats;
        }
    }
    return nullptr;
}

/// One group: its grid, and its codes.
kernels::GroupGrid encodeOne(std::span<const float> weights, const kernels::GridRule& rule, bool fromLeast,
                             std::span<std::uint8_t> codes)
{
    const auto [least, most] = std::ranges::minmax(weights);
    const auto top = static_cast<float>(rule.maxCode());
    // The first version has no floor; where it would divide by 0, the floor does no harm.
    const float range = fromLeast && most > least ? most - least : std::max(most - least, kRangeMin);
    kernels::GroupGrid grid;
    const float wanted = range / top;
    grid.scale = kernels::roundToScaleType(wanted, rule.scaleType);
    if (!(grid.scale > 0) || !std::isfinite(grid.scale)) {
        grid = kernels::chooseGrid(weights, rule); // Knows what to do where the scale type ends.
    }
    grid.scaleCoarse = std::abs(grid.scale - wanted) > kernels::kCoarseScale * wanted;
    if (!fromLeast) {
        grid.zero = static_cast<int>(std::clamp(-std::nearbyint(least / grid.scale), 0.0F, top));
        kernels::encodeGroup(weights, grid, rule.maxCode(), codes);
        return grid;
    }
    grid.zero = static_cast<int>(std::clamp(std::round(-least / grid.scale), 0.0F, top));
    for (std::size_t i = 0; i < weights.size(); ++i) {
        codes[i] = static_cast<std::uint8_t>(std::clamp(std::round((weights[i] - least) / grid.scale), 0.0F, top));
    }
    return grid;
}

} // namespace

bool canScaleByRule(const BlockInput& input, const model::ScaleGroup& group)
{
    const auto isQuantized = [&](LayerId layer) { return input.schemes[layer.index()].has_value(); };
    return input.stats != nullptr && std::ranges::any_of(group.linears, isQuantized) &&
           rangesOf(input, group) != nullptr;
}

Result<GroupScales> lmdeployScales(const BlockInput& input, const model::ScaleGroup& group, const WorkContext& work)
{
    BITLATHE_TRY(const std::vector<float> shares, meanShares(input, group, work));
    BITLATHE_TRY(const std::vector<bool> muted, mutedChannels(input, group, shares.size()));
    const std::vector<float>& inputs = rangesOf(input, group)->absMax;
    GroupScales found;
    found.scales.assign(shares.size(), 1.0F);
    float least = std::numeric_limits<float>::infinity();
    float most = 0;
    std::vector<bool> counts(shares.size());
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const float scale =
            roundToHalf(roundToHalf(std::sqrt(roundToHalf(inputs[i]))) / roundToHalf(std::sqrt(shares[i])));
        counts[i] = !muted[i] && scale > 0 && std::isfinite(scale);
        if (counts[i]) {
            found.scales[i] = scale;
            least = std::min(least, scale);
            most = std::max(most, scale);
        }
    }
    const float middle = roundToHalf(std::sqrt(roundToHalf(most * least)));
    for (std::size_t i = 0; i < shares.size(); ++i) {
        if (counts[i]) {
            const float scale = roundToHalf(found.scales[i] / middle);
            found.scales[i] = scale > 0 && std::isfinite(scale) ? scale : 1.0F;
        }
    }
    return found;
}

Result<RtnOutcome> encodeLmdeploy(const LayerInput& input, const WorkContext& work)
{
    BITLATHE_CHECK(checkWeightsFinite(input.weights, input.linear.inFeatures, input.linear.name));
    const bool fromLeast = input.options.awq.rule == AwqRule::Lmdeploy02;
    const kernels::GridRule rule = gridRule(input.scheme);
    RtnOutcome outcome{makeTensor(input.linear.outFeatures, input.linear.inFeatures, input.scheme), 0};
    QuantizedTensor& tensor = outcome.tensor;
    const auto cols = static_cast<std::size_t>(tensor.cols);
    const std::size_t size = input.scheme.groupSize > 0 ? static_cast<std::size_t>(input.scheme.groupSize) : cols;
    const auto groups = static_cast<std::size_t>(tensor.groups());
    std::vector<std::int64_t> coarse(static_cast<std::size_t>(tensor.rows));
    kernels::parallelFor(tensor.rows, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        std::vector<std::uint8_t> codes(cols);
        for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row) {
            for (std::size_t group = 0; group < groups && !work.stopRequested(); ++group) {
                const std::size_t first = group * size;
                const std::size_t width = std::min(size, cols - first);
                const kernels::GroupGrid grid = encodeOne(input.weights.subspan(row * cols + first, width), rule,
                                                          fromLeast, std::span(codes).subspan(first, width));
                tensor.scales[row * groups + group] = grid.scale;
                tensor.zeros[row * groups + group] = static_cast<std::uint8_t>(grid.zero);
                coarse[row] += grid.scaleCoarse ? 1 : 0;
            }
            kernels::packCodes(codes, tensor.scheme.bits,
                               std::span(tensor.codes).subspan(row * tensor.bytesPerRow(), tensor.bytesPerRow()));
        }
    });
    if (work.stopRequested()) {
        return cancelled();
    }
    for (const std::int64_t count : coarse) {
        outcome.coarseScales += count;
    }
    return outcome;
}

} // namespace bitlathe::quant
