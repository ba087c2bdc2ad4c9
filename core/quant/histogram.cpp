// SPDX-License-Identifier: Apache-2.0
// Histograms and maps.
#include "core/quant/histogram.h"

#include "core/base/size.h"
#include "kernels/threads.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace bitlathe::quant
{

namespace
{

constexpr std::int64_t kPiece = 1 << 16;

/// Counts of one piece, added to counts.
void countPiece(std::span<const float> values, float low, float scale, std::span<std::int64_t> counts)
{
    const auto last = static_cast<float>(counts.size() - 1);
    for (const float value : values) {
        if (std::isfinite(value)) {
            const float place = std::clamp((value - low) * scale, 0.0F, last);
            ++counts[static_cast<std::size_t>(place)];
        }
    }
}

/// An empty map of a [rows, cols] matrix with at most side cells in each direction.
ValueMap makeMap(std::int64_t rows, std::int64_t cols, std::int64_t side)
{
    ValueMap map;
    map.rowsPerCell = std::max<std::int64_t>(1, ceilDivide(rows, side));
    map.colsPerCell = std::max<std::int64_t>(1, ceilDivide(cols, side));
    map.rows = ceilDivide(rows, map.rowsPerCell);
    map.cols = ceilDivide(cols, map.colsPerCell);
    map.values.resize(static_cast<std::size_t>(map.rows * map.cols));
    return map;
}

/// Fills a map with the mean over each cell of valuesOfRow(row) -> cols values.
template <typename ValuesOfRow>
ValueMap meanMap(std::int64_t rows, std::int64_t cols, std::int64_t side, const ValuesOfRow& valuesOfRow)
{
    ValueMap map = makeMap(rows, cols, side);
    kernels::parallelFor(map.rows, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> values(static_cast<std::size_t>(cols));
        for (std::int64_t cellRow = begin; cellRow < end; ++cellRow) {
            std::vector<double> sums(static_cast<std::size_t>(map.cols));
            const std::int64_t first = cellRow * map.rowsPerCell;
            const std::int64_t count = std::min(map.rowsPerCell, rows - first);
            for (std::int64_t row = first; row < first + count; ++row) {
                valuesOfRow(row, std::span(values));
                for (std::int64_t col = 0; col < cols; ++col) {
                    sums[static_cast<std::size_t>(col / map.colsPerCell)] +=
                        static_cast<double>(values[static_cast<std::size_t>(col)]);
                }
            }
            for (std::int64_t cell = 0; cell < map.cols; ++cell) {
                const std::int64_t width = std::min(map.colsPerCell, cols - cell * map.colsPerCell);
                map.values[static_cast<std::size_t>(cellRow * map.cols + cell)] =
                    static_cast<float>(sums[static_cast<std::size_t>(cell)] / static_cast<double>(width * count));
            }
        }
    });
    return map;
}

} // namespace

double Histogram::binWidth() const
{
    return counts.empty() ? 0.0
                          : (static_cast<double>(high) - static_cast<double>(low)) / static_cast<double>(counts.size());
}

double Histogram::edge(std::size_t index) const
{
    return index == counts.size() ? static_cast<double>(high)
                                  : static_cast<double>(low) + static_cast<double>(index) * binWidth();
}

std::int64_t Histogram::total() const
{
    return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

Histogram weightHistogram(std::span<const float> values, int bins)
{
    float low = std::numeric_limits<float>::max();
    float high = std::numeric_limits<float>::lowest();
    for (const float value : values) {
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    return low <= high ? weightHistogram(values, bins, low, high) : weightHistogram({}, bins, 0.0F, 0.0F);
}

Histogram weightHistogram(std::span<const float> values, int bins, float low, float high)
{
    Histogram histogram{low, high, std::vector<std::int64_t>(static_cast<std::size_t>(std::max(1, bins)))};
    const std::size_t width = histogram.counts.size();
    const float scale = high > low ? static_cast<float>(width) / (high - low) : 0.0F;
    const auto count = static_cast<std::int64_t>(values.size());
    const std::int64_t pieces = ceilDivide(count, kPiece);
    std::vector<std::int64_t> counts(static_cast<std::size_t>(pieces) * width);
    kernels::parallelFor(count, kPiece, [&](std::int64_t begin, std::int64_t end) {
        countPiece(values.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)), low, scale,
                   std::span(counts).subspan(static_cast<std::size_t>(begin / kPiece) * width, width));
    });
    for (std::size_t i = 0; i < counts.size(); ++i) {
        histogram.counts[i % width] += counts[i];
    }
    return histogram;
}

ValueMap largestDifference(std::span<const float> a, std::span<const float> b, std::int64_t rows, std::int64_t cols,
                           std::int64_t side)
{
    ValueMap map = makeMap(rows, cols, side);
    kernels::parallelFor(map.rows, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin * map.rowsPerCell; row < std::min(rows, end * map.rowsPerCell); ++row) {
            float* cells = map.values.data() + (row / map.rowsPerCell) * map.cols;
            for (std::int64_t cell = 0; cell < map.cols; ++cell) {
                const std::int64_t last = std::min(cols, (cell + 1) * map.colsPerCell);
                for (std::int64_t col = cell * map.colsPerCell; col < last; ++col) {
                    const auto place = static_cast<std::size_t>(row * cols + col);
                    cells[cell] = std::max(cells[cell], std::abs(a[place] - b[place]));
                }
            }
        }
    });
    return map;
}

ValueMap scaleMap(const QuantizedTensor& tensor, std::int64_t side)
{
    const std::int64_t rows = tensor.scheme.groupSize == kPerTensor ? 1 : tensor.rows;
    return meanMap(rows, tensor.groups(), side, [&](std::int64_t row, std::span<float> values) {
        for (std::size_t group = 0; group < values.size(); ++group) {
            values[group] = tensor.scale(row, static_cast<std::int64_t>(group));
        }
    });
}

ValueMap zeroMap(const QuantizedTensor& tensor, std::int64_t side)
{
    const std::int64_t rows = tensor.scheme.groupSize == kPerTensor ? 1 : tensor.rows;
    return meanMap(rows, tensor.groups(), side, [&](std::int64_t row, std::span<float> values) {
        for (std::size_t group = 0; group < values.size(); ++group) {
            values[group] = static_cast<float>(tensor.zero(row, static_cast<std::int64_t>(group)));
        }
    });
}

ValueMap saturationMap(const QuantizedTensor& tensor, std::int64_t side)
{
    const std::array<bool, 256> ends = saturatedCodes(tensor);
    return meanMap(tensor.rows, tensor.cols, side, [&](std::int64_t row, std::span<float> values) {
        static thread_local std::vector<std::uint8_t> codes;
        codes.resize(values.size());
        tensor.unpackRow(row, codes);
        std::ranges::transform(codes, values.begin(), [&ends](std::uint8_t code) { return ends[code] ? 1.0F : 0.0F; });
    });
}

} // namespace bitlathe::quant
