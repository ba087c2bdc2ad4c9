// SPDX-License-Identifier: Apache-2.0
// KvParams: from ranges to grids.
#include "core/quant/kvparams.h"

#include "kernels/scalars.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::quant
{

namespace
{

using kernels::F16;

constexpr float kLargestE4m3 = 448.0F;

/// Smallest, largest and largest magnitude of the values of some heads.
struct PartRange
{
    float low = 0;
    float high = 0;
    float absMax = 0;
};

PartRange partRange(const std::vector<float>& low, const std::vector<float>& high, const std::vector<float>& absMax,
                    std::int64_t begin, std::int64_t end)
{
    return {*std::min_element(low.begin() + begin, low.begin() + end),
            *std::max_element(high.begin() + begin, high.begin() + end),
            *std::max_element(absMax.begin() + begin, absMax.begin() + end)};
}

/// Rounded to f16, as every step of lmdeploy's formulas is.
float half(float value)
{
    return static_cast<float>(static_cast<F16>(value));
}

KvGrid gridOf(const PartRange& range, const KvScheme& scheme)
{
    const auto levels = static_cast<float>(1 << scheme.bits);
    KvGrid grid;
    if (scheme.kind == KvKind::Fp8) {
        grid = {range.absMax / kLargestE4m3, 0.0F};
    } else if (scheme.symmetric) {
        grid = {half(half(range.absMax) / (levels / 2 - 1)), 0.0F};
    } else {
        const float low = half(range.low);
        const float high = half(range.high);
        grid = {half(half(high - low) / (levels - 1)), half(half(high + low) / 2)};
    }
    grid.scale = grid.scale == 0.0F ? 1.0F : grid.scale;
    return grid;
}

/// As Python prints a float.
std::string pythonFloat(float value)
{
    std::string text = fmt::format("{}", static_cast<double>(value));
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

Result<std::int64_t> partsOf(const calibrate::KeyValueRanges& ranges, const KvScheme& scheme,
                             std::int64_t tensorParallel)
{
    if (!scheme.needsRanges()) {
        return fail(ErrorCode::SettingInvalid, "kv", Text(BITLATHE_TEXT("a KV cache with grids from a calibration")),
                    Text(BITLATHE_TEXT("\"%1\""), scheme.name()), Text(BITLATHE_TEXT("Choose int8 or fp8")));
    }
    if (tensorParallel < 1 || ranges.kvHeads % tensorParallel != 0) {
        return fail(ErrorCode::SettingInvalid, "tensor-parallel",
                    Text(BITLATHE_TEXT("a number that divides the %1 key heads"), ranges.kvHeads),
                    Text("%1", tensorParallel), Text(BITLATHE_TEXT("Choose another number of ranks")));
    }
    return scheme.granularity == KvGranularity::Head ? ranges.kvHeads : tensorParallel;
}

} // namespace

Result<KvParams> kvParamsOf(const calibrate::KeyValueRanges& ranges, const KvScheme& scheme,
                            std::int64_t tensorParallel)
{
    BITLATHE_TRY(const std::int64_t parts, partsOf(ranges, scheme, tensorParallel));
    const std::int64_t width = ranges.kvHeads * ranges.headDim / parts;
    KvParams params{scheme, {}};
    for (std::size_t i = 0; i < ranges.layers.size(); ++i) {
        const calibrate::KeyValueStats& stats = ranges.layers[i];
        KvLayerGrids grids;
        grids.name = ranges.names[i];
        for (std::int64_t begin = 0; begin < parts * width; begin += width) {
            const std::int64_t end = begin + width;
            grids.keys.push_back(gridOf(partRange(stats.keyMin, stats.keyMax, stats.keyAbsMax, begin, end), scheme));
            grids.values.push_back(
                gridOf(partRange(stats.valueMin, stats.valueMax, stats.valueAbsMax, begin, end), scheme));
            for (const KvGrid& grid : {grids.keys.back(), grids.values.back()}) {
                if (!std::isfinite(grid.scale) || !std::isfinite(grid.zero)) {
                    return fail(ErrorCode::WeightsNotFinite, fmt::format("layer {}", i),
                                Text(BITLATHE_TEXT("ranges of keys and values that f16 holds")),
                                Text(BITLATHE_TEXT("NaN, infinity or too large numbers")),
                                Text(BITLATHE_TEXT("Calibrate again, or choose fp8")));
                }
            }
        }
        params.layers.push_back(std::move(grids));
    }
    return params;
}

Result<void> checkKvParams(const KvParams& params, const model::ModelSpec& spec, const std::string& subject)
{
    const auto layers = static_cast<std::int64_t>(params.layers.size());
    const std::int64_t parts = params.parts();
    const bool allAlike = std::ranges::all_of(params.layers, [parts](const KvLayerGrids& layer) {
        return static_cast<std::int64_t>(layer.keys.size()) == parts && layer.values.size() == layer.keys.size();
    });
    if (layers == spec.blockCount() && parts > 0 && allAlike && spec.kvHeads % parts == 0) {
        return {};
    }
    return fail(
        ErrorCode::SettingInvalid, subject,
        Text(BITLATHE_TEXT("KV parameters of a model of %1 layers and %2 key heads"), spec.blockCount(), spec.kvHeads),
        Text(BITLATHE_TEXT("those of %1 layers with %2 grids each"), layers, parts),
        Text(BITLATHE_TEXT("Make them from statistics of this model")));
}

std::string kvParamsLine(const KvParams& params, std::int64_t layer, std::int64_t part)
{
    const KvLayerGrids& grids = params.layers.at(static_cast<std::size_t>(layer));
    const KvGrid& key = grids.keys.at(static_cast<std::size_t>(part));
    const KvGrid& value = grids.values.at(static_cast<std::size_t>(part));
    const std::string head = fmt::format("Layer {} MP {} qparam: ", layer, part);
    if (params.scheme.kind == KvKind::Fp8 || params.scheme.symmetric) {
        return fmt::format("{}{} \t{}", head, pythonFloat(key.scale), pythonFloat(value.scale));
    }
    return fmt::format("{}\t{} \t{} \t{} \t{}", head, pythonFloat(key.scale), pythonFloat(key.zero),
                       pythonFloat(value.scale), pythonFloat(value.zero));
}

} // namespace bitlathe::quant
