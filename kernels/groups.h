// SPDX-License-Identifier: Apache-2.0
// What rounding groups of columns to nearest leaves, and the search for the ranges of groups that leave least.
#pragma once

#include "kernels/gridchoice.h"

#include <cstdint>
#include <functional>
#include <span>

namespace bitlathe::kernels
{

/// Columns of weights, cut from the first on into groups, the last of which may be shorter.
struct GroupedWeights
{
    std::span<const float> weights; ///< [rows, cols], finite.
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::int64_t first = 0; ///< Of the columns that are looked at.
    std::int64_t width = 0; ///< How many they are.
    std::int64_t groupSize = 0;
    GridRule rule; ///< searchRange: for backends whose memory is the processor's.

    std::int64_t groups() const { return (width + groupSize - 1) / groupSize; }
};

struct GroupErrors
{
    GroupedWeights of;
    /// [of.width] What weights are multiplied by before they are rounded, and what is stored for them is divided by;
    /// empty: neither.
    std::span<const float> scales;
    float ratio = 1.0F;            ///< Of each group's range that its grid spans; 1 under a rule's search.
    std::span<const float> ratios; ///< [rows, of.groups()] the same for each group; empty: ratio for all.
    /// The grid of all groups; null: the one that each chooses. For backends whose memory is the processor's.
    const GroupGrid* grid = nullptr;
    std::span<float> errors; ///< Out: [rows, of.width] weights less what is stored for them.

    float ratioOf(std::int64_t row, std::int64_t group) const
    {
        return ratios.empty() ? ratio : ratios[static_cast<std::size_t>(row * of.groups() + group)];
    }
};

/// For each group of each row the first of `ratios` with the least energy e H e' of the group's errors e: with H the
/// blocks on the matrix's diagonal of kEnergyBlock of the group's columns each, the last of which may be smaller.
/// Factors of its products are rounded to bf16, sums are in f32.
struct RatioSearch
{
    GroupedWeights of;             ///< Without a rule's search.
    std::span<const float> matrix; ///< [cols, cols], symmetric.
    std::span<const float> ratios; ///< In the processor's memory; 1 ... kRatiosMost.
    std::span<std::uint8_t> best;  ///< Out: [rows, groups] place in ratios.
    std::function<bool()> stop;    ///< Asked from time to time; what comes back after it means nothing. May be empty.
};

constexpr std::int64_t kEnergyBlock = 256;
constexpr int kRatiosMost = 32;

class Backend;

/// Backend::searchRatios() by the backend's other operations, for those whose memory is the processor's.
void searchRatiosByProducts(const Backend& backend, const RatioSearch& search);

} // namespace bitlathe::kernels
