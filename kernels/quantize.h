// SPDX-License-Identifier: Apache-2.0
// Rounding of weights to a grid per group, packing of codes, and the way back.
#pragma once

#include "kernels/gridchoice.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace bitlathe::kernels
{

/// value rounded to nearest, ties to even, and widened again. Too large a value gives infinity.
float roundToScaleType(float value, ScaleType type);

/// Range search: the range times 1.00, 0.98, ... 0.30; the first of those with the least sum of squared errors.
constexpr int kShrinkSteps = 36;
constexpr float kShrinkStep = 0.02F;
/// Ternary: down to 0.10, as most weights are 0 on a grid over the whole range.
constexpr int kShrinkStepsTernary = 46;

/// Squares are summed in this many partial sums, element i into sum i % kLanes, which are then added in halves (8 to 8,
/// 4 to 4, ...): the same order, hence the same bits, on every level.
constexpr std::size_t kLanes = 16;

/// The grid of one group by the rule, in f32:
///   asymmetric: scale = round((max(0, max) - min(0, min)) / maxCode), zero = round(-min(0, min) / scale);
///               where that is below leastZero, scale = round(max / (maxCode - leastZero)), zero = leastZero
///   symmetric:  scale = round(2 absmax / maxCode), zero = 2^(bits - 1)
///   ternary:    scale = round(absmax), zero = 1
/// A group of zeros gets scale 1. A scale that the type cannot hold becomes the nearest positive one that it can.
GroupGrid chooseGrid(std::span<const float> group, const GridRule& rule);

/// Smallest and largest of the values and 0, and whether all are finite.
struct ValueRange
{
    float low = 0.0F;
    float high = 0.0F;
    bool finite = true;
};
ValueRange valueRange(std::span<const float> values);

/// As above for weights that are not at hand as one span: from their range, and, under a range search, the sum of
/// squared errors that a grid would leave.
GroupGrid chooseGrid(const ValueRange& range, const GridRule& rule,
                     const std::function<double(const GroupGrid&)>& errorOf);

/// codes[i] = clamp(round(w[i] / scale) + zero, 0, maxCode), one per byte; ties to even. Weights must be finite.
void encodeGroup(std::span<const float> weights, const GroupGrid& grid, int maxCode, std::span<std::uint8_t> codes);

/// Sum of (w - w')^2 over a group on a grid, as the range search measures it: weights are multiplied with the inverse
/// of the scale where encodeGroup divides, which matters to none but those half-way between two codes.
float squaredError(std::span<const float> weights, const GroupGrid& grid, int maxCode);

/// What encodeRow noticed.
struct RowFacts
{
    bool finite = true;
    std::int64_t coarseScales = 0;
};

/// Quantizes one row in groups of groupSize (the last may be shorter) and packs the codes. scales and zeros have one
/// element per group; zeros may be empty where the rule is symmetric. packed has ceil(cols * bits / 8) bytes.
RowFacts encodeRow(std::span<const float> weights, std::int64_t groupSize, const GridRule& rule,
                   std::span<std::uint8_t> packed, std::span<float> scales, std::span<std::uint8_t> zeros);

/// A bit stream of codes, least significant bit first; unused bits of the last byte are 0.
void packCodes(std::span<const std::uint8_t> codes, int bits, std::span<std::uint8_t> packed);
void unpackCodes(std::span<const std::uint8_t> packed, int bits, std::span<std::uint8_t> codes);

/// out[i] = (codes[i] - zero) * scale.
void dequantizeGroup(std::span<const std::uint8_t> codes, float scale, int zero, std::span<float> out);

/// Sums over a row, in double.
struct SquareSums
{
    double difference = 0; ///< Of (original - rounded)^2, differences in f32.
    double original = 0;   ///< Of original^2.
};
SquareSums squareSums(std::span<const float> original, std::span<const float> rounded);

} // namespace bitlathe::kernels
