// SPDX-License-Identifier: Apache-2.0
// A comparison as a table for people.
#pragma once

#include "core/evaluate/comparison.h"
#include "core/quant/quantizer.h"

#include <string>

namespace bitlathe::cli
{

/// Table, protocol and a sentence on each model.
std::string comparisonText(const evaluate::Comparison& comparison);
/// So many tokens of each model that are predicted worst against the base; empty where there are none.
std::string worstTokensText(const evaluate::Comparison& comparison, std::size_t count);
/// "✓ fine", "▲ watch", "✕ bad"
std::string verdictText(quant::Verdict verdict);

} // namespace bitlathe::cli
