// SPDX-License-Identifier: Apache-2.0
// Interpreter: macros and the blocks that call them.
#include "core/text/jinja/interpreter.h"
#include "core/text/jinja/valuetext.h"

#include <algorithm>
#include <utility>

namespace bitlathe::text::jinja
{

Value Interpreter::macro(const Statement& statement)
{
    // Weakly: the scope holds the macro.
    const std::weak_ptr<Scope> around = m_scope;
    return makeFunction(statement.text, [&statement, around](Interpreter& self, Arguments arguments) -> Result<Value> {
        const std::shared_ptr<Scope> scope = around.lock();
        if (scope == nullptr) {
            return self.budget().unknown(Text(BITLATHE_TEXT("macros called within the block they stand in")),
                                         Text(BITLATHE_TEXT("a call of %1 outside"), statement.text));
        }
        return self.callMacro(statement, scope, std::move(arguments));
    });
}

Result<Value> Interpreter::callMacro(const Statement& macro, const std::shared_ptr<Scope>& around, Arguments arguments)
{
    if (m_calls >= m_budget.limits().calls) {
        return m_budget.unknown(
            Text(BITLATHE_TEXT("macros that call one another at most %1 deep"), m_budget.limits().calls),
            Text(BITLATHE_TEXT("deeper calls")));
    }
    auto inside = std::make_shared<Scope>();
    inside->parent = around;
    const std::shared_ptr<Scope> caller = std::exchange(m_scope, inside);
    std::string text;
    std::string* const out = std::exchange(m_out, &text);
    const int line = m_budget.line();
    ++m_calls;
    Result<void> done = bindParameters(macro, arguments);
    if (done) {
        const auto flow = runBody(macro.bodies.front());
        done = flow ? Result<void>() : Result<void>(Failure(flow.error()));
    }
    --m_calls;
    m_out = out;
    m_scope = caller;
    m_budget.setLine(line);
    BITLATHE_CHECK(std::move(done));
    return makeText(std::move(text), m_budget);
}

/// Arguments by place, then by name, then defaults; what is left goes to varargs, kwargs and caller.
Result<void> Interpreter::bindParameters(const Statement& macro, Arguments& arguments)
{
    for (std::size_t i = 0; i < macro.names.size(); ++i) {
        const std::string& name = macro.names[i];
        const auto named = std::find_if(arguments.named.begin(), arguments.named.end(),
                                        [&name](const auto& entry) { return entry.first == name; });
        const bool hasName = named != arguments.named.end();
        if (i < arguments.positional.size()) {
            if (hasName) {
                return m_budget.refuse(Text(BITLATHE_TEXT("one value for the parameter %1"), name),
                                       Text(BITLATHE_TEXT("two")));
            }
            m_scope->variables[name] = arguments.positional[i];
        } else if (hasName) {
            m_scope->variables[name] = std::move(named->second);
            arguments.named.erase(named);
        } else if (i < macro.expressions.size() && macro.expressions[i] != nullptr) {
            BITLATHE_TRY(m_scope->variables[name], evaluate(*macro.expressions[i]));
        } else {
            m_scope->variables[name] = Value(Undefined{name});
        }
    }
    const std::size_t taken = std::min(macro.names.size(), arguments.positional.size());
    arguments.positional.erase(arguments.positional.begin(),
                               arguments.positional.begin() + static_cast<std::ptrdiff_t>(taken));
    return bindRest(macro, arguments);
}

Result<void> Interpreter::bindRest(const Statement& macro, Arguments& arguments)
{
    if (macro.takesCaller) {
        const auto caller = std::find_if(arguments.named.begin(), arguments.named.end(),
                                         [](const auto& entry) { return entry.first == "caller"; });
        m_scope->variables["caller"] = caller == arguments.named.end() ? Value(Undefined{"caller"}) : caller->second;
        if (caller != arguments.named.end()) {
            arguments.named.erase(caller);
        }
    }
    if (!arguments.named.empty() && !macro.takesNamed) {
        return m_budget.refuse(Text(BITLATHE_TEXT("the parameters of %1"), macro.text),
                               Text(BITLATHE_TEXT("an argument %1"), arguments.named.front().first));
    }
    if (!arguments.positional.empty() && !macro.takesVariable) {
        return m_budget.refuse(Text(BITLATHE_TEXT("%1 arguments of %2 at most"), macro.names.size(), macro.text),
                               Text(BITLATHE_TEXT("%1 more"), arguments.positional.size()));
    }
    if (macro.takesVariable) {
        BITLATHE_TRY(m_scope->variables["varargs"],
                     makeList(std::move(arguments.positional), Sequence::Tuple, m_budget));
    }
    if (macro.takesNamed) {
        std::vector<std::pair<Value, Value>> named;
        for (auto& [name, value] : arguments.named) {
            named.emplace_back(Value(name), std::move(value));
        }
        BITLATHE_TRY(m_scope->variables["kwargs"], makeDict(std::move(named), m_budget));
    }
    return {};
}

Result<Interpreter::Flow> Interpreter::runCallBlock(const Statement& statement)
{
    const Expression& node = *statement.expressions.back();
    BITLATHE_TRY(const Value callee, evaluate(*node.parts.front()));
    BITLATHE_TRY(Arguments given, arguments(node));
    given.named.emplace_back("caller", macro(statement));
    BITLATHE_TRY(const Value value, call(callee, std::move(given)));
    BITLATHE_TRY(const std::string text, toText(value, m_budget));
    BITLATHE_CHECK(write(text));
    return Flow::On;
}

} // namespace bitlathe::text::jinja
