// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as people read them: three to four significant digits, units, the locale's separators.
#include "ui/bridge/numbers.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>

namespace bitlathe::ui
{
namespace
{

ByteUnits g_units = ByteUnits::Binary;

QString inLanguage(const char* sentence)
{
    return QCoreApplication::translate("Numbers", sentence);
}

/// Decimals that give this many significant digits.
int decimalsFor(double value, int significant)
{
    if (value == 0.0) {
        return 0;
    }
    const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(value))));
    return std::clamp(significant - 1 - magnitude, 0, 9);
}

} // namespace

void setByteUnits(ByteUnits units)
{
    g_units = units;
}

ByteUnits byteUnits()
{
    return g_units;
}

ByteUnit byteUnit(std::uint64_t bytes)
{
    static constexpr std::array<const char*, 5> kBinary = {"B", "KiB", "MiB", "GiB", "TiB"};
    static constexpr std::array<const char*, 5> kSi = {"B", "kB", "MB", "GB", "TB"};
    const bool binary = g_units == ByteUnits::Binary;
    const double base = binary ? 1024.0 : 1000.0;
    double size = 1;
    std::size_t unit = 0;
    while (static_cast<double>(bytes) / size >= 999.5 && unit + 1 < kBinary.size()) {
        size *= base;
        ++unit;
    }
    return {QLatin1String(binary ? kBinary[unit] : kSi[unit]), size};
}

QString formatBytes(std::uint64_t bytes)
{
    const ByteUnit unit = byteUnit(bytes);
    const double value = unit.of(bytes);
    const QString number = QLocale().toString(value, 'f', unit.bytes > 1 ? decimalsFor(value, 3) : 0);
    return number + QChar(QChar::Nbsp) + unit.name;
}

QString formatCount(std::int64_t count)
{
    return QLocale().toString(static_cast<qlonglong>(count));
}

QString formatCountShort(std::int64_t count)
{
    static constexpr std::array<const char*, 5> kUnits = {"", "K", "M", "B", "T"};
    double value = static_cast<double>(count);
    std::size_t unit = 0;
    while (std::abs(value) >= 999.5 && unit + 1 < kUnits.size()) {
        value /= 1000.0;
        ++unit;
    }
    if (unit == 0) {
        return formatCount(count);
    }
    return QLocale().toString(value, 'f', decimalsFor(value, 3)) + QChar(QChar::Nbsp) + QLatin1String(kUnits[unit]);
}

QString formatNumber(double value, int significant)
{
    if (std::isnan(value)) {
        return inLanguage(QT_TRANSLATE_NOOP("Numbers", "not a number"));
    }
    if (std::isinf(value)) {
        return inLanguage(QT_TRANSLATE_NOOP("Numbers", "infinite"));
    }
    const double size = std::abs(value);
    if (size != 0.0 && (size < 1e-4 || size >= 1e9)) {
        return QLocale().toString(value, 'e', significant - 1);
    }
    return QLocale().toString(value, 'f', decimalsFor(value, significant));
}

QString formatFixed(double value, int decimals)
{
    return std::isfinite(value) ? QLocale().toString(value, 'f', decimals) : formatNumber(value);
}

QString formatPercent(double share, int significant)
{
    if (!std::isfinite(share)) {
        return formatNumber(share);
    }
    const double percent = share * 100.0;
    const int decimals = std::min(decimalsFor(percent, significant), 4);
    return QLocale().toString(percent, 'f', decimals) + QChar(QChar::Nbsp) + QLatin1Char('%');
}

QString formatDifference(double difference, double error)
{
    if (!std::isfinite(difference)) {
        return formatNumber(difference);
    }
    // As many decimals as the error's two leading digits, so that nothing beyond the uncertainty is claimed.
    const int decimals = error > 0 ? decimalsFor(error, 2) : decimalsFor(difference, 3);
    const QString sign = difference < 0 ? QString(QChar(0x2212)) : QStringLiteral("+");
    const QString size = sign + QLocale().toString(std::abs(difference), 'f', decimals);
    return error > 0 ? size + QStringLiteral(" ± ") + QLocale().toString(error, 'f', decimals) : size;
}

QString formatWithError(double value, double error)
{
    if (!std::isfinite(value) || !(error > 0)) {
        return formatNumber(value);
    }
    const int decimals = decimalsFor(error, 2);
    return QLocale().toString(value, 'f', decimals) + QStringLiteral(" ± ") + QLocale().toString(error, 'f', decimals);
}

QString formatDuration(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0) {
        return {};
    }
    if (seconds < 0.9995) {
        return inLanguage(QT_TRANSLATE_NOOP("Numbers", "%1 ms")).arg(std::llround(seconds * 1000));
    }
    if (seconds < 9.95) {
        return inLanguage(QT_TRANSLATE_NOOP("Numbers", "%1 s")).arg(QLocale().toString(seconds, 'f', 1));
    }
    const auto whole = static_cast<std::int64_t>(std::llround(seconds));
    if (whole < 60) {
        return inLanguage(QT_TRANSLATE_NOOP("Numbers", "%1 s")).arg(whole);
    }
    if (whole < 3600) {
        return inLanguage(QT_TRANSLATE_NOOP("Numbers", "%1 min %2 s"))
            .arg(whole / 60)
            .arg(whole % 60, 2, 10, QLatin1Char('0'));
    }
    return inLanguage(QT_TRANSLATE_NOOP("Numbers", "%1 h %2 min"))
        .arg(whole / 3600)
        .arg(whole % 3600 / 60, 2, 10, QLatin1Char('0'));
}

QString formatDurationRange(double secondsLow, double secondsHigh)
{
    if (secondsLow < 0 || !std::isfinite(secondsHigh)) {
        return {};
    }
    const auto range = [](double low, double high, int decimals) {
        const QString from = QLocale().toString(low, 'f', decimals);
        const QString to = QLocale().toString(std::max(low, high), 'f', decimals);
        return from == to ? from : from + QChar(0x2013) + to;
    };
    if (secondsHigh < 9.95) {
        return inLanguage(QT_TRANSLATE_NOOP("Numbers", "%1 s")).arg(range(secondsLow, secondsHigh, 1));
    }
    if (secondsHigh < 99) {
        return inLanguage(QT_TRANSLATE_NOOP("Numbers", "%1 s")).arg(range(secondsLow, secondsHigh, 0));
    }
    if (secondsHigh < 5700) {
        return inLanguage(QT_TRANSLATE_NOOP("Numbers", "%1 min"))
            .arg(range(secondsLow / 60, secondsHigh / 60, secondsHigh < 600 ? 1 : 0));
    }
    return inLanguage(QT_TRANSLATE_NOOP("Numbers", "%1 h")).arg(range(secondsLow / 3600, secondsHigh / 3600, 1));
}

} // namespace bitlathe::ui
