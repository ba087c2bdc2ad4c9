// SPDX-License-Identifier: Apache-2.0
// Operators, with Python's meaning.
#include "core/text/jinja/operators.h"

#include "core/text/jinja/printf.h"
#include "core/text/jinja/unicode.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::text::jinja
{

namespace
{

Failure notTogether(const std::string& operation, const Value& left, const Value& right, Budget& budget)
{
    return budget.refuse(Text(BITLATHE_TEXT("values that %1 joins"), operation),
                         Text(BITLATHE_TEXT("%1 and %2"), left.kind(), right.kind()));
}

Failure tooLarge(Budget& budget)
{
    return budget.unknown(Text(BITLATHE_TEXT("integers of 64 bits")), Text(BITLATHE_TEXT("a larger one")));
}

Failure byZero(Budget& budget)
{
    return budget.refuse(Text(BITLATHE_TEXT("a divisor other than 0")), Text(BITLATHE_TEXT("0")));
}

/// a ** b for b >= 0; nothing where it does not fit.
std::optional<std::int64_t> integerPower(std::int64_t base, std::int64_t exponent)
{
    std::int64_t result = 1;
    while (exponent > 0) {
        if ((exponent & 1) != 0 && __builtin_mul_overflow(result, base, &result)) {
            return std::nullopt;
        }
        exponent >>= 1;
        if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) {
            return std::nullopt;
        }
    }
    return result;
}

Result<Value> calculateIntegers(const std::string& operation, std::int64_t a, std::int64_t b, Budget& budget)
{
    std::int64_t result = 0;
    if (operation == "+") {
        return __builtin_add_overflow(a, b, &result) ? Result<Value>(tooLarge(budget)) : Value(result);
    }
    if (operation == "-") {
        return __builtin_sub_overflow(a, b, &result) ? Result<Value>(tooLarge(budget)) : Value(result);
    }
    if (operation == "*") {
        return __builtin_mul_overflow(a, b, &result) ? Result<Value>(tooLarge(budget)) : Value(result);
    }
    if (operation == "**") {
        const std::optional<std::int64_t> power = integerPower(a, b);
        return power ? Value(*power) : Result<Value>(tooLarge(budget));
    }
    if (b == 0) {
        return byZero(budget);
    }
    if (operation == "/") {
        return Value(static_cast<double>(a) / static_cast<double>(b));
    }
    if (b == -1) {
        // The lowest integer has no opposite.
        return operation == "%" ? Value(std::int64_t{0}) : calculateIntegers("-", 0, a, budget);
    }
    const bool roundsUp = a % b != 0 && (a % b < 0) != (b < 0);
    return Value(operation == "//" ? a / b - (roundsUp ? 1 : 0) : a % b + (roundsUp ? b : 0));
}

Result<Value> calculateFloats(const std::string& operation, double a, double b, Budget& budget)
{
    if (operation == "+") {
        return Value(a + b);
    }
    if (operation == "-") {
        return Value(a - b);
    }
    if (operation == "*") {
        return Value(a * b);
    }
    if (operation == "**") {
        if ((a == 0.0 && b < 0.0) || (a < 0.0 && b != std::floor(b))) {
            return byZero(budget);
        }
        return Value(std::pow(a, b));
    }
    if (b == 0.0) {
        return byZero(budget);
    }
    if (operation == "/") {
        return Value(a / b);
    }
    double rest = std::fmod(a, b);
    if (rest != 0.0 && (rest < 0.0) != (b < 0.0)) {
        rest += b;
    } else if (rest == 0.0) {
        rest = std::copysign(0.0, b);
    }
    return Value(operation == "%" ? rest : std::round((a - rest) / b));
}

/// A string or list times a number.
Result<Value> repeated(const Value& value, std::int64_t count, Budget& budget)
{
    const auto times = static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0));
    const std::size_t size = value.string() != nullptr ? value.string()->size() : value.list()->items.size();
    const std::uint64_t total = times > budget.limits().outputBytes ? times : times * size;
    if (size > 0 && total > budget.limits().outputBytes) {
        return budget.unknown(Text(BITLATHE_TEXT("at most %1 bytes of text"), budget.limits().outputBytes),
                              Text(BITLATHE_TEXT("more")));
    }
    if (size == 0 || times == 0) {
        return value.string() != nullptr ? makeText({}, budget) : makeList({}, value.list()->sequence, budget);
    }
    if (const std::string* text = value.string()) {
        BITLATHE_CHECK(budget.chargeBytes(total));
        std::string out;
        for (std::uint64_t i = 0; i < times; ++i) {
            out += *text;
        }
        return Value(std::move(out));
    }
    BITLATHE_CHECK(budget.charge(total));
    std::vector<Value> items;
    for (std::uint64_t i = 0; i < times; ++i) {
        items.insert(items.end(), value.list()->items.begin(), value.list()->items.end());
    }
    return makeList(std::move(items), value.list()->sequence, budget);
}

