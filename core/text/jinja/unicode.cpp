// SPDX-License-Identifier: Apache-2.0
// Characters of template strings, classified and cased as Python does it.
#include "core/text/jinja/unicode.h"

#include "core/text/utf8.h"

#include <utf8proc.h>

#include <algorithm>

namespace bitlathe::text::jinja
{

namespace
{

constexpr char32_t kSharpS = 0xDF;

utf8proc_category_t categoryOf(char32_t character)
{
    return utf8proc_category(static_cast<utf8proc_int32_t>(character));
}

/// The first character of text and its bytes.
struct Character
{
    char32_t code = 0xFFFD;
    std::size_t bytes = 1;
};

Character firstCharacter(std::string_view text)
{
    const std::size_t bytes = characterLength(text);
    if (bytes == 0) {
        return {};
    }
    utf8proc_int32_t code = 0xFFFD;
    utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(bytes),
                     &code);
    return {static_cast<char32_t>(code), bytes};
}

/// The last character of text, which is not empty.
Character lastCharacter(std::string_view text)
{
    constexpr std::size_t kMostBytes = 4;
    for (std::size_t bytes = 1; bytes <= std::min(kMostBytes, text.size()); ++bytes) {
        const std::string_view end = text.substr(text.size() - bytes);
        if (characterLength(end) == bytes) {
            return firstCharacter(end);
        }
    }
    return {};
}

} // namespace

std::u32string decode(std::string_view text)
{
    std::u32string characters;
    characters.reserve(text.size());
    while (!text.empty()) {
        const Character first = firstCharacter(text);
        characters.push_back(first.code);
        text.remove_prefix(first.bytes);
    }
    return characters;
}

void appendCharacter(std::string& text, char32_t character)
{
    constexpr std::size_t kMostBytes = 4;
    utf8proc_uint8_t bytes[kMostBytes];
    const utf8proc_ssize_t count = utf8proc_encode_char(static_cast<utf8proc_int32_t>(character), bytes);
    if (count <= 0) {
        text += kReplacement;
    } else {
        text.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
    }
}

std::string encode(std::u32string_view characters)
{
    std::string text;
    for (const char32_t character : characters) {
        appendCharacter(text, character);
    }
    return text;
}

std::size_t countCharacters(std::string_view text)
{
    std::size_t count = 0;
    for (const char byte : text) {
        count += (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U ? 0 : 1;
    }
    return count;
}

bool isSpace(char32_t character)
{
    return (character >= 0x09 && character <= 0x0D) || (character >= 0x1C && character <= 0x20) || character == 0x85 ||
           character == 0xA0 || character == 0x1680 || (character >= 0x2000 && character <= 0x200A) ||
           character == 0x2028 || character == 0x2029 || character == 0x202F || character == 0x205F ||
           character == 0x3000;
}

bool isPrintable(char32_t character)
{
    switch (categoryOf(character)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return false;
    case UTF8PROC_CATEGORY_ZS: return character == U' ';
    default: return true;
    }
}

bool isLetter(char32_t character)
{
    const utf8proc_category_t category = categoryOf(character);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool isUpper(char32_t character)
{
    return categoryOf(character) == UTF8PROC_CATEGORY_LU;
}

bool isLower(char32_t character)
{
    return categoryOf(character) == UTF8PROC_CATEGORY_LL;
}

char32_t toUpper(char32_t character)
{
    return static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(character)));
}

char32_t toLower(char32_t character)
{
    return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(character)));
}

std::string upperText(std::string_view text)
{
    std::string upper;
    for (const char32_t character : decode(text)) {
        if (character == kSharpS) {
            upper += "SS";
        } else {
            appendCharacter(upper, toUpper(character));
        }
    }
    return upper;
}

std::string lowerText(std::string_view text)
{
    std::string lower;
    for (const char32_t character : decode(text)) {
        appendCharacter(lower, toLower(character));
    }
    return lower;
}

std::string_view stripText(std::string_view text, bool left, bool right)
{
    while (left && !text.empty()) {
        const Character first = firstCharacter(text);
        if (!isSpace(first.code)) {
            break;
        }
        text.remove_prefix(first.bytes);
    }
    while (right && !text.empty()) {
        const Character last = lastCharacter(text);
        if (!isSpace(last.code)) {
            break;
        }
        text.remove_suffix(last.bytes);
    }
    return text;
}

std::string stripText(std::string_view text, std::string_view set, bool left, bool right)
{
    const std::u32string characters = decode(text);
    const std::u32string unwanted = decode(set);
    std::u32string_view rest = characters;
    while (left && !rest.empty() && unwanted.find(rest.front()) != std::u32string::npos) {
        rest.remove_prefix(1);
    }
    while (right && !rest.empty() && unwanted.find(rest.back()) != std::u32string::npos) {
        rest.remove_suffix(1);
    }
    return encode(rest);
}

} // namespace bitlathe::text::jinja
