// SPDX-License-Identifier: Apache-2.0
// Comparisons as JSON, in records of runs and, in parts, in documents for other programs.
#pragma once

#include "core/evaluate/comparison.h"
#include "core/run/recordreader.h"

namespace bitlathe::run
{

/// {worst_tokens, loss_by_position, loss_differences}
Json toJson(const evaluate::TokenFacts& facts);
Json toJson(const evaluate::GenerationFacts& facts);
Json toJson(const evaluate::GenerationProtocol& protocol);
Json toJson(const evaluate::Comparison& comparison);

/// The value of "comparison"; nothing where there is none.
std::optional<evaluate::Comparison> readComparison(const RecordReader& parent);

} // namespace bitlathe::run
