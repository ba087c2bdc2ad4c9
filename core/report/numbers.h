// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them in reports and on a terminal: C locale, units, significant digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bitlathe::report
{

/// Significant digits without an exponent where that stays short: "9.929", "0.00412", "1.2e-09".
std::string numberText(double value, int digits = 4);
/// "1,234,567".
std::string countText(std::int64_t value);
/// "16.0 MiB".
std::string bytesText(std::uint64_t bytes);
/// "0.84 s", "2 min 5 s", "1 h 12 min".
std::string durationText(double seconds);
/// A share as percent: "1.25 %".
std::string percentText(double share, int digits = 3);
/// An interval of shares: "39.1 to 86.2 %".
std::string percentRangeText(double low, double high);
/// "+0.4113 ± 0.0032": the difference to as many places as its error allows. Without an error: four digits.
std::string differenceText(double difference, double error);
/// "9.929 ± 0.041"
std::string valueWithErrorText(double value, double error);
/// "2026-03-01T12:34:56Z"
std::string utcTimeText(std::int64_t secondsSinceEpoch);

/// text with every invalid UTF-8 sequence and control character (but line ends and tabs) as U+FFFD.
std::string printable(std::string_view text);
/// printable() on one line, for a cell of a table: line ends as "⏎", tabs as "⇥", what would turn or end the line as
/// U+FFFD.
std::string inOneLine(std::string_view text);
/// inOneLine() of a token, whose spaces tell: as "␣".
std::string tokenText(std::string_view token);

} // namespace bitlathe::report
