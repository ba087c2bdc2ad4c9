// SPDX-License-Identifier: Apache-2.0
// Value: what expressions of a template yield.
#include "core/text/jinja/value.h"

#include <algorithm>

namespace bitlathe::text::jinja
{

namespace
{

template <typename Entries, typename DepthOf>
Result<int> depthAbove(const Entries& entries, DepthOf depthOf, Budget& budget)
{
    BITLATHE_CHECK(budget.charge(entries.size()));
    int deepest = 0;
    for (const auto& entry : entries) {
        deepest = std::max(deepest, depthOf(entry));
    }
    if (deepest >= budget.limits().nesting) {
        return budget.unknown(Text(BITLATHE_TEXT("values nested at most %1 deep"), budget.limits().nesting),
                              Text(BITLATHE_TEXT("deeper nesting")));
    }
    return deepest + 1;
}

bool isOrdered(const List& a, const List& b)
{
    return a.sequence == b.sequence && (a.sequence == Sequence::List || a.sequence == Sequence::Tuple);
}

Result<bool> equalLists(const List& a, const List& b, Budget& budget)
{
    if (&a == &b) {
        return true;
    }
    if (!isOrdered(a, b) || a.items.size() != b.items.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.items.size(); ++i) {
        BITLATHE_TRY(const bool same, equal(a.items[i], b.items[i], budget));
        if (!same) {
            return false;
        }
    }
    return true;
}

Result<bool> equalDicts(const Dict& a, const Dict& b, Budget& budget)
{
    if (&a == &b) {
        return true;
    }
    if (a.mapping != Mapping::Dict || b.mapping != Mapping::Dict || a.entries.size() != b.entries.size()) {
        return false;
    }
    for (const auto& [key, value] : a.entries) {
        BITLATHE_CHECK(budget.charge(b.entries.size()));
        const Value* other = b.find(key);
        if (other == nullptr) {
            return false;
        }
        BITLATHE_TRY(const bool same, equal(value, *other, budget));
        if (!same) {
            return false;
        }
    }
    return true;
}

Result<int> compareLists(const List& a, const List& b, Budget& budget)
{
    for (std::size_t i = 0; i < std::min(a.items.size(), b.items.size()); ++i) {
        BITLATHE_TRY(const bool same, equal(a.items[i], b.items[i], budget));
        if (!same) {
            return compare(a.items[i], b.items[i], budget);
        }
    }
    return a.items.size() < b.items.size() ? -1 : a.items.size() > b.items.size() ? 1 : 0;
}

template <typename T>
int order(const T& a, const T& b)
{
    return a < b ? -1 : b < a ? 1 : 0;
}

} // namespace

Value::Value() = default;
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

const std::string* Value::string() const
{
    const String* held = std::get_if<String>(&m_data);
    return held == nullptr ? nullptr : held->get();
}

List* Value::list() const
{
    const auto* held = std::get_if<std::shared_ptr<List>>(&m_data);
    return held == nullptr ? nullptr : held->get();
}

Dict* Value::dict() const
{
    const auto* held = std::get_if<std::shared_ptr<Dict>>(&m_data);
    return held == nullptr ? nullptr : held->get();
}

const Function* Value::function() const
{
    const auto* held = std::get_if<std::shared_ptr<const Function>>(&m_data);
    return held == nullptr ? nullptr : held->get();
}

std::optional<std::int64_t> Value::integer() const
{
    if (const auto* integer = std::get_if<std::int64_t>(&m_data)) {
        return *integer;
    }
    if (const auto* boolean = std::get_if<bool>(&m_data)) {
        return *boolean ? 1 : 0;
    }
    return std::nullopt;
}

std::optional<double> Value::number() const
{
    if (const auto* real = std::get_if<double>(&m_data)) {
        return *real;
    }
    const std::optional<std::int64_t> whole = integer();
    return whole ? std::optional(static_cast<double>(*whole)) : std::nullopt;
}

bool Value::truth() const
{
    if (const std::string* text = string()) {
        return !text->empty();
    }
    if (const List* sequence = list()) {
        return sequence->sequence == Sequence::Generator || !sequence->items.empty();
    }
    if (const Dict* mapping = dict()) {
        return mapping->mapping != Mapping::Dict || !mapping->entries.empty();
    }
    if (const std::optional<double> value = number()) {
        return *value != 0.0;
    }
    return function() != nullptr;
}

int Value::depth() const
{
    if (const List* sequence = list()) {
        return sequence->depth;
    }
    if (const Dict* mapping = dict()) {
        return mapping->mapping == Mapping::Namespace ? 1 : mapping->depth;
    }
    const Function* callable = function();
    return callable == nullptr ? 1 : callable->depth;
}

std::string_view Value::kind() const
{
    if (const Dict* mapping = dict()) {
        return mapping->mapping == Mapping::Dict ? "a mapping" : "a namespace";
    }
    if (const List* sequence = list()) {
        return sequence->sequence == Sequence::Generator ? "a generator" : "a list";
    }
    return isUndefined() ? "an undefined value"
           : isNone()    ? "none"
           : isBoolean() ? "a boolean"
           : isString()  ? "a string"
           : isFloat()   ? "a number with a fraction"
           : function()  ? "a function"
                         : "an integer";
}

const Value* Dict::find(const Value& key) const
{
    const auto it =
        std::find_if(entries.begin(), entries.end(), [&key](const auto& entry) { return sameKey(entry.first, key); });
    return it == entries.end() ? nullptr : &it->second;
}

const Value* Dict::find(std::string_view key) const
{
    const auto it = std::find_if(entries.begin(), entries.end(), [key](const auto& entry) {
        const std::string* name = entry.first.string();
        return name != nullptr && *name == key;
    });
    return it == entries.end() ? nullptr : &it->second;
}

void Dict::set(const Value& key, Value value)
{
    const auto it =
        std::find_if(entries.begin(), entries.end(), [&key](const auto& entry) { return sameKey(entry.first, key); });
    if (it == entries.end()) {
        entries.emplace_back(key, std::move(value));
    } else {
        it->second = std::move(value);
    }
}

Result<Value> makeList(std::vector<Value> items, Sequence sequence, Budget& budget)
{
    auto list = std::make_shared<List>();
    BITLATHE_TRY(list->depth, depthAbove(
                                  items, [](const Value& item) { return item.depth(); }, budget));
    list->items = std::move(items);
    list->sequence = sequence;
    return Value(std::move(list));
}

Result<Value> makeDict(std::vector<std::pair<Value, Value>> entries, Budget& budget)
{
    auto dict = std::make_shared<Dict>();
    const auto depthOf = [](const auto& entry) { return std::max(entry.first.depth(), entry.second.depth()); };
    BITLATHE_TRY(dict->depth, depthAbove(entries, depthOf, budget));
    dict->entries = std::move(entries);
    return Value(std::move(dict));
}

Value makeFunction(std::string name, std::function<Result<Value>(Interpreter&, Arguments)> call, int depth)
{
    return Value(std::make_shared<const Function>(Function{std::move(name), std::move(call), depth}));
}

Result<Value> makeText(std::string text, Budget& budget)
{
    BITLATHE_CHECK(budget.chargeBytes(text.size()));
    return Value(std::move(text));
}

Result<Value> fromJson(const Json& json, Budget& budget)
{
    switch (json.type()) {
    case Json::value_t::boolean: return Value(json.get<bool>());
    case Json::value_t::number_unsigned:
        return json.get<std::uint64_t>() > INT64_MAX ? Value(json.get<double>()) : Value(json.get<std::int64_t>());
    case Json::value_t::number_integer: return Value(json.get<std::int64_t>());
    case Json::value_t::number_float: return Value(json.get<double>());
    case Json::value_t::string: return makeText(json.get<std::string>(), budget);
    case Json::value_t::array: {
        std::vector<Value> items;
        for (const Json& item : json) {
            BITLATHE_TRY(Value value, fromJson(item, budget));
            items.push_back(std::move(value));
        }
        return makeList(std::move(items), Sequence::List, budget);
    }
    case Json::value_t::object: {
        std::vector<std::pair<Value, Value>> entries;
        for (const auto& [key, item] : json.items()) {
            BITLATHE_TRY(Value value, fromJson(item, budget));
            entries.emplace_back(Value(key), std::move(value));
        }
        return makeDict(std::move(entries), budget);
    }
    case Json::value_t::null:
    case Json::value_t::binary:
    case Json::value_t::discarded: break;
    }
    return Value(None());
}

Result<bool> equal(const Value& a, const Value& b, Budget& budget)
{
    BITLATHE_CHECK(budget.charge(1));
    if (a.string() != nullptr && b.string() != nullptr) {
        return *a.string() == *b.string();
    }
    if (a.list() != nullptr && b.list() != nullptr) {
        return equalLists(*a.list(), *b.list(), budget);
    }
    if (a.dict() != nullptr && b.dict() != nullptr) {
        return equalDicts(*a.dict(), *b.dict(), budget);
    }
    if (a.integer() && b.integer()) {
        return *a.integer() == *b.integer();
    }
    if (a.number() && b.number()) {
        return *a.number() == *b.number();
    }
    if (a.function() != nullptr || b.function() != nullptr) {
        return a.function() == b.function();
    }
    return (a.isNone() && b.isNone()) || (a.isUndefined() && b.isUndefined());
}

Result<int> compare(const Value& a, const Value& b, Budget& budget)
{
    BITLATHE_CHECK(budget.charge(1));
    if (a.string() != nullptr && b.string() != nullptr) {
        return order(*a.string(), *b.string()); // Bytes of UTF-8 are in the order of code points.
    }
    if (a.integer() && b.integer()) {
        return order(*a.integer(), *b.integer());
    }
    if (a.number() && b.number()) {
        return order(*a.number(), *b.number());
    }
    if (a.list() != nullptr && b.list() != nullptr && isOrdered(*a.list(), *b.list())) {
        return compareLists(*a.list(), *b.list(), budget);
    }
    return budget.refuse(Text(BITLATHE_TEXT("two numbers, strings or lists to compare")),
                         Text(BITLATHE_TEXT("%1 and %2"), a.kind(), b.kind()));
}

bool sameKey(const Value& a, const Value& b)
{
    if (a.string() != nullptr || b.string() != nullptr) {
        return a.string() != nullptr && b.string() != nullptr && *a.string() == *b.string();
    }
    if (a.number() || b.number()) {
        return a.number() == b.number();
    }
    return a.isNone() && b.isNone();
}

} // namespace bitlathe::text::jinja
