// SPDX-License-Identifier: GPL-3.0-or-later
// Large matrices made as small as a screen shows them, part by part.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

namespace bitlathe::ui
{

/// Rows [row0, row1) and columns [col0, col1) of a matrix.
struct MapWindow
{
    std::int64_t row0 = 0, row1 = 0;
    std::int64_t col0 = 0, col1 = 0;

    std::int64_t rows() const { return row1 - row0; }
    std::int64_t cols() const { return col1 - col0; }
    bool contains(const MapWindow& other) const
    {
        return row0 <= other.row0 && other.row1 <= row1 && col0 <= other.col0 && other.col1 <= col1;
    }
};

struct PooledMap
{
    MapWindow window;
    std::int64_t rows = 0, cols = 0;
    std::vector<float>
        values; ///< [rows, cols]: of each block of cells the value of largest magnitude; NaN: none is there.
};

/// A window of a matrix with so many columns in at most cellsMost x cellsMost cells. Outliers survive. When stop is
/// requested, the rest stays NaN.
PooledMap pooledMap(const std::vector<float>& values, std::int64_t cols, const MapWindow& window,
                    std::int64_t cellsMost, const std::stop_token& stop = {});

} // namespace bitlathe::ui
