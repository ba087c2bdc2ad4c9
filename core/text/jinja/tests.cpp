// SPDX-License-Identifier: Apache-2.0
// Tests by name: what may follow "is".
#include "core/text/jinja/tests.h"

#include "core/text/jinja/filters.h"
#include "core/text/jinja/operators.h"
#include "core/text/jinja/unicode.h"
#include "core/text/jinja/valuetext.h"

#include <algorithm>

namespace bitlathe::text::jinja
{

namespace
{

bool isMapping(const Value& value)
{
    return value.dict() != nullptr && value.dict()->mapping == Mapping::Dict;
}

bool isSequence(const Value& value)
{
    const List* list = value.list();
    return value.isString() || value.isUndefined() || isMapping(value) ||
           (list != nullptr && list->sequence != Sequence::Generator && list->sequence != Sequence::View);
}

/// A test without argument.
struct Kind
{
    std::string_view name;
    bool (*holds)(const Value& value);
};

constexpr Kind kKinds[] = {
    {"defined", [](const Value& value) { return !value.isUndefined(); }},
    {"undefined", [](const Value& value) { return value.isUndefined(); }},
    {"none", [](const Value& value) { return value.isNone(); }},
    {"boolean", [](const Value& value) { return value.isBoolean(); }},
    {"true", [](const Value& value) { return value.isBoolean() && value.truth(); }},
    {"false", [](const Value& value) { return value.isBoolean() && !value.truth(); }},
    {"integer", [](const Value& value) { return value.integer() && !value.isBoolean(); }},
    {"float", [](const Value& value) { return value.isFloat(); }},
    {"number", [](const Value& value) { return value.number().has_value(); }},
    {"string", [](const Value& value) { return value.isString(); }},
    {"mapping", isMapping},
    {"sequence", isSequence},
    {"iterable", [](const Value& value) { return isSequence(value) || value.list() != nullptr; }},
    {"callable", [](const Value& value) { return value.function() != nullptr || value.isUndefined(); }},
    {"escaped", [](const Value&) { return false; }},
};

/// A test that compares, and the operator it stands for.
constexpr std::pair<std::string_view, std::string_view> kComparisons[] = {
    {"eq", "=="},      {"equalto", "=="}, {"==", "=="}, {"ne", "!="}, {"!=", "!="}, {"lt", "<"},
    {"lessthan", "<"}, {"<", "<"},        {"le", "<="}, {"<=", "<="}, {"gt", ">"},  {"greaterthan", ">"},
    {">", ">"},        {"ge", ">="},      {">=", ">="}, {"in", "in"},
};

/// The same object, not only an equal one.
bool isSame(const Value& a, const Value& b, bool equalValues)
{
    if (a.list() != nullptr || a.dict() != nullptr || a.function() != nullptr) {
        return a.list() == b.list() && a.dict() == b.dict() && a.function() == b.function();
    }
    return equalValues && a.data().index() == b.data().index();
}

/// Whether all letters have a case, and one does.
Result<bool> hasCase(Interpreter& interpreter, const Value& input, bool lower)
{
    BITLATHE_TRY(const std::string text, toText(input, interpreter.budget()));
    bool found = false;
    for (const char32_t character : decode(text)) {
        if (lower ? isUpper(character) : isLower(character)) {
            return false;
        }
        found = found || isUpper(character) || isLower(character);
    }
    return found;
}

Failure wrongArguments(Interpreter& interpreter, const std::string& name, std::size_t wanted)
{
    return interpreter.budget().refuse(Text(BITLATHE_TEXT("%1 arguments of the test %2"), wanted, name),
                                       Text(BITLATHE_TEXT("another number")));
}

Result<bool> divides(Interpreter& interpreter, const Value& input, const Value& divisor)
{
    BITLATHE_TRY(const Value rest, calculate("%", input, divisor, interpreter.budget()));
    return rest.number() == 0.0;
}

Result<bool> testWithArgument(Interpreter& interpreter, const std::string& name, const Value& input,
                              const Value& argument)
{
    for (const auto& [known, operation] : kComparisons) {
        if (known == name) {
            return compareBy(std::string(operation), input, argument, interpreter);
        }
    }
    if (name == "sameas") {
        BITLATHE_TRY(const bool same, equal(input, argument, interpreter.budget()));
        return isSame(input, argument, same);
    }
    return divides(interpreter, input, argument);
}

bool takesArgument(const std::string& name)
{
    return name == "sameas" || name == "divisibleby" ||
           std::any_of(std::begin(kComparisons), std::end(kComparisons),
                       [&name](const auto& comparison) { return comparison.first == name; });
}

} // namespace

Result<bool> applyTest(Interpreter& interpreter, const std::string& name, const Value& input, Arguments arguments)
{
    BITLATHE_CHECK(interpreter.budget().charge(1));
    if (takesArgument(name)) {
        if (arguments.positional.size() != 1 || !arguments.named.empty()) {
            return wrongArguments(interpreter, name, 1);
        }
        return testWithArgument(interpreter, name, input, arguments.positional.front());
    }
    const auto* const kind =
        std::find_if(std::begin(kKinds), std::end(kKinds), [&name](const Kind& known) { return known.name == name; });
    const bool isNumberTest = name == "even" || name == "odd";
    const bool isCaseTest = name == "lower" || name == "upper";
    if (kind == std::end(kKinds) && !isNumberTest && !isCaseTest) {
        return interpreter.budget().unknown(Text(BITLATHE_TEXT("a test that is known here")),
                                            Text(BITLATHE_TEXT("%1"), name));
    }
    if (!arguments.positional.empty() || !arguments.named.empty()) {
        return wrongArguments(interpreter, name, 0);
    }
    if (isNumberTest) {
        BITLATHE_TRY(const bool even, divides(interpreter, input, Value(std::int64_t{2})));
        return even == (name == "even");
    }
    return isCaseTest ? hasCase(interpreter, input, name == "lower") : kind->holds(input);
}

} // namespace bitlathe::text::jinja