bool isRepeatable(const Value& value)
{
    const List* list = value.list();
    return value.string() != nullptr ||
           (list != nullptr && list->sequence != Sequence::Generator && list->sequence != Sequence::View);
}

Result<Value> joined(const Value& left, const Value& right, Budget& budget)
{
    if (left.string() != nullptr && right.string() != nullptr) {
        return makeText(*left.string() + *right.string(), budget);
    }
    if (left.list() != nullptr && right.list() != nullptr && isRepeatable(left) &&
        left.list()->sequence == right.list()->sequence) {
        std::vector<Value> items = left.list()->items;
        items.insert(items.end(), right.list()->items.begin(), right.list()->items.end());
        return makeList(std::move(items), left.list()->sequence, budget);
    }
    return notTogether("+", left, right, budget);
}

} // namespace

Result<Value> calculate(const std::string& operation, const Value& left, const Value& right, Budget& budget)
{
    if (left.integer() && right.integer() && !(operation == "**" && *right.integer() < 0)) {
        return calculateIntegers(operation, *left.integer(), *right.integer(), budget);
    }
    if (left.number() && right.number()) {
        return calculateFloats(operation, *left.number(), *right.number(), budget);
    }
    if (operation == "+") {
        return joined(left, right, budget);
    }
    if (operation == "*" && isRepeatable(left) && right.integer()) {
        return repeated(left, *right.integer(), budget);
    }
    if (operation == "*" && isRepeatable(right) && left.integer()) {
        return repeated(right, *left.integer(), budget);
    }
    if (operation == "%" && left.string() != nullptr) {
        return formatPercent(*left.string(), right, budget);
    }
    return notTogether(operation, left, right, budget);
}

Result<Value> negated(const Value& value, Budget& budget)
{
    if (const std::optional<std::int64_t> integer = value.integer()) {
        return calculateIntegers("-", 0, *integer, budget);
    }
    if (const std::optional<double> number = value.number()) {
        return Value(-*number);
    }
    return budget.refuse(Text(BITLATHE_TEXT("a number")), Text(BITLATHE_TEXT("%1"), value.kind()));
}

Result<bool> contains(const Value& container, const Value& value, Interpreter& interpreter)
{
    Budget& budget = interpreter.budget();
    if (const std::string* text = container.string()) {
        if (value.string() == nullptr) {
            return budget.refuse(Text(BITLATHE_TEXT("a string to look for in a string")),
                                 Text(BITLATHE_TEXT("%1"), value.kind()));
        }
        BITLATHE_CHECK(budget.chargeBytes(text->size()));
        return text->find(*value.string()) != std::string::npos;
    }
    if (const Dict* mapping = container.dict(); mapping != nullptr && mapping->mapping == Mapping::Dict) {
        BITLATHE_CHECK(budget.charge(mapping->entries.size()));
        return mapping->find(value) != nullptr;
    }
    BITLATHE_TRY(const std::vector<Value> items, interpreter.entries(container));
    for (const Value& item : items) {
        BITLATHE_TRY(const bool same, equal(item, value, budget));
        if (same) {
            return true;
        }
    }
    return false;
}

