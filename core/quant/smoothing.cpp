// SPDX-License-Identifier: Apache-2.0
// Smoothing: the scales of a block, group by group, and their folding.
#include "core/quant/smoothing.h"

#include "core/quant/awq.h"
#include "core/quant/awqlmdeploy.h"
#include "core/quant/scaleproblem.h"
#include "core/quant/smoothquant.h"
#include "kernels/quantize.h"
#include "kernels/threads.h"

#include <algorithm>

namespace bitlathe::quant
{

namespace
{

constexpr std::int64_t kRowGrain = 64;

/// Whether scales of this group can be found and do something.
bool canScale(const BlockInput& input, const model::ScaleGroup& group)
{
    const auto isQuantized = [&](LayerId layer) { return input.schemes[layer.index()].has_value(); };
    if (input.stats == nullptr || std::ranges::none_of(group.linears, isQuantized)) {
        return false;
    }
    return std::ranges::any_of(group.linears,
                               [&](LayerId layer) { return usableStats(*input.stats, layer) != nullptr; });
}

/// What stands in the way of folding scales into what comes before a group, in words; empty: nothing.
Text obstacleOf(const BlockInput& input, const model::ScaleGroup& group)
{
    if (group.precedingIsNorm) {
        return {};
    }
    const model::LinearSpec& preceding = *input.spec.findLinear(group.precedingName);
    // Rows that share one grid must keep their sizes.
    const auto& scheme = input.schemes[preceding.id.index()];
    return scheme && scheme->groupSize == kPerTensor
               ? Text(BITLATHE_TEXT("is rounded without scales of its inputs: all rows of %1 share one"),
                      group.precedingName)
               : Text();
}

Result<GroupScales> searchedScales(const BlockInput& input, const model::ScaleGroup& group, Smoothing smoothing,
                                   const MethodOptions& options, const WorkContext& work)
{
    BITLATHE_TRY(const ScaleProblem problem, makeProblem(input, group));
    return smoothing == Smoothing::Awq ? awqScales(problem, options.awq, work)
                                       : smoothQuantScales(problem, options.smoothQuant, work);
}

Result<void> addGroup(const BlockInput& input, std::size_t index, Smoothing smoothing, const MethodOptions& options,
                      const WorkContext& work, BlockScales& scales)
{
    const model::ScaleGroup& group = input.spec.scaleGroups[index];
    const bool byRule = smoothing == Smoothing::Awq && options.awq.rule != AwqRule::Search;
    if (smoothing == Smoothing::None || !(byRule ? canScaleByRule(input, group) : canScale(input, group))) {
        return {};
    }
    if (Text obstacle = obstacleOf(input, group); !obstacle.empty()) {
        scales.findings.push_back({Severity::Note, "not-scaled", input.spec.linear(group.linears.front()).name,
                                   std::move(obstacle),
                                   Text(BITLATHE_TEXT("Compare with the method gptq, which needs no scales"))});
        return {};
    }
    BITLATHE_TRY(GroupScales found,
                 byRule ? lmdeployScales(input, group, work) : searchedScales(input, group, smoothing, options, work));
    scales.halfSteps = byRule;
    if (work.stopRequested()) {
        return cancelled();
    }
    found.group = index;
    if (std::ranges::any_of(found.scales, [](float scale) { return scale != 1.0F; })) {
        scales.groups.push_back(std::move(found));
    }
    return {};
}

void divide(std::span<float> values, std::span<const float> scales)
{
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] /= scales[i];
    }
}

/// The weight of a norm.
void divideNorm(std::span<float> values, std::span<const float> scales, float offset)
{
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = (values[i] + offset) / scales[i] - offset;
    }
}

Result<FoldedTensor> storedValues(const model::WeightSource& source, std::string name, const checkpoint::Shape& shape)
{
    BITLATHE_TRY(const checkpoint::TensorView view, source.tensor(name, shape));
    return FoldedTensor{std::move(name), checkpoint::toF32(view)};
}

/// Of what comes before a group, what is stored in full precision.
Result<void> addPreceding(const model::ModelSpec& spec, const GroupScales& scales, const model::WeightSource& source,
                          std::vector<FoldedTensor>& folded)
{
    const model::ScaleGroup& group = spec.scaleGroups[scales.group];
    const std::string bias = group.precedingName + ".bias";
    const auto width = static_cast<std::int64_t>(scales.scales.size());
    if (group.precedingIsNorm) {
        BITLATHE_TRY(FoldedTensor weight, storedValues(source, group.precedingName + ".weight", {width}));
        divideNorm(weight.values, scales.scales, static_cast<float>(spec.normOffset));
        folded.push_back(std::move(weight));
    }
    if (source.has(bias)) {
        const std::int64_t rows = group.precedingIsNorm ? width : spec.findLinear(group.precedingName)->outFeatures;
        BITLATHE_TRY(FoldedTensor tensor, storedValues(source, bias, {rows}));
        for (std::size_t i = 0; i < scales.scales.size(); ++i) {
            tensor.values[static_cast<std::size_t>(group.rowOf(static_cast<std::int64_t>(i)))] /= scales.scales[i];
        }
        folded.push_back(std::move(tensor));
    }
    return {};
}

/// Routers that read what a group reads.
Result<void> addReaders(const model::ModelSpec& spec, const GroupScales& scales, const model::WeightSource& source,
                        std::vector<FoldedTensor>& folded)
{
    const auto width = static_cast<std::int64_t>(scales.scales.size());
    for (const std::string& name : spec.scaleGroups[scales.group].otherReaders) {
        BITLATHE_TRY(FoldedTensor router, storedValues(source, name, {spec.experts, width}));
        for (std::size_t i = 0; i < router.values.size(); ++i) {
            router.values[i] *= scales.scales[i % scales.scales.size()];
        }
        folded.push_back(std::move(router));
    }
    return {};
}

