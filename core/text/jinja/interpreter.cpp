// SPDX-License-Identifier: Apache-2.0
// Interpreter: the blocks.
#include "core/text/jinja/interpreter.h"

#include "core/text/jinja/functions.h"
#include "core/text/jinja/level.h"
#include "core/text/jinja/loopvariable.h"
#include "core/text/jinja/valuetext.h"

#include <algorithm>
#include <utility>

namespace bitlathe::text::jinja
{

namespace
{

/// Sets a variable for as long as a block runs.
template <typename T>
class Restored
{
public:
    Restored(T& variable, T value) : m_variable(variable), m_before(std::exchange(variable, std::move(value))) {}
    ~Restored() { m_variable = std::move(m_before); }
    Restored(const Restored&) = delete;
    Restored& operator=(const Restored&) = delete;

private:
    T& m_variable;
    T m_before;
};

std::shared_ptr<Scope> below(const std::shared_ptr<Scope>& parent)
{
    auto scope = std::make_shared<Scope>();
    scope->parent = parent;
    return scope;
}

} // namespace

Interpreter::Interpreter(const std::string& name, const Limits& limits, Clock clock)
    : m_budget(name, limits), m_clock(std::move(clock)), m_scope(std::make_shared<Scope>())
{}

Interpreter::~Interpreter()
{
    for (const std::shared_ptr<Dict>& one : m_namespaces) {
        one->entries.clear();
    }
}

Result<std::string> Interpreter::run(const Body& body, const Json& variables)
{
    addFunctions(*m_scope);
    m_scope = below(m_scope);
    for (const auto& [name, json] : variables.items()) {
        BITLATHE_TRY(m_scope->variables[name], fromJson(json, m_budget));
    }
    m_scope = below(m_scope);
    std::string out;
    m_out = &out;
    BITLATHE_CHECK(runBody(body));
    return out;
}

Value Interpreter::makeNamespace(std::vector<std::pair<Value, Value>> entries)
{
    auto made = std::make_shared<Dict>();
    made->mapping = Mapping::Namespace;
    made->entries = std::move(entries);
    m_namespaces.push_back(made);
    return Value(std::move(made));
}

Result<void> Interpreter::write(std::string_view text)
{
    BITLATHE_CHECK(m_budget.chargeBytes(text.size()));
    if (text.size() > m_budget.limits().outputBytes - std::min(m_out->size(), m_budget.limits().outputBytes)) {
        return m_budget.unknown(Text(BITLATHE_TEXT("at most %1 bytes of text"), m_budget.limits().outputBytes),
                                Text(BITLATHE_TEXT("more")));
    }
    *m_out += text;
    return {};
}

Result<Interpreter::Flow> Interpreter::runBody(const Body& body)
{
    for (const auto& statement : body) {
        BITLATHE_TRY(const Flow flow, run(*statement));
        if (flow != Flow::On) {
            return flow;
        }
    }
    return Flow::On;
}

Result<Interpreter::Flow> Interpreter::runInScope(const Body& body)
{
    const Restored scope(m_scope, below(m_scope));
    return runBody(body);
}

Result<Interpreter::Flow> Interpreter::run(const Statement& statement)
{
    const Level level(m_level);
    BITLATHE_CHECK(level.check(m_budget));
    m_budget.setLine(statement.line);
    BITLATHE_CHECK(m_budget.charge(1));
    switch (statement.kind) {
    case Statement::Kind::Text: BITLATHE_CHECK(write(statement.text)); return Flow::On;
    case Statement::Kind::Output: {
        BITLATHE_TRY(const Value value, evaluate(*statement.expressions.front()));
        BITLATHE_TRY(const std::string text, toText(value, m_budget));
        BITLATHE_CHECK(write(text));
        return Flow::On;
    }
    case Statement::Kind::If: return runIf(statement);
    case Statement::Kind::For: return runFor(statement);
    case Statement::Kind::Set: {
        BITLATHE_TRY(Value value, evaluate(*statement.expressions[1]));
        BITLATHE_CHECK(assign(*statement.expressions[0], std::move(value)));
        return Flow::On;
    }
    case Statement::Kind::SetBlock: return runSetBlock(statement);
    case Statement::Kind::Macro: m_scope->variables[statement.text] = macro(statement); return Flow::On;
    case Statement::Kind::CallBlock: return runCallBlock(statement);
    case Statement::Kind::FilterBlock: return runFilterBlock(statement);
    case Statement::Kind::With: return runWith(statement);
    case Statement::Kind::Scope: return runInScope(statement.bodies.front());
    case Statement::Kind::Break: return Flow::Break;
    case Statement::Kind::Continue: return Flow::Continue;
    }
    return Flow::On;
}

Result<Interpreter::Flow> Interpreter::runIf(const Statement& statement)
{
    for (std::size_t i = 0; i < statement.expressions.size(); ++i) {
        BITLATHE_TRY(const Value condition, evaluate(*statement.expressions[i]));
        if (condition.truth()) {
            return runBody(statement.bodies[i]);
        }
    }
    return statement.bodies.size() > statement.expressions.size() ? runBody(statement.bodies.back()) : Flow::On;
}

/// The entries that the loop's own condition lets through.
Result<std::vector<Value>> Interpreter::loopItems(const Statement& statement)
{
    BITLATHE_TRY(const Value sequence, evaluate(*statement.expressions[1]));
    BITLATHE_TRY(std::vector<Value> items, entries(sequence));
    if (statement.expressions[2] == nullptr) {
        return items;
    }
    std::vector<Value> kept;
    for (Value& item : items) {
        const Restored scope(m_scope, below(m_scope));
        BITLATHE_CHECK(assign(*statement.expressions[0], item));
        BITLATHE_TRY(const Value condition, evaluate(*statement.expressions[2]));
        if (condition.truth()) {
            kept.push_back(std::move(item));
        }
    }
    return kept;
}

Result<Interpreter::Flow> Interpreter::runFor(const Statement& statement)
{
    BITLATHE_TRY(const std::vector<Value> items, loopItems(statement));
    if (items.empty()) {
        return statement.bodies.size() > 1 ? runInScope(statement.bodies.back()) : Flow::On;
    }
    const auto changes = std::make_shared<LoopState>();
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Restored scope(m_scope, below(m_scope));
        BITLATHE_TRY(m_scope->variables["loop"], loopVariable(items, i, changes, m_budget));
        BITLATHE_CHECK(assign(*statement.expressions[0], items[i]));
        BITLATHE_TRY(const Flow flow, runBody(statement.bodies.front()));
        if (flow == Flow::Break) {
            break;
        }
    }
    return Flow::On;
}

