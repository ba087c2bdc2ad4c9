// SPDX-License-Identifier: Apache-2.0
// Evenly spaced rows.
#include "core/quant/layerrows.h"

#include <cassert>

namespace bitlathe::quant
{

std::vector<float> evenRows(std::span<const float> values, std::int64_t rows, std::int64_t wanted)
{
    assert(wanted > 0 && wanted <= rows);
    const std::size_t cols = values.size() / static_cast<std::size_t>(rows);
    std::vector<float> some;
    some.reserve(static_cast<std::size_t>(wanted) * cols);
    for (std::int64_t place = 0; place < wanted; ++place) {
        const auto row = values.subspan(static_cast<std::size_t>(evenRow(place, rows, wanted)) * cols, cols);
        some.insert(some.end(), row.begin(), row.end());
    }
    return some;
}

} // namespace bitlathe::quant
