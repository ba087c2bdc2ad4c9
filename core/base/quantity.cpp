// SPDX-License-Identifier: Apache-2.0
// Quantities: a number and what stands behind it.
#include "core/base/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace bitlathe
{

std::optional<double> quantityFrom(const std::string& text, const std::map<std::string, double>& units)
{
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    std::string unit(end, text.data() + text.size());
    std::erase(unit, ' ');
    std::ranges::transform(unit, unit.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const auto found = units.find(unit);
    constexpr double kMost = 1e18; // Fits 64 bits.
    if (error != std::errc() || found == units.end() || !(number > 0) || !(number * found->second < kMost)) {
        return std::nullopt;
    }
    return number * found->second;
}

std::optional<std::uint64_t> bytesFromText(const std::string& text)
{
    const auto bytes = quantityFrom(text, {{"", 1},
                                           {"b", 1},
                                           {"kb", 1e3},
                                           {"mb", 1e6},
                                           {"gb", 1e9},
                                           {"tb", 1e12},
                                           {"kib", 0x1p10},
                                           {"mib", 0x1p20},
                                           {"gib", 0x1p30},
                                           {"tib", 0x1p40}});
    return bytes ? std::optional(static_cast<std::uint64_t>(*bytes)) : std::nullopt;
}

std::string bytesAsText(std::uint64_t bytes)
{
    constexpr auto kUnits = std::to_array<std::pair<std::uint64_t, const char*>>(
        {{1'000'000'000, "GB"}, {std::uint64_t{1} << 30, "GiB"}, {1'000'000, "MB"}, {std::uint64_t{1} << 20, "MiB"}});
    for (const auto& [unit, name] : kUnits) {
        if (bytes > 0 && bytes % unit == 0) {
            return std::to_string(bytes / unit) + name;
        }
    }
    return std::to_string(bytes);
}

} // namespace bitlathe
