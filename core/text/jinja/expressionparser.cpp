// SPDX-License-Identifier: Apache-2.0
// Builds the syntax tree of expressions.
#include "core/text/jinja/parser.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace bitlathe::text::jinja
{

namespace
{

using Kind = Expression::Kind;

/// Counts a call of the parser while it lasts.
class Nesting
{
public:
    explicit Nesting(int& count) : m_count(count) { ++m_count; }
    ~Nesting() { --m_count; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

private:
    int& m_count;
};

} // namespace

ExpressionPointer ExpressionParser::make(Kind kind, int line, std::string text) const
{
    auto node = std::make_unique<Expression>();
    node->kind = kind;
    node->line = line;
    node->text = std::move(text);
    return node;
}

Result<void> ExpressionParser::attach(Expression& node, ExpressionPointer part) const
{
    if (part != nullptr) {
        node.depth = std::max(node.depth, part->depth + 1);
    }
    node.parts.push_back(std::move(part));
    if (node.depth > limits().nesting) {
        return tooDeep();
    }
    return {};
}

ExpressionParser::Parsed ExpressionParser::join(Kind kind, std::string text, ExpressionPointer left,
                                                ExpressionPointer right) const
{
    ExpressionPointer node = make(kind, left->line, std::move(text));
    BITLATHE_CHECK(attach(*node, std::move(left)));
    BITLATHE_CHECK(attach(*node, std::move(right)));
    return node;
}

ExpressionParser::Parsed ExpressionParser::expression()
{
    const Nesting nesting(m_nesting);
    if (m_nesting > limits().nesting) {
        return tooDeep();
    }
    BITLATHE_TRY(ExpressionPointer value, withoutCondition());
    while (skipName("if")) {
        BITLATHE_TRY(ExpressionPointer condition, withoutCondition());
        ExpressionPointer otherwise;
        if (skipName("else")) {
            BITLATHE_TRY(otherwise, expression());
        }
        BITLATHE_TRY(value, join(Kind::Conditional, {}, std::move(condition), std::move(value)));
        BITLATHE_CHECK(attach(*value, std::move(otherwise)));
    }
    return value;
}

ExpressionParser::Parsed ExpressionParser::withoutCondition()
{
    BITLATHE_TRY(ExpressionPointer left, conjunction());
    while (skipName("or")) {
        BITLATHE_TRY(ExpressionPointer right, conjunction());
        BITLATHE_TRY(left, join(Kind::Or, {}, std::move(left), std::move(right)));
    }
    return left;
}

ExpressionParser::Parsed ExpressionParser::conjunction()
{
    BITLATHE_TRY(ExpressionPointer left, negation());
    while (skipName("and")) {
        BITLATHE_TRY(ExpressionPointer right, negation());
        BITLATHE_TRY(left, join(Kind::And, {}, std::move(left), std::move(right)));
    }
    return left;
}

ExpressionParser::Parsed ExpressionParser::negation()
{
    const Nesting nesting(m_nesting);
    if (m_nesting > limits().nesting) {
        return tooDeep();
    }
    const int line = current().line;
    if (!skipName("not")) {
        return comparison();
    }
    BITLATHE_TRY(ExpressionPointer operand, negation());
    ExpressionPointer node = make(Kind::Not, line);
    BITLATHE_CHECK(attach(*node, std::move(operand)));
    return node;
}

ExpressionParser::Parsed ExpressionParser::comparison()
{
    constexpr std::array<std::string_view, 6> kOperators{"==", "!=", "<", "<=", ">", ">="};
    BITLATHE_TRY(ExpressionPointer first, sum());
    ExpressionPointer chain;
    for (;;) {
        std::string operation;
        if (current().kind == Token::Kind::Operator &&
            std::find(kOperators.begin(), kOperators.end(), current().text) != kOperators.end()) {
            operation = take().text;
        } else if (skipName("in")) {
            operation = "in";
        } else if (isName("not") && following().kind == Token::Kind::Name && following().text == "in") {
            take();
            take();
            operation = "not in";
        } else {
            break;
        }
        if (chain == nullptr) {
            chain = make(Kind::Compare, first->line);
            BITLATHE_CHECK(attach(*chain, std::move(first)));
        }
        BITLATHE_TRY(ExpressionPointer operand, sum());
        BITLATHE_CHECK(attach(*chain, std::move(operand)));
        chain->names.push_back(std::move(operation));
    }
    return chain == nullptr ? std::move(first) : std::move(chain);
}

ExpressionParser::Parsed ExpressionParser::sum()
{
    BITLATHE_TRY(ExpressionPointer left, concatenation());
    while (isSymbol("+") || isSymbol("-")) {
        std::string operation = take().text;
        BITLATHE_TRY(ExpressionPointer right, concatenation());
        BITLATHE_TRY(left, join(Kind::Arithmetic, std::move(operation), std::move(left), std::move(right)));
    }
    return left;
}

ExpressionParser::Parsed ExpressionParser::concatenation()
{
    BITLATHE_TRY(ExpressionPointer first, product());
    if (!isSymbol("~")) {
        return first;
    }
    ExpressionPointer node = make(Kind::Concatenate, first->line);
    BITLATHE_CHECK(attach(*node, std::move(first)));
    while (skipSymbol("~")) {
        BITLATHE_TRY(ExpressionPointer part, product());
        BITLATHE_CHECK(attach(*node, std::move(part)));
    }
    return node;
}

ExpressionParser::Parsed ExpressionParser::product()
{
    BITLATHE_TRY(ExpressionPointer left, power());
    while (isSymbol("*") || isSymbol("/") || isSymbol("//") || isSymbol("%")) {
        std::string operation = take().text;
        BITLATHE_TRY(ExpressionPointer right, power());
        BITLATHE_TRY(left, join(Kind::Arithmetic, std::move(operation), std::move(left), std::move(right)));
    }
    return left;
}

ExpressionParser::Parsed ExpressionParser::power()
{
    BITLATHE_TRY(ExpressionPointer left, unary(true));
    while (skipSymbol("**")) {
        BITLATHE_TRY(ExpressionPointer right, unary(true));
        BITLATHE_TRY(left, join(Kind::Arithmetic, "**", std::move(left), std::move(right)));
    }
    return left;
}

ExpressionParser::Parsed ExpressionParser::unary(bool withFilters)
{
    const Nesting nesting(m_nesting);
    if (m_nesting > limits().nesting) {
        return tooDeep();
    }
    const int line = current().line;
    ExpressionPointer node;
    if (isSymbol("-") || isSymbol("+")) {
        node = make(take().text == "-" ? Kind::Negate : Kind::Plus, line);
        BITLATHE_TRY(ExpressionPointer operand, unary(false));
        BITLATHE_CHECK(attach(*node, std::move(operand)));
    } else {
        BITLATHE_TRY(node, primary());
    }
    BITLATHE_TRY(node, postfix(std::move(node)));
    return withFilters ? filtered(std::move(node)) : Parsed(std::move(node));
}

ExpressionParser::Parsed ExpressionParser::primary()
{
    const int line = current().line;
    switch (current().kind) {
    case Token::Kind::Name: return named();
    case Token::Kind::String: {
        ExpressionPointer node = make(Kind::Constant, line);
        std::string text;
        while (current().kind == Token::Kind::String) {
            text += take().text;
        }
        node->constant = Value(std::move(text));
        return node;
    }
    case Token::Kind::Integer:
    case Token::Kind::Float: return number();
    case Token::Kind::Operator:
        if (skipSymbol("(")) {
            if (skipSymbol(")")) {
                return make(Kind::Tuple, line);
            }
            BITLATHE_TRY(ExpressionPointer node, tuple(true));
            BITLATHE_CHECK(expectSymbol(")"));
            return node;
        }
        if (isSymbol("[")) {
            return listLiteral();
        }
        if (isSymbol("{")) {
            return dictLiteral();
        }
        break;
    case Token::Kind::Text:
    case Token::Kind::OutputBegin:
    case Token::Kind::OutputEnd:
    case Token::Kind::BlockBegin:
    case Token::Kind::BlockEnd:
    case Token::Kind::End: break;
    }
    return unexpected("an expression");
}

ExpressionParser::Parsed ExpressionParser::named()
{
    const Token token = take();
    const std::string& text = token.text;
    ExpressionPointer node = make(Kind::Constant, token.line);
    if (text == "true" || text == "True" || text == "false" || text == "False") {
        node->constant = Value(text == "true" || text == "True");
    } else if (text == "none" || text == "None") {
        node->constant = Value(None());
    } else {
        node->kind = Kind::Name;
        node->text = text;
        m_names.push_back(text);
    }
    return node;
}

ExpressionParser::Parsed ExpressionParser::number()
{
    const char* const end = current().text.data() + current().text.size();
    ExpressionPointer node = make(Kind::Constant, current().line);
    std::errc error{};
    if (current().kind == Token::Kind::Integer) {
        std::int64_t value = 0;
        error = std::from_chars(current().text.data(), end, value).ec;
        node->constant = Value(value);
    } else {
        double value = 0;
        error = std::from_chars(current().text.data(), end, value).ec;
        node->constant = Value(value);
    }
    if (error != std::errc()) {
        return unexpected("a number of 64 bits");
    }
    take();
    return node;
}

ExpressionParser::Parsed ExpressionParser::listLiteral()
{
    ExpressionPointer node = make(Kind::List, take().line);
    while (!isSymbol("]")) {
        BITLATHE_TRY(ExpressionPointer item, expression());
        BITLATHE_CHECK(attach(*node, std::move(item)));
        if (!skipSymbol(",")) {
            break;
        }
    }
    BITLATHE_CHECK(expectSymbol("]"));
    return node;
}

ExpressionParser::Parsed ExpressionParser::dictLiteral()
{
    ExpressionPointer node = make(Kind::Dict, take().line);
    while (!isSymbol("}")) {
        BITLATHE_TRY(ExpressionPointer key, expression());
        BITLATHE_CHECK(attach(*node, std::move(key)));
        BITLATHE_CHECK(expectSymbol(":"));
        BITLATHE_TRY(ExpressionPointer value, expression());
        BITLATHE_CHECK(attach(*node, std::move(value)));
        if (!skipSymbol(",")) {
            break;
        }
    }
    BITLATHE_CHECK(expectSymbol("}"));
    return node;
}

bool ExpressionParser::endsTuple() const
{
    const Token::Kind kind = current().kind;
    return kind == Token::Kind::OutputEnd || kind == Token::Kind::BlockEnd || isSymbol(")") || isSymbol("=") ||
           isName("in") || isName("recursive");
}

ExpressionParser::Parsed ExpressionParser::tuple(bool withCondition)
{
    const int line = current().line;
    BITLATHE_TRY(ExpressionPointer first, withCondition ? expression() : withoutCondition());
    if (!isSymbol(",")) {
        return first;
    }
    ExpressionPointer node = make(Kind::Tuple, line);
    BITLATHE_CHECK(attach(*node, std::move(first)));
    while (skipSymbol(",")) {
        if (endsTuple()) {
            break;
        }
        BITLATHE_TRY(ExpressionPointer item, withCondition ? expression() : withoutCondition());
        BITLATHE_CHECK(attach(*node, std::move(item)));
    }
    return node;
}

ExpressionParser::Parsed ExpressionParser::target(bool withAttribute)
{
    const int line = current().line;
    ExpressionPointer node = make(Kind::Tuple, line);
    bool isTuple = false;
    do {
        if (isTuple && endsTuple()) {
            break;
        }
        const bool inBrackets = skipSymbol("(");
        ExpressionPointer item;
        if (inBrackets) {
            const Nesting nesting(m_nesting);
            if (m_nesting > limits().nesting) {
                return tooDeep();
            }
            BITLATHE_TRY(item, target(withAttribute));
            BITLATHE_CHECK(expectSymbol(")"));
        } else {
            const int itemLine = current().line;
            BITLATHE_TRY(std::string name, anyName());
            item = make(Kind::Name, itemLine, std::move(name));
            if (withAttribute && skipSymbol(".")) {
                BITLATHE_TRY(std::string attribute, anyName());
                ExpressionPointer object = std::move(item);
                item = make(Kind::Attribute, itemLine, std::move(attribute));
                BITLATHE_CHECK(attach(*item, std::move(object)));
            }
        }
        BITLATHE_CHECK(attach(*node, std::move(item)));
        isTuple = isTuple || isSymbol(",");
    } while (skipSymbol(","));
    return isTuple ? std::move(node) : std::move(node->parts.front());
}

ExpressionParser::Parsed ExpressionParser::postfix(ExpressionPointer node)
{
    for (;;) {
        if (isSymbol(".") || isSymbol("[")) {
            BITLATHE_TRY(node, subscript(std::move(node)));
        } else if (isSymbol("(")) {
            ExpressionPointer call = make(Kind::Call, current().line);
            BITLATHE_CHECK(attach(*call, std::move(node)));
            BITLATHE_CHECK(arguments(*call));
            node = std::move(call);
        } else {
            return node;
        }
    }
}

ExpressionParser::Parsed ExpressionParser::filtered(ExpressionPointer node)
{
    for (;;) {
        if (skipSymbol("|")) {
            BITLATHE_TRY(node, filters(std::move(node)));
        } else if (skipName("is")) {
            BITLATHE_TRY(node, test(std::move(node)));
        } else if (isSymbol("(")) {
            BITLATHE_TRY(node, postfix(std::move(node)));
        } else {
            return node;
        }
    }
}

ExpressionParser::Parsed ExpressionParser::filters(ExpressionPointer input)
{
    do {
        const int line = current().line;
        BITLATHE_TRY(std::string name, anyName());
        ExpressionPointer node = make(Kind::Filter, line, std::move(name));
        BITLATHE_CHECK(attach(*node, std::move(input)));
        if (isSymbol("(")) {
            BITLATHE_CHECK(arguments(*node));
        }
        input = std::move(node);
    } while (skipSymbol("|"));
    return input;
}

ExpressionParser::Parsed ExpressionParser::subscript(ExpressionPointer object)
{
    const int line = current().line;
    if (skipSymbol(".")) {
        if (current().kind == Token::Kind::Integer) {
            BITLATHE_TRY(ExpressionPointer key, number());
            return join(Kind::Item, {}, std::move(object), std::move(key));
        }
        BITLATHE_TRY(std::string name, anyName());
        ExpressionPointer node = make(Kind::Attribute, line, std::move(name));
        BITLATHE_CHECK(attach(*node, std::move(object)));
        return node;
    }
    BITLATHE_CHECK(expectSymbol("["));
    return slice(std::move(object));
}

/// A key or a slice, up to the closing bracket.
ExpressionParser::Parsed ExpressionParser::slice(ExpressionPointer object)
{
    constexpr std::size_t kBounds = 3;
    const int line = object->line;
    std::vector<ExpressionPointer> bounds;
    bool isSlice = false;
    for (;;) {
        bounds.emplace_back();
        if (!isSymbol(":") && !isSymbol("]")) {
            BITLATHE_TRY(bounds.back(), expression());
        }
        if (bounds.size() == kBounds || !skipSymbol(":")) {
            break;
        }
        isSlice = true;
    }
    if (isSymbol(",")) {
        return notSupported("a key of several parts", line);
    }
    BITLATHE_CHECK(expectSymbol("]"));
    if (!isSlice) {
        if (bounds.front() == nullptr) {
            return unexpected("a key");
        }
        return join(Kind::Item, {}, std::move(object), std::move(bounds.front()));
    }
    ExpressionPointer node = make(Kind::Slice, line);
    BITLATHE_CHECK(attach(*node, std::move(object)));
    bounds.resize(kBounds);
    for (ExpressionPointer& bound : bounds) {
        BITLATHE_CHECK(attach(*node, std::move(bound)));
    }
    return node;
}

ExpressionParser::Parsed ExpressionParser::test(ExpressionPointer input)
{
    const int line = current().line;
    const bool negated = skipName("not");
    BITLATHE_TRY(std::string name, anyName());
    ExpressionPointer node = make(Kind::Test, line, std::move(name));
    BITLATHE_CHECK(attach(*node, std::move(input)));
    BITLATHE_CHECK(testArgument(*node));
    if (!negated) {
        return node;
    }
    ExpressionPointer opposite = make(Kind::Not, line);
    BITLATHE_CHECK(attach(*opposite, std::move(node)));
    return opposite;
}

/// In brackets, or one without them, as in "is divisibleby 3".
Result<void> ExpressionParser::testArgument(Expression& node)
{
    if (isSymbol("(")) {
        return arguments(node);
    }
    const Token::Kind kind = current().kind;
    const bool isWord = kind == Token::Kind::Name && !isName("else") && !isName("or") && !isName("and");
    if (!isWord && kind != Token::Kind::String && kind != Token::Kind::Integer && kind != Token::Kind::Float &&
        !isSymbol("[") && !isSymbol("{")) {
        return {};
    }
    if (isName("is")) {
        return unexpected("one test");
    }
    BITLATHE_TRY(ExpressionPointer argument, primary());
    BITLATHE_TRY(argument, postfix(std::move(argument)));
    return attach(node, std::move(argument));
}

Result<void> ExpressionParser::arguments(Expression& node)
{
    BITLATHE_CHECK(expectSymbol("("));
    while (!isSymbol(")")) {
        if (isSymbol("*") || isSymbol("**")) {
            return notSupported("arguments from a list or mapping (*, **)", current().line);
        }
        if (current().kind == Token::Kind::Name && following().kind == Token::Kind::Operator &&
            following().text == "=") {
            node.names.push_back(take().text);
            take();
        } else if (!node.names.empty()) {
            return unexpected("an argument with a name");
        }
        BITLATHE_TRY(ExpressionPointer argument, expression());
        BITLATHE_CHECK(attach(node, std::move(argument)));
        if (!skipSymbol(",")) {
            break;
        }
    }
    return expectSymbol(")");
}

} // namespace bitlathe::text::jinja
