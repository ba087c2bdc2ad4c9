// SPDX-License-Identifier: Apache-2.0
// How much worse a layer's output became: tr(D H D') with D = W - W'.
#include "core/quant/quality.h"

#include "core/quant/deviceenergy.h"
#include "core/quant/energy.h"
#include "kernels/quantize.h"
#include "kernels/threads.h"

#include <algorithm>
#include <cassert>

namespace bitlathe::quant
{

namespace
{

/// Rows of D and of W that are multiplied at once: small enough that scratch memory stays at some ten MB and a stop is
/// seen soon, large enough for the product to run at full speed.
constexpr std::int64_t kRowsPerTile = 512;
constexpr std::int64_t kRowGrain = 16;

/// Rows [first, first + rows) of D = W - W', then the same rows of W: [2 * rows, cols].
struct Tile
{
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::vector<float> values;

    const float* row(std::int64_t index) const { return values.data() + index * cols; }
    float* row(std::int64_t index) { return values.data() + index * cols; }
};

Tile makeTile(std::span<const float> weights, const QuantizedTensor& tensor, std::int64_t first)
{
    Tile tile;
    tile.rows = std::min(kRowsPerTile, tensor.rows - first);
    tile.cols = tensor.cols;
    const auto width = static_cast<std::size_t>(tensor.cols);
    tile.values.resize(2 * static_cast<std::size_t>(tile.rows) * width);
    kernels::parallelFor(tile.rows, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) {
            float* difference = tile.row(row);
            const float* original = weights.data() + static_cast<std::size_t>(first + row) * width;
            tensor.dequantizeRows(first + row, 1, {difference, width});
            std::copy_n(original, width, tile.row(tile.rows + row));
            for (std::size_t col = 0; col < width; ++col) {
                difference[col] = original[col] - difference[col];
            }
        }
    });
    return tile;
}

/// Of every row.
std::vector<kernels::SquareSums> rowSquares(std::span<const float> weights, const QuantizedTensor& tensor,
                                            const WorkContext& work)
{
    const auto width = static_cast<std::size_t>(tensor.cols);
    std::vector<kernels::SquareSums> sums(static_cast<std::size_t>(tensor.rows));
    kernels::parallelFor(tensor.rows, kRowGrain, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> rounded(width);
        for (std::int64_t row = begin; row < end && !work.stopRequested(); ++row) {
            const auto index = static_cast<std::size_t>(row);
            tensor.dequantizeRows(row, 1, rounded);
            sums[index] = kernels::squareSums(weights.subspan(index * width, width), rounded);
        }
    });
    return sums;
}

/// Sums over the rows of D and over those of W.
struct Sums
{
    double difference = 0;
    double original = 0;

    /// scale: what the row was divided by.
    void add(double scale, double rowDifference, double rowOriginal)
    {
        difference += scale * scale * rowDifference;
        original += scale * scale * rowOriginal;
    }
    double ratio() const { return original > 0 ? difference / original : 0.0; }
};

/// Of a layer without a Hessian, or whose energies come from elsewhere.
struct QualityInput
{
    std::span<const float> weights;
    const QuantizedTensor& tensor;
    const calibrate::InputStats* stats;
    std::span<const float> outputScales;

    double scaleOf(std::int64_t row) const
    {
        return outputScales.empty() ? 1.0 : static_cast<double>(outputScales[static_cast<std::size_t>(row)]);
    }
    bool hasHessian() const { return stats != nullptr && !stats->hessian.empty() && stats->tokens > 0; }
};

/// energies: those but the squares are empty without a Hessian.
LayerQuality summed(const QualityInput& input, const RowEnergies& energies)
{
    LayerQuality quality;
    quality.fromStatistics = input.hasHessian();
    Sums squares;
    for (std::size_t row = 0; row < energies.squares.size(); ++row) {
        const kernels::SquareSums& ofRow = energies.squares[row];
        squares.add(input.scaleOf(static_cast<std::int64_t>(row)), ofRow.difference, ofRow.original);
    }
    Sums sums;
    for (std::size_t row = 0; row < energies.differences.size(); ++row) {
        sums.add(input.scaleOf(static_cast<std::int64_t>(row)), energies.differences[row], energies.originals[row]);
    }
    quality.weightError = squares.ratio();
    quality.relativeError = quality.weightError;
    quality.saturated = input.tensor.saturatedShare();
    if (quality.fromStatistics) {
        // Rounding can leave a sum of squares a hair below 0.
        quality.loss = std::max(0.0, sums.difference) / static_cast<double>(input.stats->tokens);
        quality.relativeError = std::max(0.0, sums.ratio());
    }
    return quality;
}

/// Tile after tile; energiesOf(values, rows) those of some rows. After a stop those of the last ones are missing.
template <class EnergiesOf>
RowEnergies tiledEnergies(const QualityInput& input, const EnergiesOf& energiesOf, const WorkContext& work)
{
    RowEnergies energies;
    energies.squares = rowSquares(input.weights, input.tensor, work);
    for (std::int64_t first = 0; input.hasHessian() && first < input.tensor.rows && !work.stopRequested();
         first += kRowsPerTile) {
        const Tile tile = makeTile(input.weights, input.tensor, first);
        const std::vector<double> found = energiesOf(tile.values, 2 * tile.rows);
        const auto middle = found.begin() + tile.rows;
        energies.differences.insert(energies.differences.end(), found.begin(), middle);
        energies.originals.insert(energies.originals.end(), middle, found.end());
    }
    return energies;
}

} // namespace

LayerQuality measureQuality(std::span<const float> weights, const QuantizedTensor& tensor,
                            const calibrate::InputStats* stats, const WorkContext& work,
                            std::span<const float> outputScales)
{
    const QualityInput input{weights, tensor, stats, outputScales};
    assert(!input.hasHessian() || stats->features == tensor.cols);
    const auto energiesOf = [&](std::span<const float> x, std::int64_t rows) {
        return rowEnergies(x, rows, tensor.cols, stats->hessian, work);
    };
    return summed(input, tiledEnergies(input, energiesOf, work));
}

Result<LayerQuality> measureQuality(const LayerInput& layer, const QuantizedTensor& tensor, const WorkContext& work)
{
    const QualityInput input{layer.weights, tensor, layer.stats, layer.outputScales};
    const kernels::Backend& backend = backendOf(layer.device);
    if (backend.memory().isHost() || !input.hasHessian()) {
        return measureQuality(layer.weights, tensor, layer.stats, work, layer.outputScales);
    }
    return model::withDeviceErrors([&]() -> Result<LayerQuality> {
        const auto hessian = deviceHessian(layer, backend);
        const auto energiesOf = [&](std::span<const float> x, std::int64_t rows) {
            return movedEnergies(x, rows, hessian->prepared(), backend, work);
        };
        return summed(input, tiledEnergies(input, energiesOf, work));
    });
}

LayerQuality qualityFrom(const LayerInput& input, const QuantizedTensor& tensor, const RowEnergies& energies)
{
    return summed({input.weights, tensor, input.stats, input.outputScales}, energies);
}

} // namespace bitlathe::quant
