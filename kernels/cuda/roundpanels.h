// SPDX-License-Identifier: Apache-2.0
// Between rows of weights and the panels [columns][rows] that a sweep works on.
#pragma once

#include "kernels/cuda/context.h"

namespace bitlathe::cuda
{

/// panel [cols][rows] = weights [rows, cols] in the order of columns.
void gatherPanel(Call& call, const float* weights, const std::int32_t* columns, std::int64_t rows, std::int64_t cols,
                 float* panel);
/// to[placeOf[columns[p]]] = from[p] for every row of a panel.
void movePanel(Call& call, const void* from, const std::int32_t* columns, const std::int32_t* placeOf,
               std::int64_t rows, std::int64_t cols, int valueBytes, void* to);
/// to += sign from, of count values; sign: 1 or -1.
void addPanel(Call& call, const float* from, float sign, std::int64_t count, float* to);

/// What a sweep leaves, by place and by group.
struct SweptPanels
{
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::int64_t groups = 0;
    const std::uint8_t* codes = nullptr;   ///< [cols][rows]
    const std::int32_t* placeOf = nullptr; ///< Column -> place.
    const std::int32_t* groupOf = nullptr; ///< Place -> group.
    const float* scales = nullptr;         ///< [groups][rows]
    const float* zeros = nullptr;
    const std::uint8_t* coarse = nullptr;
};
/// Codes as a bit stream for each row, and the parameters of groups row by row.
void storeCodes(Call& call, const SweptPanels& panels, int bits, std::uint8_t* packed);
void storeGroups(Call& call, const SweptPanels& panels, float* scales, std::uint8_t* zeros, std::int32_t* coarse);
/// differences [rows, cols] = weights less what codes mean.
void storeDifferences(Call& call, const SweptPanels& panels, const float* weights, float* differences);

} // namespace bitlathe::cuda
