// SPDX-License-Identifier: Apache-2.0
// Builds the syntax tree of a template from its tokens.
#pragma once

#include "core/text/jinja/lexer.h"
#include "core/text/jinja/syntax.h"

namespace bitlathe::text::jinja
{

/// Errors: FileInvalid (bad syntax), NotSupported (a construct that is not understood here); both name construct and
/// line.
Result<Body> parseTemplate(std::string_view source, const std::string& name, const Limits& limits);

/// What both halves of the parser use. Positions never leave the list, whose last token is its end.
class TokenReader
{
public:
    TokenReader(std::vector<Token> tokens, const std::string& name, const Limits& limits)
        : m_tokens(std::move(tokens)), m_name(name), m_limits(limits)
    {}

protected:
    const Token& current() const { return m_tokens[m_at]; }
    const Token& following() const { return m_tokens[m_at + 1 < m_tokens.size() ? m_at + 1 : m_at]; }
    Token take();
    bool isName(std::string_view text) const { return isToken(Token::Kind::Name, text); }
    bool isSymbol(std::string_view text) const { return isToken(Token::Kind::Operator, text); }
    bool skipName(std::string_view text);
    bool skipSymbol(std::string_view text);
    Result<void> expectSymbol(std::string_view text);
    Result<void> expectName(std::string_view text);
    Result<void> expectKind(Token::Kind kind, std::string_view what);
    Result<std::string> anyName();
    Failure unexpected(std::string_view wanted) const;
    Failure notSupported(std::string_view construct, int line) const;
    Failure tooDeep() const;
    const Limits& limits() const { return m_limits; }

    int m_nesting = 0; ///< Calls of the parser in one another.

private:
    bool isToken(Token::Kind kind, std::string_view text) const
    {
        return current().kind == kind && current().text == text;
    }

    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    const std::string& m_name;
    const Limits& m_limits;
};

/// Expressions, in the order in which operators bind.
class ExpressionParser : public TokenReader
{
public:
    using TokenReader::TokenReader;

protected:
    using Parsed = Result<ExpressionPointer>;

    Parsed expression();
    Parsed withoutCondition(); ///< An expression that an if behind it does not belong to.
    /// Expressions with commas between them, which are one tuple; one alone is itself.
    Parsed tuple(bool withCondition);
    Parsed target(bool withAttribute);
    Parsed filters(ExpressionPointer input); ///< What follows the name of the first filter, and more filters.

    /// Every name read so far; what a macro asks for is seen in those of its body.
    std::vector<std::string> m_names;

private:
    Parsed conjunction();
    Parsed negation();
    Parsed comparison();
    Parsed sum();
    Parsed concatenation();
    Parsed product();
    Parsed power();
    Parsed unary(bool withFilters);
    Parsed primary();
    Parsed named();
    Parsed number();
    Parsed listLiteral();
    Parsed dictLiteral();
    Parsed postfix(ExpressionPointer node);
    Parsed filtered(ExpressionPointer node);
    Parsed subscript(ExpressionPointer object);
    Parsed slice(ExpressionPointer object);
    Parsed test(ExpressionPointer input);
    Result<void> testArgument(Expression& node);
    Result<void> arguments(Expression& node);
    bool endsTuple() const;

    ExpressionPointer make(Expression::Kind kind, int line, std::string text = {}) const;
    /// Puts part below node. Errors: too many nodes below one another.
    Result<void> attach(Expression& node, ExpressionPointer part) const;
    Parsed join(Expression::Kind kind, std::string text, ExpressionPointer left, ExpressionPointer right) const;
};

} // namespace bitlathe::text::jinja