Result<bool> compareBy(const std::string& operation, const Value& left, const Value& right, Interpreter& interpreter)
{
    Budget& budget = interpreter.budget();
    if (operation == "in" || operation == "not in") {
        BITLATHE_TRY(const bool found, contains(right, left, interpreter));
        return found == (operation == "in");
    }
    if (operation == "==" || operation == "!=") {
        BITLATHE_TRY(const bool same, equal(left, right, budget));
        return same == (operation == "==");
    }
    BITLATHE_TRY(const int order, compare(left, right, budget));
    if (operation == "<") {
        return order < 0;
    }
    if (operation == "<=") {
        return order <= 0;
    }
    return operation == ">" ? order > 0 : order >= 0;
}

Result<Value> entryAt(const Value& object, std::int64_t place, Budget& budget)
{
    const auto within = [&place](std::size_t size) {
        place += place < 0 ? static_cast<std::int64_t>(size) : 0;
        return place >= 0 && place < static_cast<std::int64_t>(size);
    };
    if (const List* list = object.list(); list != nullptr && isRepeatable(object)) {
        return within(list->items.size()) ? list->items[static_cast<std::size_t>(place)] : Value(Undefined{"an entry"});
    }
    if (const std::string* text = object.string()) {
        BITLATHE_CHECK(budget.chargeBytes(text->size()));
        const std::u32string characters = decode(*text);
        return within(characters.size()) ? Value(encode({&characters[static_cast<std::size_t>(place)], 1}))
                                         : Value(Undefined{"a character"});
    }
    return Value(Undefined{"an entry"});
}

Result<Value> sliceOf(const Value& object, std::optional<std::int64_t> start, std::optional<std::int64_t> stop,
                      std::optional<std::int64_t> step, Budget& budget)
{
    if (!isRepeatable(object)) {
        return Value(Undefined{"a slice"});
    }
    const std::u32string characters = object.string() != nullptr ? decode(*object.string()) : std::u32string();
    const auto size =
        static_cast<std::int64_t>(object.string() != nullptr ? characters.size() : object.list()->items.size());
    BITLATHE_CHECK(budget.charge(static_cast<std::uint64_t>(size)));
    // A longer step goes past the end as this one does.
    const std::int64_t by = std::clamp<std::int64_t>(step.value_or(1), -size - 1, size + 1);
    if (by == 0) {
        return budget.refuse(Text(BITLATHE_TEXT("a step other than 0")), Text(BITLATHE_TEXT("0")));
    }
    const std::int64_t lowest = by > 0 ? 0 : -1;
    const std::int64_t highest = by > 0 ? size : size - 1;
    const auto bound = [&](std::optional<std::int64_t> given, std::int64_t otherwise) {
        if (!given) {
            return otherwise;
        }
        return std::clamp(*given < 0 ? std::max(*given, -size - 1) + size : *given, lowest, highest);
    };
    const std::int64_t from = bound(start, by > 0 ? 0 : size - 1);
    const std::int64_t to = bound(stop, by > 0 ? size : -1);
    std::u32string text;
    std::vector<Value> items;
    for (std::int64_t at = from; by > 0 ? at < to : at > to; at += by) {
        if (object.string() != nullptr) {
            text += characters[static_cast<std::size_t>(at)];
        } else {
            items.push_back(object.list()->items[static_cast<std::size_t>(at)]);
        }
    }
    return object.string() != nullptr ? makeText(encode(text), budget)
                                      : makeList(std::move(items), object.list()->sequence, budget);
}

} // namespace bitlathe::text::jinja