Result<std::string> Interpreter::captured(const Body& body)
{
    std::string text;
    const Restored out(m_out, &text);
    BITLATHE_CHECK(runInScope(body));
    return text;
}

Result<Value> Interpreter::filteredBlock(const Expression* filters, std::string text)
{
    BITLATHE_TRY(Value value, makeText(std::move(text), m_budget));
    if (filters == nullptr) {
        return value;
    }
    const Restored block(m_blockText, std::move(value));
    return evaluate(*filters);
}

Result<Interpreter::Flow> Interpreter::runSetBlock(const Statement& statement)
{
    BITLATHE_TRY(std::string text, captured(statement.bodies.front()));
    BITLATHE_TRY(Value value, filteredBlock(statement.expressions[1].get(), std::move(text)));
    BITLATHE_CHECK(assign(*statement.expressions[0], std::move(value)));
    return Flow::On;
}

Result<Interpreter::Flow> Interpreter::runFilterBlock(const Statement& statement)
{
    BITLATHE_TRY(std::string text, captured(statement.bodies.front()));
    BITLATHE_TRY(const Value value, filteredBlock(statement.expressions.front().get(), std::move(text)));
    BITLATHE_TRY(const std::string filtered, toText(value, m_budget));
    BITLATHE_CHECK(write(filtered));
    return Flow::On;
}

Result<Interpreter::Flow> Interpreter::runWith(const Statement& statement)
{
    std::vector<Value> values;
    for (std::size_t i = 1; i < statement.expressions.size(); i += 2) {
        BITLATHE_TRY(Value value, evaluate(*statement.expressions[i]));
        values.push_back(std::move(value));
    }
    const Restored scope(m_scope, below(m_scope));
    for (std::size_t i = 0; i < values.size(); ++i) {
        BITLATHE_CHECK(assign(*statement.expressions[2 * i], std::move(values[i])));
    }
    return runBody(statement.bodies.front());
}

Result<void> Interpreter::assign(const Expression& target, Value value)
{
    if (target.kind == Expression::Kind::Name) {
        m_scope->variables[target.text] = std::move(value);
        return {};
    }
    if (target.kind == Expression::Kind::Tuple) {
        BITLATHE_TRY(std::vector<Value> parts, entries(value));
        if (parts.size() != target.parts.size()) {
            return m_budget.refuse(Text(BITLATHE_TEXT("%1 values for as many names"), target.parts.size()),
                                   Text(BITLATHE_TEXT("%1"), parts.size()));
        }
        for (std::size_t i = 0; i < parts.size(); ++i) {
            BITLATHE_CHECK(assign(*target.parts[i], std::move(parts[i])));
        }
        return {};
    }
    BITLATHE_TRY(const Value object, evaluate(*target.parts.front()));
    Dict* mapping = object.dict();
    if (mapping == nullptr || mapping->mapping != Mapping::Namespace || target.text.starts_with('_')) {
        return m_budget.refuse(Text(BITLATHE_TEXT("an attribute of a namespace to set")),
                               Text(BITLATHE_TEXT("%1 of %2"), target.text, object.kind()));
    }
    BITLATHE_CHECK(m_budget.charge(mapping->entries.size()));
    mapping->set(Value(target.text), std::move(value));
    return {};
}

} // namespace bitlathe::text::jinja
