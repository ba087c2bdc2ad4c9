// SPDX-License-Identifier: Apache-2.0
// Escapes of Python's string literals.
#include "core/text/jinja/escapes.h"

#include "core/text/jinja/unicode.h"

#include <fmt/format.h>

#include <charconv>

namespace bitlathe::text::jinja
{

namespace
{

/// The character of a number of digits at the front of text, which is moved on.
std::optional<char32_t> takeCode(std::string_view& text, std::size_t digits, int base)
{
    if (text.size() < digits) {
        return std::nullopt;
    }
    std::uint32_t code = 0;
    const char* const end = text.data() + digits;
    const auto [stop, error] = std::from_chars(text.data(), end, code, base);
    const bool isSurrogate = code >= 0xD800 && code <= 0xDFFF;
    if (error != std::errc() || stop != end || isSurrogate || code > 0x10FFFF) {
        return std::nullopt;
    }
    text.remove_prefix(digits);
    return code;
}

std::optional<char32_t> takeOctal(std::string_view& text)
{
    constexpr std::size_t kMostDigits = 3;
    std::size_t digits = 0;
    while (digits < kMostDigits && digits < text.size() && text[digits] >= '0' && text[digits] <= '7') {
        ++digits;
    }
    return takeCode(text, digits, 8);
}

/// What stands behind a backslash; text is moved on. True where it was understood.
bool takeEscape(std::string_view& text, std::string& out)
{
    constexpr std::string_view kLetters = "abfnrtv\\'\"";
    constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"";
    if (text.empty()) {
        return false;
    }
    const char letter = text.front();
    if (const std::size_t place = kLetters.find(letter); place != std::string_view::npos) {
        out += kMeanings[place];
        text.remove_prefix(1);
        return true;
    }
    if (letter == '\n') {
        text.remove_prefix(1);
        return true;
    }
    std::optional<char32_t> code;
    if (letter >= '0' && letter <= '7') {
        code = takeOctal(text);
    } else if (letter == 'x' || letter == 'u' || letter == 'U') {
        text.remove_prefix(1);
        code = takeCode(text, letter == 'x' ? 2 : letter == 'u' ? 4 : 8, 16);
    } else if (letter == 'N') {
        return false;
    } else {
        out += '\\';
        return true;
    }
    if (code) {
        appendCharacter(out, *code);
    }
    return code.has_value();
}

} // namespace

std::optional<std::string> withoutEscapes(std::string_view literal)
{
    std::string text;
    while (!literal.empty()) {
        const char next = literal.front();
        literal.remove_prefix(1);
        if (next != '\\') {
            text += next;
        } else if (!takeEscape(literal, text)) {
            return std::nullopt;
        }
    }
    return text;
}

std::string pythonQuoted(std::string_view text)
{
    const bool hasSingle = text.find('\'') != std::string_view::npos;
    const char quote = hasSingle && text.find('"') == std::string_view::npos ? '"' : '\'';
    std::string out(1, quote);
    for (const char32_t character : decode(text)) {
        if (character == U'\\' || character == static_cast<char32_t>(quote)) {
            out += '\\';
            appendCharacter(out, character);
        } else if (character == U'\n' || character == U'\r' || character == U'\t') {
            out += character == U'\n' ? "\\n" : character == U'\r' ? "\\r" : "\\t";
        } else if (isPrintable(character)) {
            appendCharacter(out, character);
        } else if (character < 0x100) {
            out += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(character));
        } else if (character < 0x10000) {
            out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(character));
        } else {
            out += fmt::format("\\U{:08x}", static_cast<std::uint32_t>(character));
        }
    }
    return out + quote;
}

std::string jsonQuoted(std::string_view text, bool asciiOnly)
{
    constexpr std::string_view kLetters = "\"\\\n\r\t\f\b";
    constexpr std::string_view kEscapes = "\"\\nrtfb";
    std::string out = "\"";
    for (const char32_t character : decode(text)) {
        const std::size_t place =
            character < 0x80 ? kLetters.find(static_cast<char>(character)) : std::string_view::npos;
        const auto code = static_cast<std::uint32_t>(character);
        if (place != std::string_view::npos) {
            out += '\\';
            out += kEscapes[place];
        } else if (code < 0x20 || (asciiOnly && code > 0x7E && code < 0x10000)) {
            out += fmt::format("\\u{:04x}", code);
        } else if (asciiOnly && code >= 0x10000) {
            out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((code - 0x10000) >> 10U), 0xDC00 + (code & 0x3FFU));
        } else {
            appendCharacter(out, character);
        }
    }
    return out + '"';
}

} // namespace bitlathe::text::jinja
