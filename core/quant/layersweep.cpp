// SPDX-License-Identifier: Apache-2.0
// LayerSweep: one layer under many bits and group sizes.
#include "core/quant/layersweep.h"

#include "core/quant/layerrows.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::quant
{

Result<LayerSweep> LayerSweep::create(const Quantizer& method, const LayerInput& input,
                                      const LayerSurroundings& surroundings, const WorkContext& work)
{
    BITLATHE_TRY(std::optional<FoldedLayer> folded, foldedFor(method, input, surroundings, kRowsMost, work));
    if (!folded) {
        return ofFolded(method, input);
    }
    LayerInput scaled = input;
    scaled.weights = folded->weights;
    LayerSweep sweep = ofFolded(method, scaled);
    sweep.m_folded = std::move(*folded); // Its weights stay where they are.
    return sweep;
}

LayerSweep LayerSweep::ofFolded(const Quantizer& method, const LayerInput& input)
{
    LayerSweep sweep(method, input);
    sweep.m_rows = std::min(input.linear.outFeatures, kRowsMost);
    sweep.m_some = evenRows(input.weights, input.linear.outFeatures, sweep.m_rows);
    return sweep;
}

Result<std::optional<SweepPoint>> LayerSweep::point(int bits, std::int64_t groupSize, const WorkContext& work)
{
    SweepPoint point;
    point.scheme = m_input.scheme;
    point.scheme.ternary = point.scheme.ternary && bits == point.scheme.bits;
    point.scheme.bits = bits;
    point.scheme.groupSize = groupSize;
    if (groupSize >= m_input.linear.inFeatures || !m_method->check(point.scheme)) {
        return std::optional<SweepPoint>();
    }
    const bool whole = groupSize == kPerTensor;
    model::LinearSpec linear = m_input.linear;
    linear.outFeatures = whole ? linear.outFeatures : m_rows;
    LayerInput input{linear,        whole ? m_input.weights : std::span<const float>(m_some),
                     m_input.stats, point.scheme,
                     m_input.seed,  m_input.options,
                     &m_shared};
    if (!m_folded.weights.empty()) {
        input.stats = &m_folded.stats;
    }
    const Result<LayerResult> result = m_method->quantize(input, work);
    if (!result && result.error().code == ErrorCode::SettingInvalid) {
        return std::optional<SweepPoint>();
    }
    if (!result) {
        return Failure(result.error());
    }
    const auto share = static_cast<double>(m_input.linear.outFeatures) / static_cast<double>(linear.outFeatures);
    point.bitsPerWeight = result->tensor->bitsPerWeight();
    point.bytes = static_cast<std::uint64_t>(std::llround(static_cast<double>(result->tensor->bytesStored()) * share));
    point.quality = result->quality;
    return std::optional<SweepPoint>(std::move(point));
}

std::vector<SweepPoint> bestForTheirSize(std::vector<SweepPoint> points)
{
    std::ranges::sort(points, [](const SweepPoint& a, const SweepPoint& b) {
        return a.bytes != b.bytes ? a.bytes < b.bytes : a.quality.relativeError < b.quality.relativeError;
    });
    std::vector<SweepPoint> best;
    for (SweepPoint& point : points) {
        if (best.empty() || point.quality.relativeError < best.back().quality.relativeError) {
            best.push_back(std::move(point));
        }
    }
    return best;
}

} // namespace bitlathe::quant
