// SPDX-License-Identifier: Apache-2.0
// Filters by name.
#include "core/text/jinja/filters.h"

#include "core/text/jinja/printf.h"
#include "core/text/jinja/tests.h"
#include "core/text/jinja/unicode.h"
#include "core/text/jinja/valuetext.h"

#include <algorithm>
#include <charconv>

namespace bitlathe::text::jinja
{

namespace
{

const std::unordered_map<std::string_view, Filter>& filters()
{
    static const std::unordered_map<std::string_view, Filter> known = [] {
        std::unordered_map<std::string_view, Filter> map;
        for (const std::vector<Filter>& some : {textFilters(), numberFilters(), listFilters()}) {
            for (const Filter& filter : some) {
                map.emplace(filter.name, filter);
            }
        }
        return map;
    }();
    return known;
}

Failure noFilter(Interpreter& interpreter, const std::string& name)
{
    return interpreter.budget().unknown(Text(BITLATHE_TEXT("a filter that is known here")),
                                        Text(BITLATHE_TEXT("%1"), name));
}

/// map(attribute=..., default=...) or map("filter", arguments).
Result<Value> map(Interpreter& interpreter, std::vector<Value> items, Arguments arguments)
{
    if (arguments.positional.empty()) {
        BITLATHE_TRY(const Bound bound,
                     Bound::bind("map", "attribute,default", {{}, std::move(arguments.named)}, interpreter));
        if (!bound.has(0)) {
            return interpreter.budget().refuse(Text(BITLATHE_TEXT("a filter or an attribute for map")),
                                               Text(BITLATHE_TEXT("none")));
        }
        for (Value& item : items) {
            BITLATHE_TRY(item, attributeOf(interpreter, item, bound.get(0)));
            item = item.isUndefined() && bound.has(1) ? bound.get(1) : item;
        }
        return makeList(std::move(items), Sequence::Generator, interpreter.budget());
    }
    const std::string* name = arguments.positional.front().string();
    if (name == nullptr) {
        return interpreter.budget().refuse(Text(BITLATHE_TEXT("the name of a filter")),
                                           Text(BITLATHE_TEXT("%1"), arguments.positional.front().kind()));
    }
    const std::string filter = *name;
    arguments.positional.erase(arguments.positional.begin());
    for (Value& item : items) {
        BITLATHE_TRY(item, interpreter.filter(filter, item, arguments));
    }
    return makeList(std::move(items), Sequence::Generator, interpreter.budget());
}

/// The entries for which a test holds, or for which it does not.
Result<Value> choose(Interpreter& interpreter, const std::string& name, std::vector<Value> items, Arguments arguments)
{
    const bool byAttribute = name.ends_with("attr");
    const bool wanted = name.starts_with("select");
    std::optional<Value> path;
    if (byAttribute) {
        if (arguments.positional.empty()) {
            return interpreter.budget().refuse(Text(BITLATHE_TEXT("an attribute for %1"), name),
                                               Text(BITLATHE_TEXT("none")));
        }
        path = arguments.positional.front();
        arguments.positional.erase(arguments.positional.begin());
    }
    std::optional<std::string> test;
    if (!arguments.positional.empty()) {
        const std::string* given = arguments.positional.front().string();
        test = given == nullptr ? std::string() : *given;
        arguments.positional.erase(arguments.positional.begin());
    }
    std::vector<Value> kept;
    for (Value& item : items) {
        Value looked = item;
        if (path) {
            BITLATHE_TRY(looked, attributeOf(interpreter, item, *path));
        }
        bool holds = looked.truth();
        if (test) {
            BITLATHE_TRY(holds, interpreter.test(*test, looked, arguments));
        }
        if (holds == wanted) {
            kept.push_back(std::move(item));
        }
    }
    return makeList(std::move(kept), Sequence::Generator, interpreter.budget());
}

/// "..."|format(...): values by place or by name.
Result<Value> format(Interpreter& interpreter, const Value& input, Arguments arguments)
{
    Budget& budget = interpreter.budget();
    BITLATHE_TRY(const std::string pattern, toText(input, budget));
    if (arguments.named.empty()) {
        BITLATHE_TRY(const Value values, makeList(std::move(arguments.positional), Sequence::Tuple, budget));
        return formatPercent(pattern, values, budget);
    }
    std::vector<std::pair<Value, Value>> entries;
    for (auto& [name, value] : arguments.named) {
        entries.emplace_back(Value(name), std::move(value));
    }
    BITLATHE_TRY(const Value values, makeDict(std::move(entries), budget));
    return formatPercent(pattern, values, budget);
}

} // namespace

bool isChoosingFilter(std::string_view name)
{
    return name == "map" || name == "select" || name == "reject" || name == "selectattr" || name == "rejectattr";
}

Result<Value> applyChoosingFilter(Interpreter& interpreter, const std::string& name, const Value& input,
                                  Arguments arguments)
{
    BITLATHE_TRY(std::vector<Value> items, interpreter.entries(input));
    return name == "map" ? map(interpreter, std::move(items), std::move(arguments))
                         : choose(interpreter, name, std::move(items), std::move(arguments));
}

Result<Value> applyFilter(Interpreter& interpreter, const std::string& name, const Value& input, Arguments arguments)
{
    BITLATHE_CHECK(interpreter.budget().charge(1));
    if (isChoosingFilter(name)) {
        return applyChoosingFilter(interpreter, name, input, std::move(arguments));
    }
    if (name == "format") {
        return format(interpreter, input, std::move(arguments));
    }
    const auto filter = filters().find(name);
    if (filter == filters().end()) {
        return noFilter(interpreter, name);
    }
    BITLATHE_TRY(const Bound bound, Bound::bind(name, filter->second.parameters, std::move(arguments), interpreter));
    return filter->second.apply(interpreter, input, bound);
}

Result<Value> attributeOf(Interpreter& interpreter, const Value& entry, const Value& path)
{
    if (path.string() == nullptr) {
        return interpreter.item(entry, path);
    }
    Value value = entry;
    std::string_view rest = *path.string();
    for (bool more = true; more;) {
        const std::size_t end = std::min(rest.find('.'), rest.size());
        const std::string_view part = rest.substr(0, end);
        std::int64_t place = 0;
        const bool isPlace =
            !part.empty() && part.front() >= '0' && part.front() <= '9' &&
            std::from_chars(part.data(), part.data() + part.size(), place).ptr == part.data() + part.size();
        BITLATHE_TRY(value, interpreter.item(value, isPlace ? Value(place) : Value(part)));
        more = end < rest.size();
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return value;
}

Value withoutCase(const Value& value)
{
    return value.string() == nullptr ? value : Value(lowerText(*value.string()));
}

} // namespace bitlathe::text::jinja
