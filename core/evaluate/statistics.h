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

Spread spreadOf(std::span<const double> values);

/// The value below which a share (0 ... 1) of sorted lies, interpolated linearly between neighbours; 0 for none.
double percentile(std::span<const double> sorted, double share);

/// The windows of a stream that can be scored. Errors: SettingInvalid, TextInvalid (fewer than two tokens).
Result<std::vector<std::vector<model::TokenId>>> scorableWindows(const std::vector<model::TokenId>& stream,
                                                                 const PerplexityOptions& options);

/// Adds a window's sums to a result.
void addWindow(PerplexityResult& result, const WindowScores& scores);
/// Perplexity, its error and speed from the windows so far.
void summarize(PerplexityResult& result);

} // namespace bitlathe::evaluate
