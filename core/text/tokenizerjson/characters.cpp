// SPDX-License-Identifier: Apache-2.0
// Characters of UTF-8 texts and their Unicode classes, as the tokenizers library draws the lines.
#include "core/text/tokenizerjson/characters.h"

#include "core/text/utf8.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace bitlathe::text
{

namespace
{

constexpr std::size_t kLetters = 324; ///< Letters of bytes are below: 256 + the 68 bytes that are not themselves.

utf8proc_category_t categoryOf(char32_t code)
{
    return utf8proc_category(static_cast<utf8proc_int32_t>(code));
}

bool isItsOwnLetter(unsigned byte)
{
    return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct ByteLetters
{
    std::array<char32_t, 256> letters{};
    std::array<std::int16_t, kLetters> bytes{};

    ByteLetters()
    {
        bytes.fill(-1);
        char32_t next = 256;
        for (unsigned byte = 0; byte < 256; ++byte) {
            letters[byte] = isItsOwnLetter(byte) ? static_cast<char32_t>(byte) : next++;
            bytes[letters[byte]] = static_cast<std::int16_t>(byte);
        }
    }
};

const ByteLetters& byteLetters()
{
    static const ByteLetters table;
    return table;
}

/// Bytes of the longest start of a character at the front of bytes that hold no whole one there; at least 1.
std::size_t brokenLength(std::string_view bytes)
{
    const auto lead = static_cast<unsigned char>(bytes.front());
    if (lead < 0xC2 || lead > 0xF4) {
        return 1;
    }
    const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    // Padded with the least continuation that a second byte may have, a good start is a good character.
    for (std::size_t kept = std::min(length - 1, bytes.size()); kept > 1; --kept) {
        std::string padded(bytes.substr(0, kept));
        padded.append(length - kept, '\x80');
        if (characterLength(padded) == length) {
            return kept;
        }
    }
    return 1;
}

} // namespace

Character characterAt(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[at + i])); };
    const char32_t lead = byte(0);
    if (lead < 0x80) {
        return {lead, 1};
    }
    if (lead < 0xE0) {
        return {((lead & 0x1FU) << 6U) | (byte(1) & 0x3FU), 2};
    }
    if (lead < 0xF0) {
        return {((lead & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU), 3};
    }
    return {((lead & 0x07U) << 18U) | ((byte(1) & 0x3FU) << 12U) | ((byte(2) & 0x3FU) << 6U) | (byte(3) & 0x3FU), 4};
}

void appendCharacter(std::string& text, char32_t code)
{
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto count = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), bytes.data());
    text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(count));
}

bool isWhiteSpace(char32_t code)
{
    return (code >= 9 && code <= 13) || code == ' ' || code == 0x85 || code == 0xA0 || code == 0x1680 ||
           (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F ||
           code == 0x3000;
}

bool isNumber(char32_t code)
{
    const auto category = categoryOf(code);
    return category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NL || category == UTF8PROC_CATEGORY_NO;
}

bool isMark(char32_t code)
{
    const auto category = categoryOf(code);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME;
}

bool isNonspacingMark(char32_t code)
{
    return categoryOf(code) == UTF8PROC_CATEGORY_MN;
}

bool isOther(char32_t code)
{
    const auto category = categoryOf(code);
    return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_CS ||
           category == UTF8PROC_CATEGORY_CO;
}

bool isPunctuation(char32_t code)
{
    if (code < 0x80) {
        return code > ' ' && code < 0x7F && !(code >= '0' && code <= '9') && !(code >= 'A' && code <= 'Z') &&
               !(code >= 'a' && code <= 'z');
    }
    const auto category = categoryOf(code);
    return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}

bool isWordCharacter(char32_t code)
{
    const auto category = categoryOf(code);
    const bool isCircledLetter = (code >= 0x24B6 && code <= 0x24E9) || (code >= 0x1F130 && code <= 0x1F149) ||
                                 (code >= 0x1F150 && code <= 0x1F169) || (code >= 0x1F170 && code <= 0x1F189);
    const bool isJoiner = code == 0x200C || code == 0x200D;
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NL) || category == UTF8PROC_CATEGORY_PC ||
           isCircledLetter || isJoiner;
}

void appendLower(std::string& text, char32_t code)
{
    if (code == 0x130) { // The one capital whose small form is two characters.
        text += "i\xCC\x87";
        return;
    }
    appendCharacter(text, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(code))));
}

void appendLossy(std::string& text, std::string_view bytes)
{
    while (!bytes.empty()) {
        const std::size_t good = firstInvalidByte(bytes).value_or(bytes.size());
        text += bytes.substr(0, good);
        bytes.remove_prefix(good);
        if (!bytes.empty()) {
            text += kReplacement;
            bytes.remove_prefix(brokenLength(bytes));
        }
    }
}

char32_t letterOfByte(unsigned char byte)
{
    return byteLetters().letters[byte];
}

std::string lettersOfBytes(std::string_view bytes)
{
    std::string letters;
    letters.reserve(bytes.size() + bytes.size() / 2);
    for (const char byte : bytes) {
        appendCharacter(letters, letterOfByte(static_cast<unsigned char>(byte)));
    }
    return letters;
}

void appendBytesOfLetters(std::string& bytes, std::string_view letters)
{
    const std::size_t before = bytes.size();
    for (std::size_t at = 0; at < letters.size();) {
        const Character character = characterAt(letters, at);
        const int byte = character.code < kLetters ? byteLetters().bytes[character.code] : -1;
        if (byte < 0) {
            bytes.resize(before);
            bytes += letters;
            return;
        }
        bytes += static_cast<char>(byte);
        at += character.length;
    }
}

} // namespace bitlathe::text
