// SPDX-License-Identifier: Apache-2.0
// Means with their standard errors, percentiles, and what perplexity and comparison share of them.
#pragma once

#include "core/evaluate/perplexity.h"
#include "core/evaluate/windowscores.h"

#include <span>
#include <vector>

namespace bitlathe::evaluate
{

struct Spread
{
    double mean = 0;
    double standardError = 0; ///< Of the mean, from the sample's spread; 0 for a single value, which has none.
};

/// weights: how much each value counts, as many as values; empty: all the same.
Spread spreadOf(std::span<const double> values, std::span<const double> weights = {});

/// The value below which a share (0 ... 1) of sorted lies, interpolated linearly between neighbours; 0 for none.
double percentile(std::span<const double> sorted, double share);

/// A range that holds the true value in 95 % of samples.
struct Interval
{
    double low = 0;
    double high = 0;
};

/// Wilson's interval for a share of which correct of n were seen (E. B. Wilson, 1927); 0 ... 1 for n = 0.
Interval wilsonInterval(std::int64_t correct, std::int64_t n);

/// McNemar's test, exact: the two-sided probability, if neither were better, of a split of pairs at least as uneven,
/// where onlyFirst of them went right for the first alone and onlySecond for the second alone; 1 where there are none.
double mcNemar(std::int64_t onlyFirst, std::int64_t onlySecond);

/// Adds a window's sums to a result.
void addWindow(PerplexityResult& result, const ScoredWindow& window, const WindowScores& scores);
/// Perplexity, its error and speed from the windows so far.
void summarize(PerplexityResult& result);
/// What windows made by options tell of a protocol.
void describe(Protocol& protocol, const PerplexityOptions& options, const std::vector<ScoredWindow>& windows);

} // namespace bitlathe::evaluate
