// SPDX-License-Identifier: Apache-2.0
// Interpreter: expressions.
#include "core/text/jinja/filters.h"
#include "core/text/jinja/functions.h"
#include "core/text/jinja/level.h"
#include "core/text/jinja/operators.h"
#include "core/text/jinja/tests.h"
#include "core/text/jinja/unicode.h"
#include "core/text/jinja/valuetext.h"

namespace bitlathe::text::jinja
{

namespace
{

using Kind = Expression::Kind;

Failure undefinedUsed(Budget& budget, const Undefined& undefined)
{
    return budget.refuse(Text(BITLATHE_TEXT("a value for %1"), undefined.name), Text(BITLATHE_TEXT("none defined")));
}

} // namespace

Result<Value> Interpreter::evaluate(const Expression& node)
{
    const Level level(m_level);
    BITLATHE_CHECK(level.check(m_budget));
    m_budget.setLine(node.line);
    BITLATHE_CHECK(m_budget.charge(1));
    return evaluateNode(node);
}

Result<Value> Interpreter::evaluateNode(const Expression& node)
{
    switch (node.kind) {
    case Kind::Constant: return node.constant;
    case Kind::Name: return lookUp(node);
    case Kind::Tuple:
    case Kind::List:
    case Kind::Dict: return literal(node);
    case Kind::Attribute:
    case Kind::Item: return subscripted(node);
    case Kind::Slice: return sliced(node);
    case Kind::Call: return called(node);
    case Kind::Filter: return filtered(node);
    case Kind::Test: return tested(node);
    case Kind::Concatenate: return concatenated(node);
    case Kind::Compare: return compared(node);
    case Kind::Arithmetic: return arithmetic(node);
    case Kind::Negate:
    case Kind::Plus:
    case Kind::Not:
    case Kind::And:
    case Kind::Or:
    case Kind::Conditional: break;
    }
    BITLATHE_TRY(Value first, evaluate(*node.parts.front()));
    switch (node.kind) {
    case Kind::Negate: return negated(first, m_budget);
    case Kind::Plus: return first.number() ? Result<Value>(first) : negated(first, m_budget);
    case Kind::Not: return Value(!first.truth());
    case Kind::And: return first.truth() ? evaluate(*node.parts[1]) : Result<Value>(std::move(first));
    case Kind::Or: return first.truth() ? Result<Value>(std::move(first)) : evaluate(*node.parts[1]);
    default: break;
    }
    if (first.truth()) {
        return evaluate(*node.parts[1]);
    }
    return node.parts[2] == nullptr ? Value(Undefined{"the other case of an if"}) : evaluate(*node.parts[2]);
}

Result<Value> Interpreter::lookUp(const Expression& node)
{
    for (const Scope* scope = m_scope.get(); scope != nullptr; scope = scope->parent.get()) {
        const auto found = scope->variables.find(node.text);
        if (found != scope->variables.end()) {
            return found->second;
        }
    }
    return Value(Undefined{node.text});
}

Result<Value> Interpreter::literal(const Expression& node)
{
    std::vector<Value> items;
    for (const ExpressionPointer& part : node.parts) {
        BITLATHE_TRY(Value value, evaluate(*part));
        items.push_back(std::move(value));
    }
    if (node.kind != Kind::Dict) {
        return makeList(std::move(items), node.kind == Kind::List ? Sequence::List : Sequence::Tuple, m_budget);
    }
    Dict collected;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        BITLATHE_CHECK(m_budget.charge(collected.entries.size()));
        if (items[i].list() != nullptr || items[i].dict() != nullptr) {
            return m_budget.refuse(Text(BITLATHE_TEXT("a string or number as a key")),
                                   Text(BITLATHE_TEXT("%1"), items[i].kind()));
        }
        collected.set(items[i], std::move(items[i + 1]));
    }
    return makeDict(std::move(collected.entries), m_budget);
}

Result<Value> Interpreter::attribute(const Value& object, const std::string& name)
{
    if (const auto* undefined = std::get_if<Undefined>(&object.data())) {
        return undefinedUsed(m_budget, *undefined);
    }
    if (name.starts_with("__")) {
        return Value(Undefined{name}); // What the sandbox hides.
    }
    if (const Dict* mapping = object.dict()) {
        BITLATHE_CHECK(m_budget.charge(mapping->entries.size()));
        // Methods come before keys of the same name.
        if (mapping->mapping == Mapping::Dict) {
            if (Value bound = method(object, name); !bound.isUndefined()) {
                return bound;
            }
        }
        const Value* value = mapping->find(name);
        return value == nullptr ? Value(Undefined{name}) : *value;
    }
    return method(object, name);
}

Result<Value> Interpreter::item(const Value& object, const Value& key)
{
    if (const auto* undefined = std::get_if<Undefined>(&object.data())) {
        return undefinedUsed(m_budget, *undefined);
    }
    if (const Dict* mapping = object.dict()) {
        BITLATHE_CHECK(m_budget.charge(mapping->entries.size()));
        if (const Value* value = mapping->find(key)) {
            return *value;
        }
    }
    if (const std::optional<std::int64_t> place = key.integer()) {
        return entryAt(object, *place, m_budget);
    }
    if (const std::string* name = key.string()) {
        return object.dict() != nullptr && object.dict()->mapping != Mapping::Dict ? Value(Undefined{*name})
                                                                                   : method(object, *name);
    }
    return Value(Undefined{"an entry"});
}

Result<Value> Interpreter::subscripted(const Expression& node)
{
    BITLATHE_TRY(const Value object, evaluate(*node.parts[0]));
    if (node.kind == Kind::Attribute) {
        return attribute(object, node.text);
    }
    BITLATHE_TRY(const Value key, evaluate(*node.parts[1]));
    return item(object, key);
}

