// SPDX-License-Identifier: Apache-2.0
// What-if of one layer.
#include "core/quant/whatif.h"

#include "core/quant/layerrows.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace bitlathe::quant
{

namespace
{

/// Both histograms over the range that holds all weights, before and after.
void fillHistograms(WhatIf& answer, std::span<const float> weights, std::span<const float> dequantized, int bins)
{
    const auto [lowBefore, highBefore] = std::ranges::minmax(weights);
    const auto [lowAfter, highAfter] = std::ranges::minmax(dequantized);
    const float low = std::min(lowBefore, lowAfter);
    const float high = std::max(highBefore, highAfter);
    answer.before = weightHistogram(weights, bins, low, high);
    answer.after = weightHistogram(dequantized, bins, low, high);
}

/// From the rows that were looked at to all of the layer.
void extend(WhatIf& answer, std::int64_t rowsOfAll)
{
    const double share = static_cast<double>(rowsOfAll) / static_cast<double>(answer.rows);
    const auto times = [share](auto& count) { count = std::llround(static_cast<double>(count) * share); };
    std::ranges::for_each(answer.before.counts, times);
    std::ranges::for_each(answer.after.counts, times);
    times(answer.bytes);
    answer.row = evenRow(answer.row, rowsOfAll, answer.rows);
    answer.rowsOfAll = rowsOfAll;
    answer.errorMap.rowsPerCell = (rowsOfAll + answer.errorMap.rows - 1) / answer.errorMap.rows;
}

Result<WhatIf> whatIfOfAll(const Quantizer& method, const LayerInput& input, const WhatIfOptions& options,
                           const WorkContext& work)
{
    WhatIf answer;
    BITLATHE_TRY(answer.result, method.quantize(input, work));
    const QuantizedTensor& tensor = *answer.result.tensor;
    const std::vector<float> dequantized = tensor.dequantize();
    if (work.stopRequested()) {
        return cancelled();
    }
    if (!dequantized.empty()) {
        fillHistograms(answer, input.weights, dequantized, options.bins);
        answer.row = std::clamp<std::int64_t>(options.row, 0, tensor.rows - 1);
        answer.group = std::clamp<std::int64_t>(options.group, 0, tensor.groups() - 1);
        answer.gridLines = gridValues(tensor, answer.row, answer.group);
    }
    answer.errorMap = largestDifference(input.weights, dequantized, tensor.rows, tensor.cols, options.mapSide);
    answer.bytes = tensor.bytesStored();
    answer.bitsPerWeight = tensor.bitsPerWeight();
    answer.rows = tensor.rows;
    answer.rowsOfAll = tensor.rows;
    if (work.stopRequested()) {
        return cancelled();
    }
    return answer;
}

Result<WhatIf> whatIfOfSome(const Quantizer& method, const LayerInput& input, WhatIfOptions options,
                            const WorkContext& work)
{
    const std::int64_t all = input.linear.outFeatures;
    model::LinearSpec linear = input.linear;
    linear.outFeatures = options.rowsMost;
    const std::vector<float> weights = evenRows(input.weights, all, options.rowsMost);
    const std::vector<float> outputScales =
        input.outputScales.empty() ? std::vector<float>() : evenRows(input.outputScales, all, options.rowsMost);
    options.row = std::clamp<std::int64_t>(options.row, 0, all - 1) * options.rowsMost / all;
    BITLATHE_TRY(WhatIf answer, whatIfOfAll(method,
                                            {linear, weights, input.stats, input.scheme, input.seed, input.options,
                                             input.shared, outputScales},
                                            options, work));
    extend(answer, all);
    return answer;
}

bool isOfSome(const LayerInput& input, const WhatIfOptions& options)
{
    return options.rowsMost > 0 && input.linear.outFeatures > options.rowsMost && input.scheme.groupSize != kPerTensor;
}

} // namespace

std::vector<float> gridValues(const QuantizedTensor& tensor, std::int64_t row, std::int64_t group)
{
    const float scale = tensor.scale(row, group);
    std::vector<float> values;
    if (tensor.scheme.kind == SchemeKind::CodeBook) {
        std::ranges::transform(tensor.codeBook, std::back_inserter(values),
                               [scale](float entry) { return entry * scale; });
    } else {
        const int zero = tensor.zero(row, group);
        for (int code = 0; code <= tensor.scheme.maxCode(); ++code) {
            values.push_back(static_cast<float>(code - zero) * scale);
        }
    }
    std::ranges::sort(values);
    return values;
}

Result<WhatIf> whatIf(const Quantizer& method, const LayerInput& input, const WhatIfOptions& options,
                      const WorkContext& work)
{
    const auto start = std::chrono::steady_clock::now();
    auto answer = isOfSome(input, options) ? whatIfOfSome(method, input, options, work)
                                           : whatIfOfAll(method, input, options, work);
    if (answer) {
        answer->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    return answer;
}

Result<std::optional<FoldedLayer>> foldedFor(const Quantizer& method, const LayerInput& input,
                                             const LayerSurroundings& surroundings, std::int64_t rowsMost,
                                             const WorkContext& work)
{
    const Smoothing smoothing = input.options.smoothing.value_or(method.smoothing());
    if (smoothing == Smoothing::None && !method.needsStatistics()) {
        return std::optional<FoldedLayer>();
    }
    const auto* stats = surroundings.stats != nullptr ? surroundings.stats->forLinear(input.linear.id) : nullptr;
    if (stats == nullptr || stats->tokens == 0 || stats->hessian.empty()) {
        return fail(
            ErrorCode::SettingInvalid, input.linear.name,
            Text(BITLATHE_TEXT("statistics of this layer's inputs for the method %1"), method.name()),
            Text(BITLATHE_TEXT("none")),
            Text(BITLATHE_TEXT("Calibrate first (on the Model page, or with --data), or choose the method rtn")));
    }
    if (smoothing == Smoothing::None) {
        return std::optional<FoldedLayer>();
    }
    const BlockInput block{surroundings.spec, input.linear.block, surroundings.source, {}, surroundings.stats,
                           rowsMost};
    BITLATHE_TRY(FoldedLayer folded, foldedLayer(block, input.linear, input.scheme, smoothing, input.options, work));
    return std::optional<FoldedLayer>(std::move(folded));
}

Result<WhatIf> whatIf(const Quantizer& method, const LayerInput& input, const LayerSurroundings& surroundings,
                      const WhatIfOptions& options, const WorkContext& work)
{
    const auto start = std::chrono::steady_clock::now();
    BITLATHE_TRY(const std::optional<FoldedLayer> folded,
                 foldedFor(method, input, surroundings, options.rowsMost, work));
    if (!folded) {
        return whatIf(method, input, options, work);
    }
    LayerInput scaled = input;
    scaled.weights = folded->weights;
    scaled.stats = &folded->stats;
    scaled.shared = nullptr; // Statistics of this call only.
    BITLATHE_TRY(WhatIf answer, whatIf(method, scaled, options, work));
    answer.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return answer;
}

} // namespace bitlathe::quant
