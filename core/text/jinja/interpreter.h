// SPDX-License-Identifier: Apache-2.0
// Interpreter: runs the syntax tree of a template.
#pragma once

#include "core/text/jinja/syntax.h"

#include <ctime>
#include <unordered_map>

namespace bitlathe::text::jinja
{

/// Variables of one block. A macro keeps hold of the scope around it weakly: scopes own macros.
struct Scope
{
    std::shared_ptr<Scope> parent;
    std::unordered_map<std::string, Value> variables;
};

/// What the clock of strftime_now() says.
using Clock = std::function<std::tm()>;

/// One rendering. Not for reuse; one thread.
class Interpreter
{
public:
    Interpreter(const std::string& name, const Limits& limits, Clock clock);
    /// Takes namespaces apart one by one, for they may hold one another.
    ~Interpreter();
    Interpreter(const Interpreter&) = delete;
    Interpreter& operator=(const Interpreter&) = delete;

    /// variables: a JSON object.
    Result<std::string> run(const Body& body, const Json& variables);

    Budget& budget() { return m_budget; }
    std::tm now() const { return m_clock(); }

    /// For functions, filters and tests.
    Result<Value> attribute(const Value& object, const std::string& name);
    Result<Value> item(const Value& object, const Value& key);
    Result<Value> call(const Value& callee, Arguments arguments);
    Result<Value> filter(const std::string& name, const Value& input, Arguments arguments);
    Result<bool> test(const std::string& name, const Value& input, Arguments arguments);
    /// The entries of a sequence, keys of a mapping, characters of a string. A generator is empty afterwards.
    Result<std::vector<Value>> entries(const Value& sequence);
    Value makeNamespace(std::vector<std::pair<Value, Value>> entries);

private:
    enum class Flow { On, Break, Continue };
    class Level;

    Result<Flow> runBody(const Body& body);
    Result<Flow> runInScope(const Body& body);
    Result<Flow> run(const Statement& statement);
    Result<Flow> runIf(const Statement& statement);
    Result<Flow> runFor(const Statement& statement);
    Result<std::vector<Value>> loopItems(const Statement& statement);
    Result<Flow> runSetBlock(const Statement& statement);
    Result<Flow> runCallBlock(const Statement& statement);
    Result<Flow> runFilterBlock(const Statement& statement);
    Result<Flow> runWith(const Statement& statement);
    Result<std::string> captured(const Body& body);
    Result<Value> filteredBlock(const Expression* filters, std::string text);
    Result<void> write(std::string_view text);
    Result<void> assign(const Expression& target, Value value);

    Value macro(const Statement& statement);
    Result<Value> callMacro(const Statement& macro, const std::shared_ptr<Scope>& around, Arguments arguments);
    Result<void> bindParameters(const Statement& macro, Arguments& arguments);
    Result<void> bindRest(const Statement& macro, Arguments& arguments);

    Result<Value> evaluate(const Expression& node);
    Result<Value> evaluateNode(const Expression& node);
    Result<Value> lookUp(const Expression& node);
    Result<Value> literal(const Expression& node);
    Result<Value> subscripted(const Expression& node);
    Result<Value> sliced(const Expression& node);
    Result<Value> called(const Expression& node);
    Result<Value> filtered(const Expression& node);
    Result<Value> tested(const Expression& node);
    Result<Value> concatenated(const Expression& node);
    Result<Value> compared(const Expression& node);
    Result<Value> arithmetic(const Expression& node);
    Result<Arguments> arguments(const Expression& node);

    Budget m_budget;
    Clock m_clock;
    std::shared_ptr<Scope> m_scope;
    std::string* m_out = nullptr;
    Value m_blockText; ///< What the filters of a block are given.
    int m_calls = 0;
    int m_level = 0; ///< Evaluations in one another.
    std::vector<std::shared_ptr<Dict>> m_namespaces;
};

} // namespace bitlathe::text::jinja
