// SPDX-License-Identifier: Apache-2.0
// Python's two ways to put values into a text: "%s" % x and "{}".format(x).
#include "core/text/jinja/printf.h"

#include "core/text/jinja/unicode.h"
#include "core/text/jinja/valuetext.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace bitlathe::text::jinja
{

namespace
{

constexpr std::size_t kWidest = 1000; ///< Of a field and its fraction, so that no pattern makes a huge text.

/// What stands between % and its letter.
struct Conversion
{
    std::string name;
    bool left = false;
    bool zeros = false;
    bool plus = false;
    bool space = false;
    std::size_t width = 0;
    std::optional<std::size_t> fraction;
    char letter = ' ';
};

Failure badPattern(const std::string& pattern, Budget& budget)
{
    return budget.unknown(Text(BITLATHE_TEXT("a format of the conversions s r d i f g x")),
                          Text(BITLATHE_TEXT("%1"), pattern));
}

std::size_t takeNumber(std::string_view& rest)
{
    std::size_t number = 0;
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
        number = std::min(kWidest + 1, number * 10 + static_cast<std::size_t>(rest.front() - '0'));
        rest.remove_prefix(1);
    }
    return number;
}

/// rest is behind the %, and behind the conversion afterwards. Nothing where it is none.
std::optional<Conversion> takeConversion(std::string_view& rest)
{
    Conversion conversion;
    if (rest.starts_with('(')) {
        const std::size_t end = rest.find(')');
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        conversion.name = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
    }
    for (; !rest.empty() && std::string_view("-0+ ").find(rest.front()) != std::string_view::npos;
         rest.remove_prefix(1)) {
        conversion.left = conversion.left || rest.front() == '-';
        conversion.zeros = conversion.zeros || rest.front() == '0';
        conversion.plus = conversion.plus || rest.front() == '+';
        conversion.space = conversion.space || rest.front() == ' ';
    }
    conversion.width = takeNumber(rest);
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        conversion.fraction = takeNumber(rest);
    }
    if (rest.empty() || conversion.width > kWidest || conversion.fraction.value_or(0) > kWidest) {
        return std::nullopt;
    }
    conversion.letter = rest.front();
    rest.remove_prefix(1);
    return conversion;
}

Result<std::string> number(const Conversion& conversion, const Value& value, Budget& budget)
{
    const std::optional<double> real = value.number();
    if (!real || (conversion.letter == 'x' && !value.integer())) {
        return budget.refuse(Text(BITLATHE_TEXT("a number for %1"), fmt::format("%{}", conversion.letter)),
                             Text(BITLATHE_TEXT("%1"), value.kind()));
    }
    const auto digits = static_cast<int>(conversion.fraction.value_or(6));
    const std::string sign = conversion.plus ? "+" : conversion.space ? " " : "";
    if (conversion.letter == 'f' || conversion.letter == 'g') {
        const std::string text = conversion.letter == 'f' ? fmt::format("{:.{}f}", *real, digits)
                                                          : fmt::format("{:.{}g}", *real, std::max(digits, 1));
        return std::signbit(*real) ? text : sign + text;
    }
    constexpr double kIntegerEnd = 9.2e18;
    if (!value.integer() && !(std::abs(*real) < kIntegerEnd)) {
        return budget.unknown(Text(BITLATHE_TEXT("integers of 64 bits")), Text(BITLATHE_TEXT("a larger one")));
    }
    const std::int64_t integer = value.integer() ? *value.integer() : static_cast<std::int64_t>(*real);
    const std::string text = conversion.letter == 'x' ? fmt::format("{:x}", integer) : std::to_string(integer);
    return integer < 0 ? text : sign + text;
}

Result<std::string> converted(const Conversion& conversion, const Value& value, Budget& budget)
{
    std::string text;
    if (conversion.letter == 's' || conversion.letter == 'r') {
        BITLATHE_TRY(text, conversion.letter == 's' ? toText(value, budget) : toRepresentation(value, budget));
        if (conversion.fraction) {
            text = encode(std::u32string_view(decode(text)).substr(0, *conversion.fraction));
        }
    } else {
        BITLATHE_TRY(text, number(conversion, value, budget));
    }
    const std::size_t length = countCharacters(text);
    if (length >= conversion.width) {
        return text;
    }
    const std::size_t missing = conversion.width - length;
    if (conversion.left) {
        return text + std::string(missing, ' ');
    }
    if (conversion.zeros && conversion.letter != 's' && conversion.letter != 'r') {
        const std::size_t sign = text.starts_with('-') || text.starts_with('+') || text.starts_with(' ') ? 1 : 0;
        return text.insert(sign, missing, '0');
    }
    return std::string(missing, ' ') + text;
}

