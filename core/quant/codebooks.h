// SPDX-License-Identifier: Apache-2.0
// CodeBooks: the values that codes of blocks stand for.
#pragma once

#include "core/quant/scheme.h"

#include <span>
#include <vector>

namespace bitlathe::quant
{

/// The values of a book by code, 2^bookBits of them between -1 and 1. Not for Quantile, whose values come from weights.
std::vector<float> bookValues(BookKind book);

/// 255 quantiles of weights that are divided by the largest of their block, and 0, ascending and divided by the largest
/// of them. scales: the largest of each block of groupSize weights, as encodeBlockwise() stores them.
std::vector<float> quantileValues(std::span<const float> weights, std::span<const float> scales,
                                  std::int64_t groupSize);

} // namespace bitlathe::quant
