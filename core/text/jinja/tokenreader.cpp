// SPDX-License-Identifier: Apache-2.0
// Steps through the tokens of a template.
#include "core/text/jinja/parser.h"

namespace bitlathe::text::jinja
{

namespace
{

std::string describe(const Token& token)
{
    switch (token.kind) {
    case Token::Kind::Text: return "text";
    case Token::Kind::OutputBegin: return "{{";
    case Token::Kind::OutputEnd: return "}}";
    case Token::Kind::BlockBegin: return "{%";
    case Token::Kind::BlockEnd: return "%}";
    case Token::Kind::End: return "the end of the template";
    case Token::Kind::String: return "a string";
    case Token::Kind::Name:
    case Token::Kind::Integer:
    case Token::Kind::Float:
    case Token::Kind::Operator: break;
    }
    return token.text;
}

} // namespace

Token TokenReader::take()
{
    Token token = current();
    if (m_at + 1 < m_tokens.size()) {
        ++m_at;
    }
    return token;
}

bool TokenReader::skipName(std::string_view text)
{
    const bool found = isName(text);
    if (found) {
        take();
    }
    return found;
}

bool TokenReader::skipSymbol(std::string_view text)
{
    const bool found = isSymbol(text);
    if (found) {
        take();
    }
    return found;
}

Result<void> TokenReader::expectSymbol(std::string_view text)
{
    return skipSymbol(text) ? Result<void>() : unexpected(text);
}

Result<void> TokenReader::expectName(std::string_view text)
{
    return skipName(text) ? Result<void>() : unexpected(text);
}

Result<void> TokenReader::expectKind(Token::Kind kind, std::string_view what)
{
    if (current().kind != kind) {
        return unexpected(what);
    }
    take();
    return {};
}

Result<std::string> TokenReader::anyName()
{
    if (current().kind != Token::Kind::Name) {
        return unexpected("a name");
    }
    return take().text;
}

Failure TokenReader::unexpected(std::string_view wanted) const
{
    return fail(ErrorCode::FileInvalid, fmt::format("{}:{}", m_name, current().line), Text(BITLATHE_TEXT("%1"), wanted),
                Text(BITLATHE_TEXT("%1"), describe(current())));
}

Failure TokenReader::notSupported(std::string_view construct, int line) const
{
    return fail(ErrorCode::NotSupported, fmt::format("{}:{}", m_name, line),
                Text(BITLATHE_TEXT("a chat template of the constructs that models use")),
                Text(BITLATHE_TEXT("%1"), construct));
}

Failure TokenReader::tooDeep() const
{
    return fail(ErrorCode::NotSupported, fmt::format("{}:{}", m_name, current().line),
                Text(BITLATHE_TEXT("a template nested at most %1 deep"), m_limits.nesting),
                Text(BITLATHE_TEXT("deeper nesting")));
}

} // namespace bitlathe::text::jinja