/// The value of the next conversion.
Result<Value> nextValue(const Conversion& conversion, const Value& values, std::size_t& used, Budget& budget)
{
    if (!conversion.name.empty()) {
        const Value* named = values.dict() == nullptr ? nullptr : values.dict()->find(conversion.name);
        if (named == nullptr) {
            return budget.refuse(Text(BITLATHE_TEXT("a mapping with the key %1"), conversion.name),
                                 Text(BITLATHE_TEXT("none")));
        }
        return *named;
    }
    const List* list = values.list();
    const bool isTuple = list != nullptr && list->sequence == Sequence::Tuple;
    const std::size_t count = isTuple ? list->items.size() : 1;
    if (used >= count) {
        return budget.refuse(Text(BITLATHE_TEXT("a value for every place of the format")),
                             Text(BITLATHE_TEXT("%1"), count));
    }
    return isTuple ? list->items[used++] : (++used, values);
}

} // namespace

Result<Value> formatPercent(const std::string& pattern, const Value& values, Budget& budget)
{
    std::string text;
    std::string_view rest = pattern;
    std::size_t used = 0;
    while (!rest.empty()) {
        const std::size_t mark = std::min(rest.find('%'), rest.size());
        text += rest.substr(0, mark);
        rest.remove_prefix(mark);
        if (rest.empty()) {
            break;
        }
        rest.remove_prefix(1);
        const std::optional<Conversion> conversion = takeConversion(rest);
        if (!conversion || std::string_view("srdifgx%").find(conversion->letter) == std::string_view::npos) {
            return badPattern(pattern, budget);
        }
        if (conversion->letter == '%') {
            text += '%';
            continue;
        }
        BITLATHE_TRY(const Value value, nextValue(*conversion, values, used, budget));
        BITLATHE_TRY(const std::string piece, converted(*conversion, value, budget));
        BITLATHE_CHECK(budget.chargeBytes(piece.size()));
        text += piece;
    }
    const List* list = values.list();
    const std::size_t count = list != nullptr && list->sequence == Sequence::Tuple ? list->items.size() : 1;
    if (used < count && values.dict() == nullptr) {
        return budget.refuse(Text(BITLATHE_TEXT("a place in the format for every value")),
                             Text(BITLATHE_TEXT("%1 left over"), count - used));
    }
    return makeText(std::move(text), budget);
}

namespace
{

/// The value of a place, whose name may be empty or a number.
const Value* placed(std::string_view name, const Arguments& arguments, std::size_t& next)
{
    std::size_t place = next;
    if (name.empty()) {
        ++next;
    } else if (std::from_chars(name.data(), name.data() + name.size(), place).ptr != name.data() + name.size()) {
        const auto named = std::find_if(arguments.named.begin(), arguments.named.end(),
                                        [name](const auto& entry) { return entry.first == name; });
        return named == arguments.named.end() ? nullptr : &named->second;
    }
    return place < arguments.positional.size() ? &arguments.positional[place] : nullptr;
}

} // namespace

Result<Value> formatBraces(const std::string& pattern, const Arguments& arguments, Budget& budget)
{
    std::string text;
    std::size_t next = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c != '{' && c != '}') {
            text += c;
            continue;
        }
        if (i + 1 < pattern.size() && pattern[i + 1] == c) {
            text += c;
            ++i;
            continue;
        }
        const std::size_t end = pattern.find('}', i);
        if (c == '}' || end == std::string::npos) {
            return budget.refuse(Text(BITLATHE_TEXT("braces in pairs")), Text(BITLATHE_TEXT("%1"), pattern));
        }
        const std::string_view name = std::string_view(pattern).substr(i + 1, end - i - 1);
        if (name.find_first_of(".[!:{") != std::string_view::npos) {
            return budget.unknown(Text(BITLATHE_TEXT("places such as {} or {name}")), Text(BITLATHE_TEXT("%1"), name));
        }
        const Value* value = placed(name, arguments, next);
        if (value == nullptr) {
            return budget.refuse(Text(BITLATHE_TEXT("a value for every place of the format")),
                                 Text(BITLATHE_TEXT("none for %1"), fmt::format("{{{}}}", name)));
        }
        BITLATHE_TRY(const std::string piece, toText(*value, budget));
        BITLATHE_CHECK(budget.chargeBytes(piece.size()));
        text += piece;
        i = end;
    }
    return makeText(std::move(text), budget);
}

} // namespace bitlathe::text::jinja
