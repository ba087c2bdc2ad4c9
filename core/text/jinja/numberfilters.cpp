// SPDX-License-Identifier: Apache-2.0
// Filters of numbers, and of values of any kind.
#include "core/text/jinja/filters.h"
#include "core/text/jinja/operators.h"
#include "core/text/jinja/unicode.h"

#include <charconv>
#include <cmath>

namespace bitlathe::text::jinja
{

namespace
{

/// Digits as Python's int() and float() take them: white space around, underscores between digits, a sign.
std::string bareNumber(std::string_view text)
{
    std::string digits;
    text = stripText(text, true, true);
    if (text.starts_with('+')) {
        text.remove_prefix(1);
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '_' || i == 0 || i + 1 == text.size() || text[i - 1] == '_') {
            digits += text[i];
        }
    }
    return digits;
}

std::optional<double> parseFloat(std::string_view text)
{
    const std::string digits = bareNumber(text);
    double value = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || stop != digits.data() + digits.size() || digits.empty()) {
        return std::nullopt;
    }
    return value;
}

std::optional<std::int64_t> parseInteger(std::string_view text, int base)
{
    std::string digits = bareNumber(text);
    const std::size_t sign = digits.starts_with('-') ? 1 : 0;
    const std::string prefix = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "";
    if (!prefix.empty() && lowerText(digits.substr(sign, 2)) == prefix) {
        digits.erase(sign, 2);
    }
    std::int64_t value = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error != std::errc() || stop != digits.data() + digits.size() || digits.empty()) {
        return std::nullopt;
    }
    return value;
}

std::optional<std::int64_t> truncated(double value)
{
    constexpr double kEnd = 9223372036854775808.0;
    return value > -kEnd && value < kEnd ? std::optional(static_cast<std::int64_t>(value)) : std::nullopt;
}

Result<Value> toInteger(Interpreter& interpreter, const Value& input, const Bound& arguments)
{
    constexpr std::int64_t kHighestBase = 36;
    BITLATHE_TRY(const std::int64_t base, arguments.integer(1, 10));
    if (base < 2 || base > kHighestBase) {
        return interpreter.budget().unknown(Text(BITLATHE_TEXT("a base from 2 to 36")),
                                            Text(BITLATHE_TEXT("%1"), base));
    }
    std::optional<std::int64_t> value = input.integer();
    if (const std::string* text = input.string()) {
        value = parseInteger(*text, static_cast<int>(base));
        if (const std::optional<double> real = parseFloat(*text); !value && real) {
            value = truncated(*real);
        }
    } else if (input.isFloat()) {
        value = truncated(*input.number());
    }
    return value ? Value(*value) : arguments.get(0, Value(std::int64_t{0}));
}

Result<Value> toFloat(Interpreter&, const Value& input, const Bound& arguments)
{
    const std::optional<double> value = input.string() != nullptr ? parseFloat(*input.string()) : input.number();
    return value ? Value(*value) : arguments.get(0, Value(0.0));
}

Failure noNumber(Interpreter& interpreter, const Value& input)
{
    return interpreter.budget().refuse(Text(BITLATHE_TEXT("a number")), Text(BITLATHE_TEXT("%1"), input.kind()));
}

Result<Value> absolute(Interpreter& interpreter, const Value& input, const Bound&)
{
    if (!input.number()) {
        return noNumber(interpreter, input);
    }
    return *input.number() < 0.0 ? negated(input, interpreter.budget()) : input;
}

Result<Value> rounded(Interpreter& interpreter, const Value& input, const Bound& arguments)
{
    constexpr std::int64_t kMostPlaces = 300;
    BITLATHE_TRY(const std::int64_t places, arguments.integer(0, 0));
    BITLATHE_TRY(const std::string how, arguments.text(1, "common"));
    if (!input.number()) {
        return noNumber(interpreter, input);
    }
    if (places < -kMostPlaces || places > kMostPlaces || (how != "common" && how != "ceil" && how != "floor")) {
        return interpreter.budget().refuse(Text(BITLATHE_TEXT("common, ceil or floor, and a number of places")),
                                           Text(BITLATHE_TEXT("%1, %2"), how, places));
    }
    const double value = *input.number();
    const double scale = std::pow(10.0, static_cast<double>(places));
    if (how != "common") {
        return Value((how == "ceil" ? std::ceil(value * scale) : std::floor(value * scale)) / scale);
    }
    if (input.integer()) {
        return places >= 0 ? input : Value(static_cast<std::int64_t>(std::nearbyint(value * scale) / scale));
    }
    if (places < 0) {
        return Value(std::nearbyint(value * scale) / scale);
    }
    // Decimal digits decide what is half way, as in Python.
    const std::string text = fmt::format("{:.{}f}", value, places);
    return Value(parseFloat(text).value_or(value));
}

Result<Value> otherwise(Interpreter&, const Value& input, const Bound& arguments)
{
    const bool missing = input.isUndefined() || (arguments.flag(1) && !input.truth());
    return missing ? arguments.get(0, Value("")) : input;
}

Result<Value> attr(Interpreter& interpreter, const Value& input, const Bound& arguments)
{
    BITLATHE_TRY(const std::string name, arguments.text(0));
    // Attributes alone: a key of a mapping is none.
    if (input.dict() != nullptr && input.dict()->mapping == Mapping::Dict && input.dict()->find(name) != nullptr) {
        return Value(Undefined{name});
    }
    return interpreter.attribute(input, name);
}

} // namespace

std::vector<Filter> numberFilters()
{
    return {
        {"int", "default,base", toInteger},
        {"float", "default", toFloat},
        {"abs", "", absolute},
        {"round", "precision,method", rounded},
        {"default", "default_value,boolean", otherwise},
        {"d", "default_value,boolean", otherwise},
        {"attr", "name", attr},
    };
}

} // namespace bitlathe::text::jinja
