// SPDX-License-Identifier: Apache-2.0
// A comparison as a table for people, whole or row by row.
#pragma once

#include "app/cli/table.h"
#include "core/evaluate/comparison.h"
#include "core/quant/quantizer.h"

#include <string>

namespace bitlathe::cli
{

/// nameWidth: of the longest model name that will come.
Table comparisonTable(std::size_t nameWidth);
std::string comparisonRow(const Table& table, const evaluate::ComparedModel& model, bool isBase);
/// Table, protocol and a sentence on each model.
std::string comparisonText(const evaluate::Comparison& comparison);
/// What stands below the rows.
std::string comparisonFooter(const evaluate::Comparison& comparison);

/// "✓ fine", "▲ watch", "✕ bad"
std::string verdictText(quant::Verdict verdict);

} // namespace bitlathe::cli
