// SPDX-License-Identifier: Apache-2.0
// Histogram and ValueMap: small pictures of large weights, for plots and tables.
#pragma once

#include "core/quant/quantizedtensor.h"

#include <cstdint>
#include <span>
#include <vector>

namespace bitlathe::quant
{

/// Counts over bins of equal width in [low, high].
struct Histogram
{
    float low = 0.0F;
    float high = 0.0F;
    std::vector<std::int64_t> counts;

    double binWidth() const;
    double edge(std::size_t index) const; ///< Lower edge of a bin; edge(counts.size()) is high.
    std::int64_t total() const;
};

/// The histogram of values between their smallest and largest. Values that are not finite are left out. On all threads.
Histogram weightHistogram(std::span<const float> values, int bins);
/// Over a given range; values outside of it count in the first or last bin.
Histogram weightHistogram(std::span<const float> values, int bins, float low, float high);

/// A matrix made small: each cell stands for rowsPerCell x colsPerCell elements (fewer at the end).
struct ValueMap
{
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::int64_t rowsPerCell = 1;
    std::int64_t colsPerCell = 1;
    std::vector<float> values; ///< [rows, cols]

    float at(std::int64_t row, std::int64_t col) const { return values[static_cast<std::size_t>(row * cols + col)]; }
};

constexpr std::int64_t kMapSide = 1024; ///< Most cells of a map in each direction.

/// Largest |a - b| in each cell; a, b: [rows, cols].
ValueMap largestDifference(std::span<const float> a, std::span<const float> b, std::int64_t rows, std::int64_t cols,
                           std::int64_t side = kMapSide);
/// Mean scale of each cell of [rows, groups].
ValueMap scaleMap(const QuantizedTensor& tensor, std::int64_t side = kMapSide);
/// Mean zero point of each cell of [rows, groups], in code units.
ValueMap zeroMap(const QuantizedTensor& tensor, std::int64_t side = kMapSide);
/// Share of codes at the ends of the range in each cell of [rows, cols].
ValueMap saturationMap(const QuantizedTensor& tensor, std::int64_t side = kMapSide);

} // namespace bitlathe::quant
