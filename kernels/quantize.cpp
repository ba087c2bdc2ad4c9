// SPDX-License-Identifier: Apache-2.0
// Choice of grids, rows of groups, and the dispatch to the level in use.
#include "kernels/quantize.h"

#include "kernels/cpulevel.h"
#include "kernels/reference/quantize.h"
#include "kernels/scalars.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

namespace bitlathe::kernels
{

namespace
{

const QuantizeOps& ops()
{
#if defined(__x86_64__)
    // Packing by bit deposit needs BMI2, which all but the oddest machines with AVX2 have.
    static const bool bmi2 = __builtin_cpu_supports("bmi2") != 0;
    if (bmi2 && cpuLevel() >= CpuLevel::Avx512) {
        return quantizeOpsAvx512();
    }
    if (bmi2 && cpuLevel() >= CpuLevel::Avx2) {
        return quantizeOpsAvx2();
    }
#endif
    return quantizeOpsReference();
}

/// The grid over [low, high], which includes 0.
GroupGrid gridOver(float low, float high, const GridRule& rule)
{
    return kernels::gridOver(low, high, rule, [&rule](float scale) { return roundToScaleType(scale, rule.scaleType); });
}

constexpr std::size_t kTriedMost = 48; ///< Whole fours of either search's steps.
static_assert(kShrinkSteps <= kTriedMost && kShrinkStepsTernary <= kTriedMost && kTriedMost % kGridsAtOnce == 0);

constexpr std::array<float, kTriedMost> kRatios = [] {
    std::array<float, kTriedMost> ratios{};
    for (std::size_t step = 0; step < kTriedMost; ++step) {
        ratios[step] = 1.0F - static_cast<float>(step) * kShrinkStep;
    }
    return ratios;
}();

/// What gridOver() makes of the range times each ratio, all at once.
struct TriedGrids
{
    std::array<float, kTriedMost> scale{};
    std::array<int, kTriedMost> zero{};

