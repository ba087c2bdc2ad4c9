// SPDX-License-Identifier: Apache-2.0
// Cuts a template into tokens.
#include "core/text/jinja/lexer.h"

#include "core/text/jinja/escapes.h"
#include "core/text/jinja/unicode.h"

#include <algorithm>
#include <array>

namespace bitlathe::text::jinja
{

namespace
{

constexpr std::size_t kNowhere = std::string_view::npos;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool beginsName(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

/// With line breaks of one kind and without one at the end.
std::string normalized(std::string_view source)
{
    std::string text;
    text.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] == '\r') {
            text += '\n';
            i += i + 1 < source.size() && source[i + 1] == '\n' ? 1 : 0;
        } else {
            text += source[i];
        }
    }
    if (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    return text;
}

class Lexer
{
public:
    Lexer(std::string_view source, const std::string& name) : m_source(source), m_name(name) {}

    Result<std::vector<Token>> run();

private:
    std::string_view rest() const { return std::string_view(m_source).substr(m_at); }
    bool skip(std::string_view text);
    void skipSpace();
    void move(std::size_t bytes);
    void add(Token::Kind kind, std::string text = {}) { m_tokens.push_back({kind, std::move(text), m_line}); }
    Failure bad(Text expected, Text found) const;

    void addText(std::size_t end, char sign, bool isOutput);
    bool skipTagEnd(std::string_view end, bool trims);
    Result<void> comment();
    Result<bool> raw();
    Result<void> tag(bool isOutput);
    bool endsTag(bool isOutput);
    Result<void> token();
    Result<void> number();
    Result<void> quoted();
    Result<void> symbol();

