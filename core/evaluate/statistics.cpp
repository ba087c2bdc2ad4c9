// SPDX-License-Identifier: Apache-2.0
// Means with their standard errors, percentiles.
#include "core/evaluate/statistics.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::evaluate
{

Spread spreadOf(std::span<const double> values)
{
    Spread spread;
    const auto count = static_cast<double>(values.size());
    if (values.empty()) {
        return spread;
    }
    spread.mean = sumInOrder(values) / count;
    if (values.size() < 2) {
        return spread;
    }
    double squares = 0;
    for (const double value : values) {
        squares += (value - spread.mean) * (value - spread.mean);
    }
    spread.standardError = std::sqrt(squares / (count - 1) / count);
    return spread;
}

double percentile(std::span<const double> sorted, double share)
{
    if (sorted.empty()) {
        return 0;
    }
    const double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

} // namespace bitlathe::evaluate