    TriedGrids(const ValueRange& range, const GridRule& rule);

private:
    void takeOneByOne(const ValueRange& range, const GridRule& rule);
    void roundScales(ScaleType type);
};

TriedGrids::TriedGrids(const ValueRange& range, const GridRule& rule)
{
    const bool isWide =
        !std::isfinite(2.0F * std::max(-range.low, range.high)) || !std::isfinite(range.high - range.low);
    if (isWide || (!rule.symmetric && !rule.ternary && rule.leastZero > 0)) {
        takeOneByOne(range, rule);
        return;
    }
    const auto maxCode = static_cast<float>(rule.maxCode());
    const float absmax = std::max(-range.low, range.high);
    for (std::size_t i = 0; i < kTriedMost; ++i) {
        const float width = rule.ternary     ? absmax * kRatios[i]
                            : rule.symmetric ? 2.0F * (absmax * kRatios[i])
                                             : range.high * kRatios[i] - range.low * kRatios[i];
        scale[i] = rule.ternary ? width : width / maxCode;
    }
    roundScales(rule.scaleType);
    zero.fill(rule.ternary ? 1 : 1 << (rule.bits - 1));
    if (!rule.symmetric && !rule.ternary) {
        for (std::size_t i = 0; i < kTriedMost; ++i) {
            zero[i] = static_cast<int>(nearestStep(-(range.low * kRatios[i]) / scale[i], 0, rule.maxCode()));
        }
    }
}

void TriedGrids::takeOneByOne(const ValueRange& range, const GridRule& rule)
{
    for (std::size_t i = 0; i < kTriedMost; ++i) {
        const GroupGrid grid = gridOver(range.low * kRatios[i], range.high * kRatios[i], rule);
        scale[i] = grid.scale;
        zero[i] = grid.zero;
    }
}

void TriedGrids::roundScales(ScaleType type)
{
    if (type == ScaleType::F16) {
        std::array<F16, kTriedMost> narrow;
        convert(scale, narrow);
        convert(std::span<const F16>(narrow), scale);
    } else if (type == ScaleType::Bf16) {
        std::array<Bf16, kTriedMost> narrow;
        convert(scale, narrow);
        convert(std::span<const Bf16>(narrow), scale);
    }
    const auto [smallest, largest] = scaleLimits(type);
    for (float& value : scale) {
        value = std::clamp(value, smallest, largest);
    }
}

/// errorsOf(scales, zeros, errors) gives the errors that kGridsAtOnce grids would leave.
template <typename ErrorsOf>
GroupGrid chooseGridBy(const ValueRange& range, const GridRule& rule, const ErrorsOf& errorsOf)
{
    if (!range.finite) {
        GroupGrid broken;
        broken.finite = false;
        return broken;
    }
    if (!rule.searchRange || (range.low == 0.0F && range.high == 0.0F)) {
        return gridOver(range.low, range.high, rule);
    }
    const TriedGrids grids(range, rule);
    std::array<double, kTriedMost> errors{};
    const auto steps = static_cast<std::size_t>(rule.ternary ? kShrinkStepsTernary : kShrinkSteps);
    for (std::size_t first = 0; first < steps; first += kGridsAtOnce) {
        errorsOf(&grids.scale[first], &grids.zero[first], &errors[first]);
    }
    std::size_t best = 0;
    for (std::size_t step = 1; step < steps; ++step) {
        best = errors[step] < errors[best] ? step : best;
    }
    return gridOver(range.low * kRatios[best], range.high * kRatios[best], rule);
}

/// squaredError() of kGridsAtOnce grids.
void squaredErrors(const QuantizeOps& op, std::span<const float> weights, const float* scales, const int* zeros,
                   int maxCode, double* errors)
{
    GridBatch tried;
    for (std::size_t i = 0; i < kGridsAtOnce; ++i) {
        tried.scale[i] = scales[i];
        tried.inverse[i] = std::min(1.0F / scales[i], std::numeric_limits<float>::max());
        tried.zero[i] = zeros[i];
    }
    std::array<float, kGridsAtOnce> sums{};
    op.errors(weights.data(), weights.size(), tried, maxCode, sums.data());
    std::ranges::copy(sums, errors);
}

GroupGrid chooseGridBy(const QuantizeOps& op, std::span<const float> group, const GridRule& rule)
{
    return chooseGridBy(op.range(group.data(), group.size()), rule,
                        [&](const float* scales, const int* zeros, double* errors) {
                            squaredErrors(op, group, scales, zeros, rule.maxCode(), errors);
                        });
}

void packBy(const QuantizeOps& op, std::span<const std::uint8_t> codes, int bits, std::span<std::uint8_t> packed)
{
    const std::size_t whole = codes.size() / 8 * 8;
    const auto width = static_cast<std::size_t>(bits);
    assert(packed.size() == (codes.size() * width + 7) / 8);
    op.pack(codes.data(), whole, bits, packed.data());
    if (whole < codes.size()) {
        std::array<std::uint8_t, 8> lastCodes{};
        std::array<std::uint8_t, 8> lastBytes{};
        std::ranges::copy(codes.subspan(whole), lastCodes.begin());
        op.pack(lastCodes.data(), lastCodes.size(), bits, lastBytes.data());
        const auto end = packed.subspan(whole / 8 * width);
        std::copy_n(lastBytes.begin(), end.size(), end.begin());
    }
}

} // namespace

float roundToScaleType(float value, ScaleType type)
{
    switch (type) {
    case ScaleType::F16: return static_cast<float>(static_cast<F16>(value));
    case ScaleType::Bf16: return static_cast<float>(static_cast<Bf16>(value));
    case ScaleType::F32: return value;
    }
    return value;
}

ValueRange valueRange(std::span<const float> values)
{
    return ops().range(values.data(), values.size());
}

GroupGrid chooseGrid(std::span<const float> group, const GridRule& rule)
{
    return chooseGridBy(ops(), group, rule);
}

GroupGrid chooseGrid(const ValueRange& range, const GridRule& rule,
                     const std::function<double(const GroupGrid&)>& errorOf)
{
    return chooseGridBy(range, rule, [&](const float* scales, const int* zeros, double* errors) {
        for (std::size_t i = 0; i < kGridsAtOnce; ++i) {
            errors[i] = errorOf({.scale = scales[i], .zero = zeros[i]});
        }
    });
}

void encodeGroup(std::span<const float> weights, const GroupGrid& grid, int maxCode, std::span<std::uint8_t> codes)
{
    assert(weights.size() == codes.size());
    ops().encode(weights.data(), weights.size(), grid.scale, grid.zero, maxCode, codes.data());
}

float squaredError(std::span<const float> weights, const GroupGrid& grid, int maxCode)
{
    std::array<float, kGridsAtOnce> scales;
    std::array<int, kGridsAtOnce> zeros;
    std::array<double, kGridsAtOnce> errors;
    scales.fill(grid.scale);
    zeros.fill(grid.zero);
    squaredErrors(ops(), weights, scales.data(), zeros.data(), maxCode, errors.data());
    return static_cast<float>(errors.front());
}

RowFacts encodeRow(std::span<const float> weights, std::int64_t groupSize, const GridRule& rule,
                   std::span<std::uint8_t> packed, std::span<float> scales, std::span<std::uint8_t> zeros)
{
    const QuantizeOps& op = ops();
    static thread_local std::vector<std::uint8_t> codes;
    codes.resize(weights.size());
    RowFacts facts;
    const auto step = static_cast<std::size_t>(groupSize);
    for (std::size_t first = 0, group = 0; first < weights.size(); first += step, ++group) {
        const auto part = weights.subspan(first, std::min(step, weights.size() - first));
        const GroupGrid grid = chooseGridBy(op, part, rule);
        if (!grid.finite) {
            facts.finite = false;
            return facts;
        }
        facts.coarseScales += grid.scaleCoarse ? 1 : 0;
        op.encode(part.data(), part.size(), grid.scale, grid.zero, rule.maxCode(), codes.data() + first);
        scales[group] = grid.scale;
        if (!zeros.empty()) {
            zeros[group] = static_cast<std::uint8_t>(grid.zero);
        }
    }
    packBy(op, codes, rule.bits, packed);
    return facts;
}

void packCodes(std::span<const std::uint8_t> codes, int bits, std::span<std::uint8_t> packed)
{
    packBy(ops(), codes, bits, packed);
}

void unpackCodes(std::span<const std::uint8_t> packed, int bits, std::span<std::uint8_t> codes)
{
    const QuantizeOps& op = ops();
    const std::size_t whole = codes.size() / 8 * 8;
    const auto width = static_cast<std::size_t>(bits);
    assert(packed.size() >= (codes.size() * width + 7) / 8);
    op.unpack(packed.data(), whole, bits, codes.data());
    if (whole < codes.size()) {
        std::array<std::uint8_t, 8> lastCodes{};
        std::array<std::uint8_t, 8> lastBytes{};
        const auto end = packed.subspan(whole / 8 * width, ((codes.size() - whole) * width + 7) / 8);
        std::ranges::copy(end, lastBytes.begin());
        op.unpack(lastBytes.data(), lastCodes.size(), bits, lastCodes.data());
        std::copy_n(lastCodes.begin(), codes.size() - whole, codes.begin() + static_cast<std::ptrdiff_t>(whole));
    }
}

void dequantizeGroup(std::span<const std::uint8_t> codes, float scale, int zero, std::span<float> out)
{
    assert(codes.size() == out.size());
    ops().dequantize(codes.data(), codes.size(), scale, zero, out.data());
}

SquareSums squareSums(std::span<const float> original, std::span<const float> rounded)
{
    assert(original.size() == rounded.size());
    return ops().squares(original.data(), rounded.data(), original.size());
}

} // namespace bitlathe::kernels