    std::string m_source;
    const std::string& m_name;
    std::vector<Token> m_tokens;
    std::string m_open; ///< Brackets that are open in a tag, as what closes them.
    std::size_t m_at = 0;
    int m_line = 1;
    bool m_lineStarts = true; ///< What was read last ended with a line break.
};

Failure Lexer::bad(Text expected, Text found) const
{
    return fail(ErrorCode::FileInvalid, fmt::format("{}:{}", m_name, m_line), std::move(expected), std::move(found));
}

void Lexer::move(std::size_t bytes)
{
    const std::string_view passed = rest().substr(0, bytes);
    m_line += static_cast<int>(std::count(passed.begin(), passed.end(), '\n'));
    m_at += passed.size();
    if (!passed.empty()) {
        m_lineStarts = passed.back() == '\n';
    }
}

bool Lexer::skip(std::string_view text)
{
    if (!rest().starts_with(text)) {
        return false;
    }
    move(text.size());
    return true;
}

void Lexer::skipSpace()
{
    move(rest().size() - stripText(rest(), true, false).size());
}

/// The text up to end, less the white space that the tag behind it takes away.
void Lexer::addText(std::size_t end, char sign, bool isOutput)
{
    const std::string_view whole = std::string_view(m_source).substr(m_at, end - m_at);
    std::string_view text = whole;
    if (sign == '-') {
        text = stripText(whole, false, true);
    } else if (sign != '+' && !isOutput) {
        const std::size_t lineBreak = whole.rfind('\n');
        const std::size_t line = lineBreak == kNowhere ? 0 : lineBreak + 1;
        if ((line > 0 || m_lineStarts) && stripText(whole.substr(line), true, false).empty()) {
            text = whole.substr(0, line);
        }
    }
    if (!text.empty()) {
        add(Token::Kind::Text, std::string(text));
    }
    move(whole.size());
}

/// The end of a tag with the sign before it and the white space behind it that it takes along.
bool Lexer::skipTagEnd(std::string_view end, bool trims)
{
    const std::string minus = fmt::format("-{}", end);
    if (skip(minus)) {
        skipSpace();
        return true;
    }
    if (trims && skip(fmt::format("+{}", end))) {
        return true;
    }
    if (!skip(end)) {
        return false;
    }
    if (trims) {
        skip("\n");
    }
    return true;
}

Result<void> Lexer::comment()
{
    const std::size_t end = rest().find("#}");
    if (end == kNowhere) {
        return bad(Text(BITLATHE_TEXT("the end of the comment")), Text(BITLATHE_TEXT("the end of the template")));
    }
    const bool signedEnd = end > 0 && (rest()[end - 1] == '-' || rest()[end - 1] == '+');
    move(signedEnd ? end - 1 : end);
    skipTagEnd("#}", true);
    return {};
}

/// Where the block that just began is raw: its text, and true.
Result<bool> Lexer::raw()
{
    const std::size_t atBegin = m_at;
    const int lineBegin = m_line;
    const bool startBegin = m_lineStarts;
    skipSpace();
    const bool named = skip("raw");
    skipSpace();
    if (!named || !skipTagEnd("%}", false)) {
        m_at = atBegin;
        m_line = lineBegin;
        m_lineStarts = startBegin;
        return false;
    }
    for (std::size_t at = rest().find("{%"); at != kNowhere; at = rest().find("{%", at + 1)) {
        std::string_view tag = rest().substr(at + 2);
        const char sign = tag.empty() ? ' ' : tag.front();
        tag.remove_prefix(sign == '-' || sign == '+' ? 1 : 0);
        tag = stripText(tag, true, false);
        if (!tag.starts_with("endraw")) {
            continue;
        }
        tag = stripText(tag.substr(std::string_view("endraw").size()), true, false);
        if (!tag.starts_with("%}") && !tag.starts_with("-%}") && !tag.starts_with("+%}")) {
            continue;
        }
        addText(m_at + at, sign, false);
        move(rest().size() - tag.size());
        skipTagEnd("%}", true);
        return true;
    }
    return bad(Text(BITLATHE_TEXT("endraw")), Text(BITLATHE_TEXT("the end of the template")));
}

bool Lexer::endsTag(bool isOutput)
{
    return m_open.empty() && skipTagEnd(isOutput ? "}}" : "%}", !isOutput);
}

Result<void> Lexer::tag(bool isOutput)
{
    add(isOutput ? Token::Kind::OutputBegin : Token::Kind::BlockBegin);
    m_open.clear();
    for (;;) {
        const int line = m_line;
        if (endsTag(isOutput)) {
            m_tokens.push_back({isOutput ? Token::Kind::OutputEnd : Token::Kind::BlockEnd, {}, line});
            return {};
        }
        skipSpace();
        if (endsTag(isOutput)) {
            m_tokens.push_back({isOutput ? Token::Kind::OutputEnd : Token::Kind::BlockEnd, {}, line});
            return {};
        }
        if (rest().empty()) {
            return bad(Text(BITLATHE_TEXT("the end of the tag")), Text(BITLATHE_TEXT("the end of the template")));
        }
        BITLATHE_CHECK(token());
    }
}

Result<void> Lexer::token()
{
    const char first = rest().front();
    if (isDigit(first)) {
        return number();
    }
    if (first == '"' || first == '\'') {
        return quoted();
    }
    if (!beginsName(first)) {
        return symbol();
    }
    std::size_t length = 1;
    while (length < rest().size() && (beginsName(rest()[length]) || isDigit(rest()[length]))) {
        ++length;
    }
    add(Token::Kind::Name, std::string(rest().substr(0, length)));
    move(length);
    return {};
}

Result<void> Lexer::number()
{
    std::string digits;
    std::size_t length = 0;
    const auto takeDigits = [&] {
        while (length < rest().size() &&
               (isDigit(rest()[length]) || (rest()[length] == '_' && length + 1 < rest().size() &&
                                            isDigit(rest()[length + 1]) && !digits.empty()))) {
            if (rest()[length] != '_') {
                digits += rest()[length];
            }
            ++length;
        }
    };
    const auto digitAt = [&](std::size_t place) { return place < rest().size() && isDigit(rest()[place]); };
    takeDigits();
    Token::Kind kind = Token::Kind::Integer;
    // The place of an entry, as in x.0.1, has no fraction.
    const bool isPlace =
        !m_tokens.empty() && m_tokens.back().kind == Token::Kind::Operator && m_tokens.back().text == ".";
    if (!isPlace && rest().substr(length).starts_with(".") && digitAt(length + 1)) {
        kind = Token::Kind::Float;
        digits += '.';
        ++length;
        takeDigits();
    }
    if (!isPlace && length < rest().size() && (rest()[length] == 'e' || rest()[length] == 'E')) {
        const bool hasSign = length + 1 < rest().size() && (rest()[length + 1] == '+' || rest()[length + 1] == '-');
        if (digitAt(length + (hasSign ? 2 : 1))) {
            kind = Token::Kind::Float;
            digits += rest().substr(length, hasSign ? 2 : 1);
            length += hasSign ? 2 : 1;
            takeDigits();
        }
    }
    if (length < rest().size() && beginsName(rest()[length])) {
        return bad(Text(BITLATHE_TEXT("a decimal number")), Text(BITLATHE_TEXT("%1"), rest().substr(0, length + 1)));
    }
    if (kind == Token::Kind::Integer && digits.size() > 1 && digits.front() == '0' &&
        digits.find_first_not_of('0') != std::string::npos) {
        return bad(Text(BITLATHE_TEXT("a decimal number")), Text(BITLATHE_TEXT("%1"), digits));
    }
    add(kind, std::move(digits));
    move(length);
    return {};
}

Result<void> Lexer::quoted()
{
    const char quote = rest().front();
    std::size_t end = 1;
    while (end < rest().size() && rest()[end] != quote) {
        end += rest()[end] == '\\' ? 2 : 1;
    }
    if (end >= rest().size()) {
        return bad(Text(BITLATHE_TEXT("the end of the string")), Text(BITLATHE_TEXT("the end of the template")));
    }
    std::optional<std::string> text = withoutEscapes(rest().substr(1, end - 1));
    if (!text) {
        return bad(Text(BITLATHE_TEXT("a string with escapes as Python has them")),
                   Text(BITLATHE_TEXT("%1"), rest().substr(0, end + 1)));
    }
    add(Token::Kind::String, std::move(*text));
    move(end + 1);
    return {};
}

Result<void> Lexer::symbol()
{
    constexpr std::array<std::string_view, 25> kSymbols{"==", "!=", ">=", "<=", "//", "**", "+", "-", "/",
                                                        "*",  "%",  "~",  "[",  "]",  "(",  ")", "{", "}",
                                                        ">",  "<",  "=",  ".",  ":",  "|",  ","};
    for (const std::string_view symbol : kSymbols) {
        if (!rest().starts_with(symbol)) {
            continue;
        }
        if (symbol == "(" || symbol == "[" || symbol == "{") {
            m_open += symbol == "(" ? ')' : symbol == "[" ? ']' : '}';
        } else if (symbol == ")" || symbol == "]" || symbol == "}") {
            if (m_open.empty() || m_open.back() != symbol.front()) {
                return bad(Text(BITLATHE_TEXT("brackets in pairs")), Text(BITLATHE_TEXT("%1 too many"), symbol));
            }
            m_open.pop_back();
        }
        add(Token::Kind::Operator, std::string(symbol));
        move(symbol.size());
        return {};
    }
    return bad(
        Text(BITLATHE_TEXT("an expression")),
        Text(BITLATHE_TEXT("the character 0x%1"), fmt::format("{:02X}", static_cast<unsigned char>(rest().front()))));
}

/// The next {{, {% or {#.
std::size_t findTag(std::string_view text, std::size_t from)
{
    for (std::size_t at = text.find('{', from); at != kNowhere; at = text.find('{', at + 1)) {
        if (at + 1 < text.size() && (text[at + 1] == '{' || text[at + 1] == '%' || text[at + 1] == '#')) {
            return at;
        }
    }
    return kNowhere;
}

Result<std::vector<Token>> Lexer::run()
{
    for (std::size_t at = findTag(m_source, m_at); at != kNowhere; at = findTag(m_source, m_at)) {
        const char kind = m_source[at + 1];
        const char sign = at + 2 < m_source.size() ? m_source[at + 2] : ' ';
        addText(at, sign, kind == '{');
        move(sign == '-' || sign == '+' ? 3 : 2);
        if (kind == '#') {
            BITLATHE_CHECK(comment());
            continue;
        }
        if (kind == '%') {
            BITLATHE_TRY(const bool wasRaw, raw());
            if (wasRaw) {
                continue;
            }
        }
        BITLATHE_CHECK(tag(kind == '{'));
    }
    if (!rest().empty()) {
        add(Token::Kind::Text, std::string(rest()));
        move(rest().size());
    }
    add(Token::Kind::End);
    return std::move(m_tokens);
}

} // namespace

Result<std::vector<Token>> readTokens(std::string_view source, const std::string& name)
{
    return Lexer(normalized(source), name).run();
}

} // namespace bitlathe::text::jinja
