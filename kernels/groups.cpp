// SPDX-License-Identifier: Apache-2.0
// The search for ranges as products: the errors of all rows under one ratio, group by group.
#include "kernels/backend.h"

#include <algorithm>
#include <cassert>
#include <vector>

namespace bitlathe::kernels
{

namespace
{

std::size_t size(std::int64_t count)
{
    return static_cast<std::size_t>(count);
}

/// A part of a group with its block of the matrix.
struct EnergyBlock
{
    std::int64_t first = 0; ///< In the group.
    std::int64_t width = 0;
    std::unique_ptr<PreparedWeights> matrix;
};

std::vector<EnergyBlock> blocksOf(const Backend& backend, const RatioSearch& search, std::int64_t first,
                                  std::int64_t width)
{
    std::vector<EnergyBlock> blocks;
    for (std::int64_t from = 0; from < width; from += kEnergyBlock) {
        const std::int64_t cols = std::min(kEnergyBlock, width - from);
        std::vector<float> values(size(cols * cols));
        for (std::int64_t row = 0; row < cols; ++row) {
            const std::int64_t start = (first + from + row) * search.of.cols + first + from;
            std::copy_n(search.matrix.data() + start, cols, values.data() + row * cols);
        }
        blocks.push_back(
            {from, cols,
             backend.prepare({ScalarType::F32, cols, cols, std::as_bytes(std::span(values))}, Precision::Bf16)});
    }
    return blocks;
}

/// Adds the rows' energies: of errors [rows, width], the columns of a block.
void addEnergies(const Backend& backend, const EnergyBlock& block, std::span<const float> errors, std::int64_t width,
                 std::vector<double>& sums)
{
    const auto rows = static_cast<std::int64_t>(sums.size());
    std::vector<float> part;
    if (block.width != width) {
        part.resize(size(rows * block.width));
        backend.copyRows(errors.subspan(size(block.first)), width, part, block.width, rows, block.width);
        errors = part;
    }
    std::vector<float> products(errors.size());
    std::vector<double> energies(sums.size());
    backend.gemm(errors, rows, *block.matrix, {}, products);
    backend.dotRows(errors, products, block.width, energies);
    std::ranges::transform(sums, energies, sums.begin(), std::plus<>());
}

} // namespace

void searchRatiosByProducts(const Backend& backend, const RatioSearch& search)
{
    assert(backend.memory().isHost() && !search.of.rule.searchRange);
    assert(!search.ratios.empty() && search.ratios.size() <= kRatiosMost);
    assert(search.best.size() == size(search.of.rows * search.of.groups()));
    const std::size_t rows = size(search.of.rows);
    std::vector<float> errors;
    for (std::int64_t group = 0; group < search.of.groups(); ++group) {
        GroupErrors trial;
        trial.of = search.of;
        trial.of.first += group * search.of.groupSize;
        trial.of.width = std::min(search.of.groupSize, search.of.width - group * search.of.groupSize);
        errors.resize(rows * size(trial.of.width));
        trial.errors = errors;
        const std::vector<EnergyBlock> blocks = blocksOf(backend, search, trial.of.first, trial.of.width);
        std::vector<double> least(rows);
        for (std::size_t ratio = 0; ratio < search.ratios.size(); ++ratio) {
            if (search.stop && search.stop()) {
                return;
            }
            trial.ratio = search.ratios[ratio];
            backend.groupErrors(trial);
            std::vector<double> energies(rows);
            for (const EnergyBlock& block : blocks) {
                addEnergies(backend, block, errors, trial.of.width, energies);
            }
            for (std::size_t row = 0; row < rows; ++row) {
                if (ratio == 0 || energies[row] < least[row]) {
                    least[row] = energies[row];
                    search.best[row * size(search.of.groups()) + size(group)] = static_cast<std::uint8_t>(ratio);
                }
            }
        }
    }
}

} // namespace bitlathe::kernels
