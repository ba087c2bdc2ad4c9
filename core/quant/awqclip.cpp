// SPDX-License-Identifier: Apache-2.0
// The search for AWQ's clipping: group by group on the processor, some rows of all groups at a time on a device.
#include "core/quant/awqclip.h"

#include "core/quant/deviceenergy.h"
#include "core/quant/rtn.h"

#include <algorithm>

namespace bitlathe::quant
{

namespace
{

/// Rows that a device takes at once: enough for it to be busy, little enough that a stop is seen soon.
constexpr std::int64_t kRowsMost = 4096;
constexpr std::int64_t kRowsLeast = 32;

std::vector<float> shrinks()
{
    std::vector<float> ratios;
    for (int step = 0; step < kShrinkSteps; ++step) {
        ratios.push_back(shrinkOf(step));
    }
    return ratios;
}

/// The groups of a layer's rows, wherever its weights lie.
kernels::GroupedWeights groupsOf(const LayerInput& input, std::span<const float> weights)
{
    const std::int64_t cols = input.linear.inFeatures;
    return {weights,
            static_cast<std::int64_t>(weights.size()) / cols,
            cols,
            0,
            cols,
            groupSizeOf(input),
            clippedRule(input.scheme)};
}

ClipSteps clipHere(const LayerInput& input, const WorkContext& work)
{
    const std::vector<float> ratios = shrinks();
    const kernels::GroupedWeights all = groupsOf(input, input.weights);
    const auto groups = static_cast<std::size_t>(all.groups());
    ClipSteps found;
    found.steps.resize(static_cast<std::size_t>(all.rows) * groups);
    std::vector<std::uint8_t> best(static_cast<std::size_t>(all.rows));
    for (std::size_t group = 0; group < groups && !work.stopRequested(); ++group) {
        kernels::RatioSearch search{all, input.stats->hessian, ratios, best, [&work] { return work.stopRequested(); }};
        search.of.first = static_cast<std::int64_t>(group) * all.groupSize;
        search.of.width = std::min(all.groupSize, all.cols - search.of.first);
        kernels::cpuBackend().searchRatios(search);
        for (std::size_t row = 0; row < best.size(); ++row) {
            found.steps[row * groups + group] = best[row];
        }
        work.progress.set(static_cast<double>(group + 1) / static_cast<double>(groups));
    }
    return found;
}

/// As many rows as fit beside what is there: weights, errors, products with them.
std::int64_t rowsAtOnce(const LayerInput& input, const kernels::Memory& memory)
{
    constexpr std::uint64_t kSpare = std::uint64_t{1} << 20; // What parts lie apart by.
    const kernels::MemoryUse use = memory.use();
    const std::uint64_t left = use.bytesBudget - std::min(use.bytesUsed + kSpare, use.bytesBudget);
    const auto ofRow = static_cast<std::uint64_t>(input.linear.inFeatures) * 3 * sizeof(float) + 64;
    std::int64_t rows = std::min(input.linear.outFeatures, kRowsMost);
    while (rows > kRowsLeast && static_cast<std::uint64_t>(rows) * ofRow > left) {
        rows = (rows + 1) / 2;
    }
    return rows;
}

/// Searches for some rows and measures what is left of them.
void clipRows(const LayerInput& input, std::span<const float> rows, const DeviceHessian& hessian, ClipSteps& found)
{
    const kernels::Backend& device = hessian.device();
    const kernels::Memory& memory = device.memory();
    const model::Values weights(memory, rows);
    const std::vector<float> ratios = shrinks();
    kernels::RatioSearch search{groupsOf(input, weights.span()), hessian.span(), ratios, {}, {}};
    std::vector<std::uint8_t> steps(static_cast<std::size_t>(search.of.rows * search.of.groups()));
    const auto best = roomFor<std::uint8_t>(memory, steps.size());
    search.best = best.span();
    if (!device.searchRatios(search)) {
        throw model::DeviceError::of(memory, 0);
    }
    fetch<std::uint8_t>(memory, best, steps);
    std::vector<float> chosen(steps.size());
    std::ranges::transform(steps, chosen.begin(), [](std::uint8_t step) { return shrinkOf(step); });
    const model::Values chosenThere(memory, chosen);
    const auto errors = roomFor<float>(memory, rows.size());
    kernels::GroupErrors left;
    left.of = search.of;
    left.ratios = chosenThere.span();
    left.errors = errors.span();
    device.groupErrors(left);
    addEnergies(weights.span(), errors.span(), search.of.rows, hessian, *found.energies);
    found.steps.insert(found.steps.end(), steps.begin(), steps.end());
}

ClipSteps clipOnDevice(const LayerInput& input, const kernels::Backend& device, const WorkContext& work)
{
    const auto hessian = deviceHessian(input, device);
    const std::int64_t cols = input.linear.inFeatures;
    const std::int64_t rows = input.linear.outFeatures;
    const std::int64_t most = rowsAtOnce(input, device.memory());
    ClipSteps found{{}, RowEnergies()};
    for (std::int64_t first = 0; first < rows && !work.stopRequested(); first += most) {
        const std::int64_t count = std::min(most, rows - first);
        clipRows(input,
                 input.weights.subspan(static_cast<std::size_t>(first * cols), static_cast<std::size_t>(count * cols)),
                 *hessian, found);
        work.progress.set(static_cast<double>(first + count) / static_cast<double>(rows));
    }
    return found;
}

} // namespace

kernels::GridRule clippedRule(const Scheme& scheme)
{
    kernels::GridRule rule = gridRule(scheme);
    rule.searchRange = false;
    return rule;
}

std::int64_t groupSizeOf(const LayerInput& input)
{
    const std::int64_t cols = input.linear.inFeatures;
    return input.scheme.groupSize > 0 ? std::min(input.scheme.groupSize, cols) : cols;
}

ClipSteps searchClipping(const LayerInput& input, const WorkContext& work)
{
    const kernels::Backend& backend = backendOf(input.device);
    return backend.memory().isHost() ? clipHere(input, work) : clipOnDevice(input, backend, work);
}

} // namespace bitlathe::quant