Result<Value> Interpreter::sliced(const Expression& node)
{
    BITLATHE_TRY(const Value object, evaluate(*node.parts[0]));
    if (const auto* undefined = std::get_if<Undefined>(&object.data())) {
        return undefinedUsed(m_budget, *undefined);
    }
    std::vector<std::optional<std::int64_t>> bounds;
    for (std::size_t i = 1; i < node.parts.size(); ++i) {
        bounds.emplace_back();
        if (node.parts[i] == nullptr) {
            continue;
        }
        BITLATHE_TRY(const Value bound, evaluate(*node.parts[i]));
        bounds.back() = bound.integer();
        if (!bounds.back() && !bound.isNone()) {
            return m_budget.refuse(Text(BITLATHE_TEXT("integers as the bounds of a slice")),
                                   Text(BITLATHE_TEXT("%1"), bound.kind()));
        }
    }
    return sliceOf(object, bounds[0], bounds[1], bounds[2], m_budget);
}

Result<Arguments> Interpreter::arguments(const Expression& node)
{
    Arguments given;
    const std::size_t firstNamed = node.parts.size() - node.names.size();
    for (std::size_t i = 1; i < node.parts.size(); ++i) {
        BITLATHE_TRY(Value value, evaluate(*node.parts[i]));
        if (i < firstNamed) {
            given.positional.push_back(std::move(value));
        } else {
            given.named.emplace_back(node.names[i - firstNamed], std::move(value));
        }
    }
    return given;
}

Result<Value> Interpreter::called(const Expression& node)
{
    BITLATHE_TRY(const Value callee, evaluate(*node.parts.front()));
    BITLATHE_TRY(Arguments given, arguments(node));
    m_budget.setLine(node.line);
    return call(callee, std::move(given));
}

Result<Value> Interpreter::call(const Value& callee, Arguments arguments)
{
    if (const auto* undefined = std::get_if<Undefined>(&callee.data())) {
        return undefinedUsed(m_budget, *undefined);
    }
    const Function* function = callee.function();
    if (function == nullptr) {
        return m_budget.refuse(Text(BITLATHE_TEXT("something to call")), Text(BITLATHE_TEXT("%1"), callee.kind()));
    }
    return function->call(*this, std::move(arguments));
}

Result<Value> Interpreter::filtered(const Expression& node)
{
    Value input = m_blockText;
    if (node.parts.front() != nullptr) {
        BITLATHE_TRY(input, evaluate(*node.parts.front()));
    }
    BITLATHE_TRY(Arguments given, arguments(node));
    m_budget.setLine(node.line);
    return filter(node.text, input, std::move(given));
}

Result<Value> Interpreter::tested(const Expression& node)
{
    BITLATHE_TRY(const Value input, evaluate(*node.parts.front()));
    BITLATHE_TRY(Arguments given, arguments(node));
    BITLATHE_TRY(const bool holds, test(node.text, input, std::move(given)));
    return Value(holds);
}

Result<Value> Interpreter::filter(const std::string& name, const Value& input, Arguments arguments)
{
    return applyFilter(*this, name, input, std::move(arguments));
}

Result<bool> Interpreter::test(const std::string& name, const Value& input, Arguments arguments)
{
    return applyTest(*this, name, input, std::move(arguments));
}

Result<Value> Interpreter::concatenated(const Expression& node)
{
    std::string text;
    for (const ExpressionPointer& part : node.parts) {
        BITLATHE_TRY(const Value value, evaluate(*part));
        BITLATHE_TRY(const std::string piece, toText(value, m_budget));
        text += piece;
    }
    return makeText(std::move(text), m_budget);
}

Result<Value> Interpreter::compared(const Expression& node)
{
    BITLATHE_TRY(Value left, evaluate(*node.parts.front()));
    for (std::size_t i = 0; i < node.names.size(); ++i) {
        BITLATHE_TRY(Value right, evaluate(*node.parts[i + 1]));
        BITLATHE_TRY(const bool holds, compareBy(node.names[i], left, right, *this));
        if (!holds) {
            return Value(false);
        }
        left = std::move(right);
    }
    return Value(true);
}

Result<Value> Interpreter::arithmetic(const Expression& node)
{
    BITLATHE_TRY(const Value left, evaluate(*node.parts[0]));
    BITLATHE_TRY(const Value right, evaluate(*node.parts[1]));
    for (const Value* side : {&left, &right}) {
        if (const auto* undefined = std::get_if<Undefined>(&side->data())) {
            return undefinedUsed(m_budget, *undefined);
        }
    }
    return calculate(node.text, left, right, m_budget);
}

Result<std::vector<Value>> Interpreter::entries(const Value& sequence)
{
    std::vector<Value> items;
    if (List* list = sequence.list()) {
        BITLATHE_CHECK(m_budget.charge(list->items.size()));
        if (list->sequence == Sequence::Generator) {
            return std::exchange(list->items, {});
        }
        return list->items;
    }
    if (const Dict* mapping = sequence.dict(); mapping != nullptr && mapping->mapping == Mapping::Dict) {
        BITLATHE_CHECK(m_budget.charge(mapping->entries.size()));
        for (const auto& [key, value] : mapping->entries) {
            items.push_back(key);
        }
        return items;
    }
    if (const std::string* text = sequence.string()) {
        BITLATHE_CHECK(m_budget.charge(text->size()));
        for (const char32_t character : decode(*text)) {
            items.emplace_back(encode({&character, 1}));
        }
        return items;
    }
    if (sequence.isUndefined()) {
        return items;
    }
    return m_budget.refuse(Text(BITLATHE_TEXT("a list, mapping or string to go through")),
                           Text(BITLATHE_TEXT("%1"), sequence.kind()));
}

} // namespace bitlathe::text::jinja
