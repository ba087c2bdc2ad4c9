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
/// "✓ fine", "▲ watch", "✕ bad"
std::string verdictText(quant::Verdict verdict);

} // namespace bitlathe::cli
