// SPDX-License-Identifier: Apache-2.0
// Means with their standard errors, percentiles.
#include "core/evaluate/statistics.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::evaluate
{

Spread spreadOf(std::span<const double> values, std::span<const double> weights)
{
    const auto weightOf = [weights](std::size_t i) { return weights.empty() ? 1.0 : weights[i]; };
    Spread spread;
    if (values.empty()) {
        return spread;
    }
    double sum = 0;
    double all = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        sum += weightOf(i) * values[i];
        all += weightOf(i);
    }
    spread.mean = sum / all;
    if (values.size() < 2) {
        return spread;
    }
    double squares = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double off = weightOf(i) * (values[i] - spread.mean);
        squares += off * off;
    }
    const auto count = static_cast<double>(values.size());
    spread.standardError = std::sqrt(squares * count / (count - 1)) / all;
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

Interval wilsonInterval(std::int64_t correct, std::int64_t n)
{
    if (n <= 0) {
        return {0, 1};
    }
    constexpr double kZ = 1.959963984540054; // The normal distribution's 97.5 % point.
    const auto count = static_cast<double>(n);
    const double share = static_cast<double>(correct) / count;
    const double scale = 1 + kZ * kZ / count;
    const double middle = (share + kZ * kZ / (2 * count)) / scale;
    const double half = kZ / scale * std::sqrt(share * (1 - share) / count + kZ * kZ / (4 * count * count));
    // At the ends the two cancel but for rounding.
    return {correct == 0 ? 0 : middle - half, correct == n ? 1 : middle + half};
}

double mcNemar(std::int64_t onlyFirst, std::int64_t onlySecond)
{
    const auto pairs = static_cast<double>(onlyFirst + onlySecond);
    // The binomial terms as logarithms: 2^-pairs alone is no double for many pairs.
    double logTerm = -pairs * std::log(2.0);
    double tail = std::exp(logTerm);
    for (std::int64_t k = 1; k <= std::min(onlyFirst, onlySecond); ++k) {
        const auto some = static_cast<double>(k);
        logTerm += std::log((pairs - some + 1) / some);
        tail += std::exp(logTerm);
    }
    return std::min(1.0, 2 * tail);
}

} // namespace bitlathe::evaluate
