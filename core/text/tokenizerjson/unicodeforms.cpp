// SPDX-License-Identifier: Apache-2.0
// Unicode's normal forms and the other rewritings of single characters that normalizers are made of.
#include "core/text/tokenizerjson/unicodeforms.h"

#include "core/text/tokenizerjson/characters.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace bitlathe::text
{

namespace
{

bool isAscii(char byte)
{
    return static_cast<unsigned char>(byte) < 0x80;
}

utf8proc_option_t optionsOf(UnicodeForm form)
{
    int options = UTF8PROC_STABLE;
    switch (form) {
    case UnicodeForm::Nfc: options |= UTF8PROC_COMPOSE; break;
    case UnicodeForm::Nfd: options |= UTF8PROC_DECOMPOSE; break;
    case UnicodeForm::Nfkc: options |= UTF8PROC_COMPOSE | UTF8PROC_COMPAT; break;
    case UnicodeForm::Nfkd: options |= UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT; break;
    }
    return static_cast<utf8proc_option_t>(options);
}

/// Appends a stretch of text in its normal form.
void appendForm(std::string& out, std::string_view text, utf8proc_option_t options)
{
    utf8proc_uint8_t* mapped = nullptr;
    const utf8proc_ssize_t length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                 static_cast<utf8proc_ssize_t>(text.size()), &mapped, options);
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
    // A well-formed text has a normal form; what is left is no memory.
    out +=
        length < 0 ? text : std::string_view(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length));
}

/// Builds a text from what is done with each character of another one.
template <typename Append>
std::string rewritten(std::string_view text, Append append)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const Character character = characterAt(text, at);
        append(out, character.code, text.substr(at, character.length));
        at += character.length;
    }
    return out;
}

bool isChinese(char32_t code)
{
    constexpr std::pair<char32_t, char32_t> kRanges[] = {{0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF},
                                                         {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF},
                                                         {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};
    return std::any_of(std::begin(kRanges), std::end(kRanges),
                       [code](const auto& range) { return code >= range.first && code <= range.second; });
}

bool isTranslationControl(char32_t code)
{
    return (code >= 0x1 && code <= 0x8) || code == 0xB || (code >= 0xE && code <= 0x1F) || code == 0x7F ||
           code == 0x8F || code == 0x9F;
}

bool isTranslationSpace(char32_t code)
{
    return code == 0x9 || code == 0xA || code == 0xC || code == 0xD || code == 0x1680 ||
           (code >= 0x200B && code <= 0x200F) || code == 0x2028 || code == 0x2029 || code == 0x2581 || code == 0xFEFF ||
           code == 0xFFFD;
}

} // namespace

std::string toForm(std::string_view text, UnicodeForm form)
{
    // ASCII is its own normal form, but its last character before others may compose with them.
    std::string out;
    out.reserve(text.size());
    const utf8proc_option_t options = optionsOf(form);
    for (std::size_t at = 0; at < text.size();) {
        const auto other = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), isAscii);
        const auto begin = static_cast<std::size_t>(other - text.begin());
        const auto end = static_cast<std::size_t>(std::find_if(other, text.end(), isAscii) - text.begin());
        const std::size_t from = begin > at && begin < text.size() ? begin - 1 : begin;
        out += text.substr(at, from - at);
        if (from < end) {
            appendForm(out, text.substr(from, end - from), options);
        }
        at = end;
    }
    return out;
}

std::string toLower(std::string_view text)
{
    return rewritten(text, [](std::string& out, char32_t code, std::string_view) { appendLower(out, code); });
}

std::string withoutMarks(std::string_view text)
{
    return rewritten(text, [](std::string& out, char32_t code, std::string_view bytes) {
        out += isMark(code) ? std::string_view() : bytes;
    });
}

std::string withoutNonspacingMarks(std::string_view text)
{
    return rewritten(text, [](std::string& out, char32_t code, std::string_view bytes) {
        out += isNonspacingMark(code) ? std::string_view() : bytes;
    });
}

std::string stripped(std::string_view text, bool left, bool right)
{
    std::size_t begin = text.size();
    std::size_t end = 0;
    for (std::size_t at = 0; at < text.size();) {
        const Character character = characterAt(text, at);
        if (!isWhiteSpace(character.code)) {
            begin = std::min(begin, at);
            end = at + character.length;
        }
        at += character.length;
    }
    begin = left ? begin : 0;
    end = right ? end : text.size();
    return std::string(text.substr(begin, end > begin ? end - begin : 0));
}

std::string forTranslation(std::string_view text)
{
    return rewritten(text, [](std::string& out, char32_t code, std::string_view bytes) {
        if (!isTranslationControl(code)) {
            out += isTranslationSpace(code) ? " " : bytes;
        }
    });
}

std::string cleaned(std::string_view text)
{
    return rewritten(text, [](std::string& out, char32_t code, std::string_view bytes) {
        const bool isSpace = code == '\t' || code == '\n' || code == '\r' || isWhiteSpace(code);
        const bool isLine = code == '\t' || code == '\n' || code == '\r';
        if (code != 0 && code != 0xFFFD && (isLine || !isOther(code))) {
            out += isSpace ? " " : bytes;
        }
    });
}

std::string withSpacedChinese(std::string_view text)
{
    return rewritten(text, [](std::string& out, char32_t code, std::string_view bytes) {
        const std::string_view space = isChinese(code) ? " " : "";
        ((out += space) += bytes) += space;
    });
}

} // namespace bitlathe::text
