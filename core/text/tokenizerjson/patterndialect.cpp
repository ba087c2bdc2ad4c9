// SPDX-License-Identifier: Apache-2.0
// Regular expressions of tokenizers, which are written for Oniguruma, put into words of PCRE2.
#include "core/text/tokenizerjson/patterndialect.h"

#include "core/text/tokenizerjson/characters.h"

#include <algorithm>

namespace bitlathe::text
{

namespace
{

/// White_Space; PCRE2's own \s holds U+180E too.
constexpr std::string_view kSpaces = R"(\x09-\x0D\x20\x85\xA0\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F})"
                                     R"(\x{3000})";
/// PCRE2's own \w has no marks. Of numbers that are no digits, Oniguruma counts only those of Latin-1.
constexpr std::string_view kWords = R"(\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\xB2\xB3\xB9\xBC-\xBE\x{24B6}-\x{24E9})";
constexpr std::string_view kHexDigits = "0-9a-fA-F";

class Translator
{
public:
    Translator(std::string_view pattern, const std::string& subject) : m_pattern(pattern), m_subject(subject) {}

    Result<std::string> translate()
    {
        while (m_at < m_pattern.size()) {
            const char now = m_pattern[m_at];
            if (now == '\\') {
                BITLATHE_CHECK(translateEscape());
            } else if (m_depth > 0) {
                BITLATHE_CHECK(translateInClass(now));
            } else {
                if (now == '[') {
                    openClass();
                } else {
                    m_out += now;
                    ++m_at;
                }
            }
        }
        return std::move(m_out);
    }

private:
    Failure unsupported(std::string_view construct) const
    {
        return fail(ErrorCode::NotSupported, m_subject, Text(BITLATHE_TEXT("a pattern without %1"), construct),
                    Text(BITLATHE_TEXT("the pattern %1"), m_pattern),
                    Text(BITLATHE_TEXT("Give token ids instead of text (ids:FILE.json)")));
    }

    char peek(std::size_t ahead) const { return m_at + ahead < m_pattern.size() ? m_pattern[m_at + ahead] : '\0'; }

    void openClass()
    {
        m_out += '[';
        ++m_at;
        m_depth = 1;
        if (peek(0) == '^') {
            m_out += '^';
            ++m_at;
        }
        if (peek(0) == ']') { // Right behind the bracket it is an ordinary character.
            m_out += "\\]";
            ++m_at;
        }
    }

    Result<void> translateInClass(char now)
    {
        ++m_at;
        if (now == '[' && peek(0) == ':') {
            m_out += now; // A POSIX class goes on as it is, with both of its brackets.
            const std::size_t end = std::min(m_pattern.find(":]", m_at), m_pattern.size() - 2) + 2;
            m_out += m_pattern.substr(m_at, end - m_at);
            m_at = end;
        } else if (now == '[') { // A class in a class adds its characters: the brackets can go.
            if (peek(0) == '^') {
                return unsupported("a negated class inside a class");
            }
            ++m_depth;
        } else if (now == ']') {
            --m_depth;
            if (m_depth == 0) {
                m_out += ']';
            }
        } else if (now == '&' && peek(0) == '&') {
            return unsupported("an intersection of classes (&&)");
        } else {
            m_out += now;
        }
        return {};
    }

    void putSet(std::string_view members, bool isNegated)
    {
        m_out += isNegated ? "[^" : m_depth > 0 ? "" : "[";
        m_out += members;
        m_out += m_depth > 0 && !isNegated ? "" : "]";
        m_at += 2;
    }

    Result<void> translateEscape()
    {
        const char kind = peek(1);
        const bool isNegated = kind == 'S' || kind == 'W' || kind == 'H';
        if (isNegated && m_depth > 0) {
            // Inside a class PCRE2's own \S and \W stand in; they differ in characters that no text mixes with words.
            m_out += m_pattern.substr(m_at, 2);
            m_at += 2;
            return kind == 'H' ? unsupported("\\H inside a class") : Result<void>();
        }
        switch (kind) {
        case 's':
        case 'S': putSet(kSpaces, isNegated); return {};
        case 'w':
        case 'W': putSet(kWords, isNegated); return {};
        case 'h':
        case 'H': putSet(kHexDigits, isNegated); return {};
        case 'u': putCodePoint(); return {};
        case 'p':
        case 'P': putProperty(); return {};
        default: break;
        }
        const std::size_t length =
            m_at + 1 < m_pattern.size() ? 1 + characterAt(m_pattern, m_at + 1).length : std::size_t{1};
        m_out += m_pattern.substr(m_at, length);
        m_at += length;
        return {};
    }

    void putCodePoint()
    {
        const std::string_view digits = m_pattern.substr(m_at + 2, 4);
        const bool isHex = digits.size() == 4 && digits.find_first_not_of("0123456789abcdefABCDEF") == digits.npos;
        m_out += isHex ? "\\x{" + std::string(digits) + "}" : std::string("\\u");
        m_at += isHex ? 6 : 2;
    }

    /// A script by its name means for PCRE2 also the characters that it shares with others.
    void putProperty()
    {
        const std::size_t end = m_pattern.find('}', m_at);
        if (peek(2) != '{' || end == std::string_view::npos) {
            m_out += m_pattern.substr(m_at, 2);
            m_at += 2;
            return;
        }
        std::string_view name = m_pattern.substr(m_at + 3, end - m_at - 3);
        m_out += m_pattern.substr(m_at, 3);
        if (name.starts_with('^')) {
            m_out += '^';
            name.remove_prefix(1);
        }
        const bool isScript = name.size() > 2 && name != "Any" && name.find_first_of(":=&") == name.npos;
        m_out += isScript ? "sc:" : "";
        m_out += name;
        m_out += '}';
        m_at = end + 1;
    }

    std::string_view m_pattern;
    const std::string& m_subject;
    std::size_t m_at = 0;
    int m_depth = 0; ///< Of classes.
    std::string m_out;
};

} // namespace

Result<std::string> patternForPcre(std::string_view pattern, const std::string& subject)
{
    return Translator(pattern, subject).translate();
}

} // namespace bitlathe::text
