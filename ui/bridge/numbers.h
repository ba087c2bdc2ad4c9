// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as people read them: three to four significant digits, units, the locale's separators.
#pragma once

#include <QString>

#include <cstdint>

namespace bitlathe::ui
{

inline constexpr double kMebibyte = 1024.0 * 1024.0; ///< Bytes.

/// "4.98 GiB", or "5.34 GB" where the user prefers SI units.
QString formatBytes(std::uint64_t bytes);
/// The unit that formatBytes() writes so many bytes in, for tables and axes whose numbers share one.
struct ByteUnit
{
    QString name;
    double bytes = 1;
    double of(std::uint64_t count) const { return static_cast<double>(count) / bytes; }
};
ByteUnit byteUnit(std::uint64_t bytes);
/// Which units formatBytes() uses.
enum class ByteUnits { Binary, Si };
void setByteUnits(ByteUnits units);
ByteUnits byteUnits();

/// "8,388,608" in the locale.
QString formatCount(std::int64_t count);
/// Large counts in short: "8.4 M", "6.74 B".
QString formatCountShort(std::int64_t count);
/// significant digits, trailing zeros kept; very small and very large numbers as powers of ten. NaN and infinity as
/// words.
QString formatNumber(double value, int significant = 4);
/// A fixed number of decimals, for columns.
QString formatFixed(double value, int decimals);
/// A share 0 ... 1 as per cent: "1.23 %".
QString formatPercent(double share, int significant = 3);
/// "+0.41 ± 0.03".
QString formatDifference(double difference, double error);
/// "9.33 ± 0.14".
QString formatWithError(double value, double error);
/// "0.8 s", "42 s", "3 min 20 s", "2 h 05 min".
QString formatDuration(double seconds);
/// "3–4 min"; empty where not known (low < 0).
QString formatDurationRange(double secondsLow, double secondsHigh);

} // namespace bitlathe::ui