void foldInput(calibrate::InputStats& stats, std::span<const float> scales)
{
    for (std::vector<float>* values : {&stats.min, &stats.max, &stats.mean, &stats.absMax, &stats.absMean}) {
        divide(*values, scales);
    }
    if (stats.hessian.empty()) {
        return;
    }
    const auto cols = stats.features;
    kernels::parallelFor(cols, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            float* values = stats.hessian.data() + row * cols;
            const float scale = scales[static_cast<std::size_t>(row)];
            for (std::int64_t col = 0; col < cols; ++col) {
                // One product first: entry [i][j] stays the same as [j][i], to the last bit.
                values[col] /= scale * scales[static_cast<std::size_t>(col)];
            }
        }
    });
}

} // namespace

std::span<const float> BlockScales::ofInputs(const model::ModelSpec& spec, const model::LinearSpec& linear) const
{
    for (const GroupScales& each : groups) {
        const auto& linears = spec.scaleGroups[each.group].linears;
        if (std::ranges::find(linears, linear.id) != linears.end()) {
            return each.scales;
        }
    }
    return {};
}

std::vector<float> BlockScales::ofOutputs(const model::ModelSpec& spec, const model::LinearSpec& linear) const
{
    std::vector<float> rows;
    for (const GroupScales& each : groups) {
        const model::ScaleGroup& group = spec.scaleGroups[each.group];
        if (!group.precedingIsNorm && group.precedingName == linear.name) {
            rows.resize(static_cast<std::size_t>(linear.outFeatures), 1.0F);
            for (std::size_t i = 0; i < each.scales.size(); ++i) {
                rows[static_cast<std::size_t>(group.rowOf(static_cast<std::int64_t>(i)))] = each.scales[i];
            }
        }
    }
    return rows;
}

Result<BlockScales> smoothBlock(const BlockInput& input, Smoothing smoothing, const MethodOptions& options,
                                const WorkContext& work)
{
    std::vector<std::size_t> ofBlock;
    for (std::size_t index = 0; index < input.spec.scaleGroups.size(); ++index) {
        if (input.spec.scaleGroups[index].block == input.block) {
            ofBlock.push_back(index);
        }
    }
    BlockScales scales;
    const double share = 1.0 / static_cast<double>(std::max<std::size_t>(1, ofBlock.size()));
    double from = 0;
    for (const std::size_t index : ofBlock) {
        BITLATHE_CHECK(model::withDeviceErrors(
            [&] { return addGroup(input, index, smoothing, options, work.child(from, from + share), scales); }));
        from += share;
    }
    return scales;
}

void foldWeights(const model::ModelSpec& spec, const BlockScales& scales, const model::LinearSpec& linear,
                 std::span<float> weights)
{
    const std::span<const float> columns = scales.ofInputs(spec, linear);
    const std::vector<float> rows = scales.ofOutputs(spec, linear);
    if (columns.empty() && rows.empty()) {
        return;
    }
    const auto settled = [half = scales.halfSteps](float value) {
        return half ? kernels::roundToScaleType(value, kernels::ScaleType::F16) : value;
    };
    const auto cols = static_cast<std::size_t>(linear.inFeatures);
    kernels::parallelFor(linear.outFeatures, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row) {
            const auto values = weights.subspan(row * cols, cols);
            for (std::size_t col = 0; col < cols; ++col) {
                const float scaled = settled(values[col] * (columns.empty() ? 1.0F : columns[col]));
                values[col] = settled(scaled / (rows.empty() ? 1.0F : rows[row]));
            }
        }
    });
}

void foldStats(const model::ModelSpec& spec, const BlockScales& scales, calibrate::BlockStats& stats)
{
    for (const GroupScales& each : scales.groups) {
        const std::vector<LayerId>& readers = spec.scaleGroups[each.group].linears;
        for (calibrate::InputStats& input : stats.inputs) {
            if (std::ranges::find_first_of(input.linears, readers) != input.linears.end()) {
                foldInput(input, each.scales);
            }
        }
    }
}

Result<FoldedLayer> foldedLayer(const BlockInput& input, const model::LinearSpec& linear, const Scheme& scheme,
                                Smoothing smoothing, const MethodOptions& options, const WorkContext& work)
{
    const std::vector<std::optional<Scheme>> schemes(input.spec.linears.size(), scheme);
    const BlockInput alike{input.spec, input.block, input.source, schemes, input.stats, input.rowsMost, input.device};
    BlockScales scales;
    for (std::size_t index = 0; index < input.spec.scaleGroups.size(); ++index) {
        const auto& linears = input.spec.scaleGroups[index].linears;
        if (std::ranges::find(linears, linear.id) != linears.end()) {
            BITLATHE_CHECK(addGroup(alike, index, smoothing, options, work, scales));
        }
    }
    FoldedLayer folded;
    BITLATHE_TRY(folded.weights, input.source.weights(linear));
    foldWeights(input.spec, scales, linear, folded.weights);
    folded.stats = *input.stats->forLinear(linear.id);
    if (!scales.groups.empty()) {
        foldInput(folded.stats, scales.groups.front().scales);
    }
    return folded;
}

Result<std::vector<FoldedTensor>> foldedTensors(const model::ModelSpec& spec, const BlockScales& scales,
                                                const model::WeightSource& source)
{
    std::vector<FoldedTensor> folded;
    for (const GroupScales& each : scales.groups) {
        BITLATHE_CHECK(addPreceding(spec, each, source, folded));
        BITLATHE_CHECK(addReaders(spec, each, source, folded));
    }
    return folded;
}

} // namespace bitlathe::quant
