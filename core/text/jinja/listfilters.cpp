// SPDX-License-Identifier: Apache-2.0
// Filters of lists and mappings.
#include "core/text/jinja/filters.h"
#include "core/text/jinja/operators.h"
#include "core/text/jinja/sorting.h"
#include "core/text/jinja/unicode.h"
#include "core/text/jinja/valuetext.h"

#include <algorithm>

namespace bitlathe::text::jinja
{

namespace
{

Result<Value> list(Interpreter& interpreter, std::vector<Value> items, Sequence sequence = Sequence::List)
{
    return makeList(std::move(items), sequence, interpreter.budget());
}

bool isGenerator(const Value& value)
{
    return value.list() != nullptr && value.list()->sequence == Sequence::Generator;
}

Failure unsuitable(Interpreter& interpreter, std::string_view filter, const Value& input)
{
    return interpreter.budget().refuse(Text(BITLATHE_TEXT("a list, mapping or string for %1"), filter),
                                       Text(BITLATHE_TEXT("%1"), input.kind()));
}

Result<Value> length(Interpreter& interpreter, const Value& input, const Bound&)
{
    if (const std::string* text = input.string()) {
        return Value(static_cast<std::int64_t>(countCharacters(*text)));
    }
    if (isGenerator(input)) {
        return unsuitable(interpreter, "length", input);
    }
    BITLATHE_TRY(const std::vector<Value> items, interpreter.entries(input));
    return Value(static_cast<std::int64_t>(items.size()));
}

Result<Value> first(Interpreter& interpreter, const Value& input, const Bound&)
{
    BITLATHE_TRY(const std::vector<Value> items, interpreter.entries(input));
    return items.empty() ? Value(Undefined{"the first entry"}) : items.front();
}

Result<Value> last(Interpreter& interpreter, const Value& input, const Bound&)
{
    if (isGenerator(input)) {
        return unsuitable(interpreter, "last", input);
    }
    BITLATHE_TRY(const std::vector<Value> items, interpreter.entries(input));
    return items.empty() ? Value(Undefined{"the last entry"}) : items.back();
}

Result<Value> toList(Interpreter& interpreter, const Value& input, const Bound&)
{
    BITLATHE_TRY(std::vector<Value> items, interpreter.entries(input));
    return list(interpreter, std::move(items));
}

Result<Value> join(Interpreter& interpreter, const Value& input, const Bound& arguments)
{
    BITLATHE_TRY(const std::string between, toText(arguments.get(0, Value("")), interpreter.budget()));
    BITLATHE_TRY(const std::vector<Value> items, interpreter.entries(input));
    std::string text;
    for (const Value& item : items) {
        Value part = item;
        if (arguments.has(1) && !arguments.get(1).isNone()) {
            BITLATHE_TRY(part, attributeOf(interpreter, item, arguments.get(1)));
        }
        BITLATHE_TRY(const std::string piece, toText(part, interpreter.budget()));
        BITLATHE_CHECK(interpreter.budget().chargeBytes(piece.size() + between.size()));
        text += &item == &items.front() ? "" : between;
        text += piece;
    }
    return Value(std::move(text));
}

Result<Value> reverse(Interpreter& interpreter, const Value& input, const Bound&)
{
    if (isGenerator(input)) {
        return unsuitable(interpreter, "reverse", input);
    }
    if (const std::string* text = input.string()) {
        std::u32string characters = decode(*text);
        std::reverse(characters.begin(), characters.end());
        return makeText(encode(characters), interpreter.budget());
    }
    BITLATHE_TRY(std::vector<Value> items, interpreter.entries(input));
    std::reverse(items.begin(), items.end());
    return list(interpreter, std::move(items), Sequence::Generator);
}

/// What entries are sorted and told apart by.
Result<std::vector<Value>> keysOf(Interpreter& interpreter, const std::vector<Value>& items, const Value& path,
                                  bool caseSensitive)
{
    std::vector<Value> keys;
    for (const Value& item : items) {
        Value key = item;
        if (!path.isNone()) {
            BITLATHE_TRY(key, attributeOf(interpreter, item, path));
        }
        keys.push_back(caseSensitive ? key : withoutCase(key));
    }
    return keys;
}

Result<Value> sort(Interpreter& interpreter, const Value& input, const Bound& arguments)
{
    BITLATHE_TRY(std::vector<Value> items, interpreter.entries(input));
    const Value path = arguments.get(2);
    if (path.string() != nullptr && path.string()->find(',') != std::string::npos) {
        return interpreter.budget().unknown(Text(BITLATHE_TEXT("one attribute to sort by")),
                                            Text(BITLATHE_TEXT("%1"), *path.string()));
    }
    BITLATHE_TRY(const std::vector<Value> keys, keysOf(interpreter, items, path, arguments.flag(1)));
    BITLATHE_TRY(items, sortedBy(keys, std::move(items), arguments.flag(0), interpreter.budget()));
    return list(interpreter, std::move(items));
}

Result<Value> unique(Interpreter& interpreter, const Value& input, const Bound& arguments)
{
    BITLATHE_TRY(const std::vector<Value> items, interpreter.entries(input));
    BITLATHE_TRY(const std::vector<Value> keys, keysOf(interpreter, items, arguments.get(1), arguments.flag(0)));
    std::vector<Value> seen;
    std::vector<Value> kept;
    for (std::size_t i = 0; i < items.size(); ++i) {
        BITLATHE_CHECK(interpreter.budget().charge(seen.size()));
        if (std::none_of(seen.begin(), seen.end(), [&](const Value& key) { return sameKey(key, keys[i]); })) {
            seen.push_back(keys[i]);
            kept.push_back(items[i]);
        }
    }
    return list(interpreter, std::move(kept), Sequence::Generator);
}

Result<std::vector<Value>> pairsOf(Interpreter& interpreter, const Value& input, std::string_view filter)
{
    std::vector<Value> pairs;
    if (input.isUndefined()) {
        return pairs;
    }
    const Dict* mapping = input.dict();
    if (mapping == nullptr || mapping->mapping != Mapping::Dict) {
        return interpreter.budget().refuse(Text(BITLATHE_TEXT("a mapping for %1"), filter),
                                           Text(BITLATHE_TEXT("%1"), input.kind()));
    }
    for (const auto& [key, value] : mapping->entries) {
        BITLATHE_TRY(Value pair, list(interpreter, {key, value}, Sequence::Tuple));
        pairs.push_back(std::move(pair));
    }
    return pairs;
}

Result<Value> items(Interpreter& interpreter, const Value& input, const Bound&)
{
    BITLATHE_TRY(std::vector<Value> pairs, pairsOf(interpreter, input, "items"));
    return list(interpreter, std::move(pairs), Sequence::Generator);
}

Result<Value> dictsort(Interpreter& interpreter, const Value& input, const Bound& arguments)
{
    BITLATHE_TRY(std::vector<Value> pairs, pairsOf(interpreter, input, "dictsort"));
    BITLATHE_TRY(const std::string by, arguments.text(1, "key"));
    if (by != "key" && by != "value") {
        return interpreter.budget().refuse(Text(BITLATHE_TEXT("key or value to sort by")),
                                           Text(BITLATHE_TEXT("%1"), by));
    }
    const Value place(std::int64_t{by == "key" ? 0 : 1});
    BITLATHE_TRY(const std::vector<Value> keys, keysOf(interpreter, pairs, place, arguments.flag(0)));
    BITLATHE_TRY(pairs, sortedBy(keys, std::move(pairs), arguments.flag(2), interpreter.budget()));
    return list(interpreter, std::move(pairs));
}

Result<Value> batch(Interpreter& interpreter, const Value& input, const Bound& arguments)
{
    constexpr std::int64_t kLargest = 100'000;
    BITLATHE_TRY(const std::vector<Value> items, interpreter.entries(input));
    BITLATHE_TRY(const std::int64_t size, arguments.integer(0, 0));
    if (size < 1 || size > kLargest) {
        return interpreter.budget().refuse(Text(BITLATHE_TEXT("a size from 1 to %1"), kLargest),
                                           Text(BITLATHE_TEXT("%1"), size));
    }
    std::vector<Value> batches;
    for (std::size_t i = 0; i < items.size(); i += static_cast<std::size_t>(size)) {
        const std::size_t end = std::min(items.size(), i + static_cast<std::size_t>(size));
        std::vector<Value> some(items.begin() + static_cast<std::ptrdiff_t>(i),
                                items.begin() + static_cast<std::ptrdiff_t>(end));
        if (arguments.has(1) && !arguments.get(1).isNone()) {
            some.resize(static_cast<std::size_t>(size), arguments.get(1));
        }
        BITLATHE_TRY(Value made, list(interpreter, std::move(some)));
        batches.push_back(std::move(made));
    }
    return list(interpreter, std::move(batches), Sequence::Generator);
}

/// min and max.
template <bool wantsLeast>
Result<Value> extreme(Interpreter& interpreter, const Value& input, const Bound& arguments)
{
    BITLATHE_TRY(const std::vector<Value> items, interpreter.entries(input));
    if (items.empty()) {
        return Value(Undefined{"an entry of an empty list"});
    }
    BITLATHE_TRY(const std::vector<Value> keys, keysOf(interpreter, items, arguments.get(1), arguments.flag(0)));
    std::size_t best = 0;
    for (std::size_t i = 1; i < items.size(); ++i) {
        BITLATHE_TRY(const int order, compare(keys[i], keys[best], interpreter.budget()));
        best = (wantsLeast ? order < 0 : order > 0) ? i : best;
    }
    return items[best];
}

Result<Value> sum(Interpreter& interpreter, const Value& input, const Bound& arguments)
{
    BITLATHE_TRY(const std::vector<Value> items, interpreter.entries(input));
    BITLATHE_TRY(const std::vector<Value> parts, keysOf(interpreter, items, arguments.get(0), true));
    Value total = arguments.get(1, Value(std::int64_t{0}));
    for (const Value& part : parts) {
        BITLATHE_TRY(total, calculate("+", total, part, interpreter.budget()));
    }
    return total;
}

} // namespace

std::vector<Filter> listFilters()
{
    return {
        {"length", "", length},
        {"count", "", length},
        {"first", "", first},
        {"last", "", last},
        {"list", "", toList},
        {"join", "d,attribute", join},
        {"reverse", "", reverse},
        {"sort", "reverse,case_sensitive,attribute", sort},
        {"unique", "case_sensitive,attribute", unique},
        {"items", "", items},
        {"dictsort", "case_sensitive,by,reverse", dictsort},
        {"batch", "linecount,fill_with", batch},
        {"min", "case_sensitive,attribute", extreme<true>},
        {"max", "case_sensitive,attribute", extreme<false>},
        {"sum", "attribute,start", sum},
    };
}

} // namespace bitlathe::text::jinja
