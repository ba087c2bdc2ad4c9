// SPDX-License-Identifier: GPL-3.0-or-later
// Row by row, so that memory is read in its order.
#include "ui/plots/mappooling.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::ui
{

PooledMap pooledMap(const std::vector<float>& values, std::int64_t cols, const MapWindow& window,
                    std::int64_t cellsMost, const std::stop_token& stop)
{
    PooledMap map{window, std::min(window.rows(), cellsMost), std::min(window.cols(), cellsMost), {}};
    map.values.assign(static_cast<std::size_t>(map.rows * map.cols), std::nanf(""));
    for (std::int64_t cellRow = 0; cellRow < map.rows && !stop.stop_requested(); ++cellRow) {
        float* cells = map.values.data() + cellRow * map.cols;
        const std::int64_t end = window.row0 + (cellRow + 1) * window.rows() / map.rows;
        for (std::int64_t row = window.row0 + cellRow * window.rows() / map.rows; row < end; ++row) {
            const float* source = values.data() + row * cols + window.col0;
            for (std::int64_t cellCol = 0; cellCol < map.cols; ++cellCol) {
                const std::int64_t last = (cellCol + 1) * window.cols() / map.cols;
                for (std::int64_t col = cellCol * window.cols() / map.cols; col < last; ++col) {
                    // Not so for NaN, and so where there is no number yet.
                    if (std::abs(source[col]) >= 0 && !(std::abs(source[col]) <= std::abs(cells[cellCol]))) {
                        cells[cellCol] = source[col];
                    }
                }
            }
        }
    }
    return map;
}

} // namespace bitlathe::ui
