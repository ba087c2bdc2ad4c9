// SPDX-License-Identifier: Apache-2.0
// Quantities: a number and what stands behind it.
#include "app/cli/quantities.h"

#include "core/base/machine.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

namespace bitlathe::cli
{

namespace
{

Failure badQuantity(const std::string& option, Text expected, const std::string& text)
{
    return fail(ErrorCode::SettingInvalid, option, std::move(expected), Text(BITLATHE_TEXT("\"%1\""), text));
}

/// The number above 0 at the start of a text times what its unit, in small letters, stands for; nothing: no such
/// number or unit.
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

} // namespace

Result<double> numberFrom(const std::string& option, const std::string& text)
{
    const auto number = quantityFrom(text, {{"", 1}});
    return number ? Result<double>(*number) : badQuantity(option, Text(BITLATHE_TEXT("a number above 0")), text);
}

Result<std::uint64_t> bytesFrom(const std::string& option, const std::string& text)
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
    if (!bytes) {
        return badQuantity(option, Text(BITLATHE_TEXT("a size such as 3.9GB or 4GiB")), text);
    }
    return static_cast<std::uint64_t>(*bytes);
}

Result<std::uint64_t> memoryFrom(const std::string& option, const std::string& text)
{
    return text.empty() ? Result<std::uint64_t>(machineFacts().bytesRamAvailable) : bytesFrom(option, text);
}

Result<std::int64_t> tokensFrom(const std::string& option, const std::string& text)
{
    const auto tokens = quantityFrom(text, {{"", 1}, {"k", 1024}});
    if (!tokens || *tokens < 1) {
        return badQuantity(option, Text(BITLATHE_TEXT("a number of tokens such as 8192 or 8k")), text);
    }
    return static_cast<std::int64_t>(*tokens);
}

Result<double> shareFrom(const std::string& option, const std::string& text)
{
    const auto share = quantityFrom(text, {{"", 0.01}, {"%", 0.01}});
    return share ? Result<double>(*share) : badQuantity(option, Text(BITLATHE_TEXT("a share such as 1%")), text);
}

} // namespace bitlathe::cli
