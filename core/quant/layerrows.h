// SPDX-License-Identifier: Apache-2.0
// Evenly spaced rows of a layer that stand for all of them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace bitlathe::quant
{

/// Which of all rows stands at a place among the wanted ones.
constexpr std::int64_t evenRow(std::int64_t place, std::int64_t rows, std::int64_t wanted)
{
    return place * rows / wanted;
}

/// Rows [wanted, cols] of values [rows, cols]; 0 < wanted <= rows.
std::vector<float> evenRows(std::span<const float> values, std::int64_t rows, std::int64_t wanted);

} // namespace bitlathe::quant
