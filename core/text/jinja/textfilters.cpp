// SPDX-License-Identifier: Apache-2.0
// Filters of texts.
#include "core/text/jinja/filters.h"
#include "core/text/jinja/textoperations.h"
#include "core/text/jinja/unicode.h"
#include "core/text/jinja/valuetext.h"

#include <algorithm>

namespace bitlathe::text::jinja
{

namespace
{

constexpr std::int64_t kWidest = 1000; ///< Of an indentation or a field.

Result<Value> done(Interpreter& interpreter, std::string text)
{
    return makeText(std::move(text), interpreter.budget());
}

Result<Value> trim(Interpreter& interpreter, const Value& input, const Bound& arguments)
{
    BITLATHE_TRY(const std::string text, toText(input, interpreter.budget()));
    if (!arguments.has(0) || arguments.get(0).isNone()) {
        return done(interpreter, std::string(stripText(text, true, true)));
    }
    BITLATHE_TRY(const std::string set, arguments.text(0));
    return done(interpreter, stripText(text, set, true, true));
}

/// A filter that is a function of text alone.
template <std::string (*function)(std::string_view)>
Result<Value> plain(Interpreter& interpreter, const Value& input, const Bound&)
{
    BITLATHE_TRY(const std::string text, toText(input, interpreter.budget()));
    return done(interpreter, function(text));
}

std::string same(std::string_view text)
{
    return std::string(text);
}

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&#34;"; break;
        case '\'': out += "&#39;"; break;
        default: out += c;
        }
    }
    return out;
}

Result<Value> replace(Interpreter& interpreter, const Value& input, const Bound& arguments)
{
    Budget& budget = interpreter.budget();
    BITLATHE_TRY(const std::string text, toText(input, budget));
    if (!arguments.has(0) || !arguments.has(1)) {
        return budget.refuse(Text(BITLATHE_TEXT("what to replace, and by what")), Text(BITLATHE_TEXT("too little")));
    }
    BITLATHE_TRY(const std::string before, toText(arguments.get(0), budget));
    BITLATHE_TRY(const std::string after, toText(arguments.get(1), budget));
    const bool all = !arguments.has(2) || arguments.get(2).isNone();
    std::int64_t count = -1;
    if (!all) {
        BITLATHE_TRY(count, arguments.integer(2, -1));
    }
    BITLATHE_CHECK(budget.chargeBytes(text.size() / std::max<std::size_t>(before.size(), 1) * after.size()));
    return done(interpreter, replaced(text, before, after, count));
}

Result<Value> indent(Interpreter& interpreter, const Value& input, const Bound& arguments)
{
    BITLATHE_TRY(std::string text, toText(input, interpreter.budget()));
    std::string indentation;
    if (const std::string* given = arguments.get(0).string()) {
        indentation = *given;
    } else {
        BITLATHE_TRY(const std::int64_t width, arguments.integer(0, 4));
        indentation = std::string(static_cast<std::size_t>(std::clamp<std::int64_t>(width, 0, kWidest)), ' ');
    }
    text += '\n';
    const bool blank = arguments.flag(2);
    std::string out = arguments.flag(1) ? indentation : std::string();
    bool first = true;
    for (const std::string& line : linesOf(text)) {
        BITLATHE_CHECK(interpreter.budget().chargeBytes(line.size() + indentation.size()));
        out += first ? "" : "\n";
        out += first || (line.empty() && !blank) ? line : indentation + line;
        first = false;
    }
    return done(interpreter, std::move(out));
}

Result<Value> center(Interpreter& interpreter, const Value& input, const Bound& arguments)
{
    BITLATHE_TRY(const std::string text, toText(input, interpreter.budget()));
    BITLATHE_TRY(const std::int64_t given, arguments.integer(0, 80));
    const auto width = static_cast<std::size_t>(std::clamp<std::int64_t>(given, 0, kWidest));
    const std::size_t length = countCharacters(text);
    const std::size_t missing = width > length ? width - length : 0;
    const std::size_t left = missing / 2 + (missing & width & 1U);
    return done(interpreter, std::string(left, ' ') + text + std::string(missing - left, ' '));
}

Result<Value> countWords(Interpreter& interpreter, const Value& input, const Bound&)
{
    BITLATHE_TRY(const std::string text, toText(input, interpreter.budget()));
    BITLATHE_CHECK(interpreter.budget().charge(text.size()));
    std::int64_t words = 0;
    bool inWord = false;
    for (const char32_t character : decode(text)) {
        const bool belongs = isLetter(character) || (character >= U'0' && character <= U'9') || character == U'_';
        words += belongs && !inWord ? 1 : 0;
        inWord = belongs;
    }
    return Value(words);
}

Result<Value> tojson(Interpreter& interpreter, const Value& input, const Bound& arguments)
{
    Budget& budget = interpreter.budget();
    JsonStyle style;
    style.asciiOnly = arguments.flag(0);
    style.sortKeys = arguments.flag(3);
    if (const Value indentation = arguments.get(1); indentation.string() != nullptr) {
        style.indent = *indentation.string();
    } else if (!indentation.isNone()) {
        BITLATHE_TRY(const std::int64_t width, arguments.integer(1, 0));
        style.indent = std::string(static_cast<std::size_t>(std::clamp<std::int64_t>(width, 0, kWidest)), ' ');
    }
    if (style.indent) {
        style.itemSeparator = ",";
    }
    if (arguments.has(2) && !arguments.get(2).isNone()) {
        BITLATHE_TRY(const std::vector<Value> separators, interpreter.entries(arguments.get(2)));
        if (separators.size() != 2 || !separators[0].isString() || !separators[1].isString()) {
            return budget.refuse(Text(BITLATHE_TEXT("two separators for tojson")), Text(BITLATHE_TEXT("others")));
        }
        style.itemSeparator = *separators[0].string();
        style.keySeparator = *separators[1].string();
    }
    BITLATHE_TRY(std::string text, toJson(input, style, budget));
    return Value(std::move(text));
}

} // namespace

std::vector<Filter> textFilters()
{
    return {
        {"trim", "chars", trim},
        {"upper", "", plain<upperText>},
        {"lower", "", plain<lowerText>},
        {"capitalize", "", plain<capitalized>},
        {"title", "", plain<titledWords>},
        {"string", "", plain<same>},
        {"safe", "", plain<same>},
        {"escape", "", plain<escaped>},
        {"e", "", plain<escaped>},
        {"forceescape", "", plain<escaped>},
        {"replace", "old,new,count", replace},
        {"indent", "width,first,blank", indent},
        {"center", "width", center},
        {"wordcount", "", countWords},
        {"tojson", "ensure_ascii,indent,separators,sort_keys", tojson},
    };
}

} // namespace bitlathe::text::jinja
