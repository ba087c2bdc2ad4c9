// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them in reports and on a terminal: C locale, units, significant digits.
#include "core/report/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <optional>

namespace bitlathe::report
{

namespace
{

/// Places after the point that show two digits of an error.
int placesFor(double error)
{
    return std::clamp(1 - static_cast<int>(std::floor(std::log10(error))), 0, 8);
}

bool usable(double error)
{
    return std::isfinite(error) && error > 0;
}

/// Length of the UTF-8 sequence at the start of text; nothing where it is not one (overlong, surrogate, cut short).
std::optional<std::size_t> sequenceLength(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) {
        return std::nullopt;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) {
            return std::nullopt;
        }
    }
    const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
    const bool outside = (lead == 0xED && byte(1) >= 0xA0) || (lead == 0xF4 && byte(1) >= 0x90);
    return overlong || outside ? std::nullopt : std::optional(length);
}

} // namespace

std::string numberText(double value, int digits)
{
    if (!std::isfinite(value)) {
        return std::isnan(value) ? "not a number" : value > 0 ? "infinite" : "-infinite";
    }
    const double size = std::abs(value);
    if (size == 0) {
        return "0";
    }
    if (size < 1e-6 || size >= 1e12) {
        return fmt::format("{:.{}e}", value, std::max(digits - 1, 0));
    }
    const int places = std::clamp(digits - 1 - static_cast<int>(std::floor(std::log10(size))), 0, 12);
    return fmt::format("{:.{}f}", value, places);
}

std::string countText(std::int64_t value)
{
    std::string text = std::to_string(value);
    const std::ptrdiff_t first = value < 0 ? 1 : 0;
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > first; at -= 3) {
        text.insert(text.begin() + at, ',');
    }
    return text;
}

std::string bytesText(std::uint64_t bytes)
{
    constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1023.95 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", bytes)
                     : fmt::format("{:.{}f} {}", value, value < 9.995 ? 2 : 1, kUnits[unit]);
}

std::string durationText(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0) {
        return "unknown";
    }
    if (seconds < 59.5) {
        return numberText(seconds, seconds < 1 ? 2 : 3) + " s";
    }
    const auto whole = static_cast<std::int64_t>(std::llround(seconds));
    if (whole < 3600) {
        return fmt::format("{} min {} s", whole / 60, whole % 60);
    }
    return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string percentText(double share, int digits)
{
    return numberText(share * 100, digits) + " %";
}

std::string percentRangeText(double low, double high)
{
    return fmt::format("{:.1f} to {:.1f} %", 100 * low, 100 * high);
}

std::string differenceText(double difference, double error)
{
    if (!usable(error)) {
        return (difference > 0 ? "+" : "") + numberText(difference);
    }
    const int places = placesFor(error);
    return fmt::format("{:+.{}f} ± {:.{}f}", difference, places, error, places);
}

std::string valueWithErrorText(double value, double error)
{
    if (!usable(error)) {
        return numberText(value);
    }
    const int places = placesFor(error);
    return fmt::format("{:.{}f} ± {:.{}f}", value, places, error, places);
}

std::string utcTimeText(std::int64_t secondsSinceEpoch)
{
    const auto time = static_cast<std::time_t>(secondsSinceEpoch);
    std::tm parts = {};
    gmtime_r(&time, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                       parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string printable(std::string_view text)
{
    constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
    std::string out;
    while (!text.empty()) {
        const auto length = sequenceLength(text);
        const char first = text.front();
        const bool isControl = static_cast<unsigned char>(first) < 0x20 || first == 0x7F;
        if (!length || (isControl && first != '\n' && first != '\t' && first != '\r')) {
            out += kReplacement;
            text.remove_prefix(1);
        } else {
            out += text.substr(0, *length);
            text.remove_prefix(*length);
        }
    }
    return out;
}

namespace
{

void replaceAll(std::string& text, std::string_view from, std::string_view to)
{
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

} // namespace

std::string inOneLine(std::string_view text)
{
    constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
    std::string line = printable(text);
    replaceAll(line, "\r\n", "⏎");
    replaceAll(line, "\n", "⏎");
    replaceAll(line, "\r", "⏎");
    replaceAll(line, "\t", "⇥");
    for (char last = '\x80'; last < '\xA0'; ++last) { // U+0080 ... U+009F, control characters.
        replaceAll(line, std::string{'\xC2', last}, kReplacement);
    }
    // Line and paragraph separators, and marks that change the direction of what follows.
    for (const char* mark : {"\u2028", "\u2029", "\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2066", "\u2067",
                             "\u2068", "\u2069", "\u200E", "\u200F"}) {
        replaceAll(line, mark, kReplacement);
    }
    return line;
}

std::string tokenText(std::string_view token)
{
    std::string text = inOneLine(token);
    replaceAll(text, " ", "␣");
    return text;
}

} // namespace bitlathe::report
