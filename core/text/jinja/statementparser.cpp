// SPDX-License-Identifier: Apache-2.0
// Builds the syntax tree of a template from its tokens: the blocks.
#include "core/text/jinja/parser.h"

#include <algorithm>

namespace bitlathe::text::jinja
{

namespace
{

using Kind = Statement::Kind;
using Ends = std::initializer_list<std::string_view>;

class TemplateParser : public ExpressionParser
{
public:
    using ExpressionParser::ExpressionParser;

    Result<Body> run() { return body({}); }

private:
    using Made = Result<std::unique_ptr<Statement>>;

    /// Statements up to a block that begins with one of ends, whose name is the current token then.
    Result<Body> body(Ends ends);
    Result<void> bodyOf(Statement& statement, Ends ends);
    Made block(const Token& name);
    Made conditional(int line);
    Made loop(int line);
    Made assignment(int line);
    Made macro(int line);
    Made callBlock(int line);
    Made filterBlock(int line);
    Made withBlock(int line);
    Made generation(int line);
    Result<void> parameters(Statement& macro);
    Result<void> macroBody(Statement& macro, std::string_view end);
    Result<void> endBlock() { return expectKind(Token::Kind::BlockEnd, "the end of the block"); }

    int m_loops = 0; ///< Loops around the current statement.
};

std::unique_ptr<Statement> makeStatement(Kind kind, int line)
{
    auto statement = std::make_unique<Statement>();
    statement->kind = kind;
    statement->line = line;
    return statement;
}

Result<Body> TemplateParser::body(Ends ends)
{
    Body statements;
    for (;;) {
        const int line = current().line;
        switch (current().kind) {
        case Token::Kind::Text: {
            auto text = makeStatement(Kind::Text, line);
            text->text = take().text;
            statements.push_back(std::move(text));
            break;
        }
        case Token::Kind::OutputBegin: {
            take();
            auto output = makeStatement(Kind::Output, line);
            BITLATHE_TRY(ExpressionPointer value, tuple(true));
            output->expressions.push_back(std::move(value));
            BITLATHE_CHECK(expectKind(Token::Kind::OutputEnd, "}}"));
            statements.push_back(std::move(output));
            break;
        }
        case Token::Kind::BlockBegin: {
            take();
            if (std::find(ends.begin(), ends.end(), current().text) != ends.end() &&
                current().kind == Token::Kind::Name) {
                return statements;
            }
            if (current().kind != Token::Kind::Name) {
                return unexpected("the name of a block");
            }
            const Token name = take();
            BITLATHE_TRY(std::unique_ptr<Statement> made, block(name));
            statements.push_back(std::move(made));
            break;
        }
        default:
            if (current().kind == Token::Kind::End && ends.size() == 0) {
                return statements;
            }
            return unexpected(ends.size() == 0 ? "text or a block" : *(ends.end() - 1));
        }
    }
}

Result<void> TemplateParser::bodyOf(Statement& statement, Ends ends)
{
    if (++m_nesting > limits().nesting) {
        return tooDeep();
    }
    BITLATHE_CHECK(endBlock());
    BITLATHE_TRY(Body statements, body(ends));
    statement.bodies.push_back(std::move(statements));
    --m_nesting;
    return {};
}

TemplateParser::Made TemplateParser::block(const Token& name)
{
    const std::string& text = name.text;
    if (text == "if") {
        return conditional(name.line);
    }
    if (text == "for") {
        return loop(name.line);
    }
    if (text == "set") {
        return assignment(name.line);
    }
    if (text == "macro") {
        return macro(name.line);
    }
    if (text == "call") {
        return callBlock(name.line);
    }
    if (text == "filter") {
        return filterBlock(name.line);
    }
    if (text == "with") {
        return withBlock(name.line);
    }
    if (text == "generation") {
        return generation(name.line);
    }
    if (text == "break" || text == "continue") {
        if (m_loops == 0) {
            return unexpected("a loop around it");
        }
        auto jump = makeStatement(text == "break" ? Kind::Break : Kind::Continue, name.line);
        BITLATHE_CHECK(endBlock());
        return jump;
    }
    return notSupported(text, name.line);
}

TemplateParser::Made TemplateParser::conditional(int line)
{
    auto statement = makeStatement(Kind::If, line);
    do {
        BITLATHE_TRY(ExpressionPointer condition, tuple(false));
        statement->expressions.push_back(std::move(condition));
        BITLATHE_CHECK(bodyOf(*statement, {"elif", "else", "endif"}));
    } while (skipName("elif"));
    if (skipName("else")) {
        BITLATHE_CHECK(bodyOf(*statement, {"endif"}));
    }
    BITLATHE_CHECK(expectName("endif"));
    BITLATHE_CHECK(endBlock());
    return statement;
}

TemplateParser::Made TemplateParser::loop(int line)
{
    auto statement = makeStatement(Kind::For, line);
    BITLATHE_TRY(ExpressionPointer variables, target(false));
    BITLATHE_CHECK(expectName("in"));
    BITLATHE_TRY(ExpressionPointer sequence, tuple(false));
    ExpressionPointer condition;
    if (skipName("if")) {
        BITLATHE_TRY(condition, expression());
    }
    if (isName("recursive")) {
        return notSupported("for ... recursive", line);
    }
    statement->expressions.push_back(std::move(variables));
    statement->expressions.push_back(std::move(sequence));
    statement->expressions.push_back(std::move(condition));
    ++m_loops;
    BITLATHE_CHECK(bodyOf(*statement, {"else", "endfor"}));
    --m_loops;
    if (skipName("else")) {
        BITLATHE_CHECK(bodyOf(*statement, {"endfor"}));
    }
    BITLATHE_CHECK(expectName("endfor"));
    BITLATHE_CHECK(endBlock());
    return statement;
}

TemplateParser::Made TemplateParser::assignment(int line)
{
    auto statement = makeStatement(Kind::Set, line);
    BITLATHE_TRY(ExpressionPointer variables, target(true));
    statement->expressions.push_back(std::move(variables));
    if (skipSymbol("=")) {
        BITLATHE_TRY(ExpressionPointer value, tuple(true));
        statement->expressions.push_back(std::move(value));
        BITLATHE_CHECK(endBlock());
        return statement;
    }
    statement->kind = Kind::SetBlock;
    ExpressionPointer chain;
    if (skipSymbol("|")) {
        BITLATHE_TRY(chain, filters(nullptr));
    }
    statement->expressions.push_back(std::move(chain));
    BITLATHE_CHECK(bodyOf(*statement, {"endset"}));
    BITLATHE_CHECK(expectName("endset"));
    BITLATHE_CHECK(endBlock());
    return statement;
}

Result<void> TemplateParser::parameters(Statement& macro)
{
    BITLATHE_CHECK(expectSymbol("("));
    while (!isSymbol(")")) {
        BITLATHE_TRY(std::string name, anyName());
        ExpressionPointer otherwise;
        if (skipSymbol("=")) {
            BITLATHE_TRY(otherwise, expression());
        } else if (!macro.expressions.empty() && macro.expressions.back() != nullptr) {
            return unexpected("a default value");
        }
        macro.names.push_back(std::move(name));
        macro.expressions.push_back(std::move(otherwise));
        if (!skipSymbol(",")) {
            break;
        }
    }
    return expectSymbol(")");
}

Result<void> TemplateParser::macroBody(Statement& macro, std::string_view end)
{
    const std::size_t namesBefore = m_names.size();
    const int loopsAround = std::exchange(m_loops, 0);
    BITLATHE_CHECK(bodyOf(macro, {end}));
    m_loops = loopsAround;
    const auto reads = [&](std::string_view name) {
        return std::find(m_names.begin() + static_cast<std::ptrdiff_t>(namesBefore), m_names.end(), name) !=
               m_names.end();
    };
    macro.takesVariable = reads("varargs");
    macro.takesNamed = reads("kwargs");
    macro.takesCaller = reads("caller");
    BITLATHE_CHECK(expectName(end));
    return endBlock();
}

TemplateParser::Made TemplateParser::macro(int line)
{
    auto statement = makeStatement(Kind::Macro, line);
    BITLATHE_TRY(statement->text, anyName());
    BITLATHE_CHECK(parameters(*statement));
    BITLATHE_CHECK(macroBody(*statement, "endmacro"));
    return statement;
}

TemplateParser::Made TemplateParser::callBlock(int line)
{
    auto statement = makeStatement(Kind::CallBlock, line);
    if (isSymbol("(")) {
        BITLATHE_CHECK(parameters(*statement));
    }
    BITLATHE_TRY(ExpressionPointer call, expression());
    if (call->kind != Expression::Kind::Call) {
        return unexpected("a call");
    }
    statement->expressions.push_back(std::move(call));
    BITLATHE_CHECK(macroBody(*statement, "endcall"));
    return statement;
}

TemplateParser::Made TemplateParser::filterBlock(int line)
{
    auto statement = makeStatement(Kind::FilterBlock, line);
    BITLATHE_TRY(ExpressionPointer chain, filters(nullptr));
    statement->expressions.push_back(std::move(chain));
    BITLATHE_CHECK(bodyOf(*statement, {"endfilter"}));
    BITLATHE_CHECK(expectName("endfilter"));
    BITLATHE_CHECK(endBlock());
    return statement;
}

TemplateParser::Made TemplateParser::withBlock(int line)
{
    auto statement = makeStatement(Kind::With, line);
    while (current().kind != Token::Kind::BlockEnd) {
        const int nameLine = current().line;
        BITLATHE_TRY(std::string name, anyName());
        auto variable = std::make_unique<Expression>();
        variable->kind = Expression::Kind::Name;
        variable->line = nameLine;
        variable->text = std::move(name);
        BITLATHE_CHECK(expectSymbol("="));
        BITLATHE_TRY(ExpressionPointer value, expression());
        statement->expressions.push_back(std::move(variable));
        statement->expressions.push_back(std::move(value));
        if (!skipSymbol(",")) {
            break;
        }
    }
    BITLATHE_CHECK(bodyOf(*statement, {"endwith"}));
    BITLATHE_CHECK(expectName("endwith"));
    BITLATHE_CHECK(endBlock());
    return statement;
}

/// Marks what the model says, for training; here it is text like any other.
TemplateParser::Made TemplateParser::generation(int line)
{
    auto statement = makeStatement(Kind::Scope, line);
    BITLATHE_CHECK(bodyOf(*statement, {"endgeneration"}));
    BITLATHE_CHECK(expectName("endgeneration"));
    BITLATHE_CHECK(endBlock());
    return statement;
}

} // namespace

Result<Body> parseTemplate(std::string_view source, const std::string& name, const Limits& limits)
{
    BITLATHE_TRY(std::vector<Token> tokens, readTokens(source, name));
    return TemplateParser(std::move(tokens), name, limits).run();
}

} // namespace bitlathe::text::jinja
