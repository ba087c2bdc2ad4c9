// SPDX-License-Identifier: Apache-2.0
// Characters of UTF-8 texts and their Unicode classes, as the tokenizers library draws the lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bitlathe::text
{

struct Character
{
    char32_t code = 0;
    std::size_t length = 0; ///< Bytes, 1 ... 4.
};

/// The character at a byte of a well-formed text; at < text.size().
Character characterAt(std::string_view text, std::size_t at);
void appendCharacter(std::string& text, char32_t code);

bool isWhiteSpace(char32_t code); ///< The property White_Space.
bool isNumber(char32_t code);     ///< Nd, Nl, No.
bool isMark(char32_t code);       ///< Mn, Mc, Me.
bool isNonspacingMark(char32_t code);
bool isOther(char32_t code);                        ///< Control, format and private characters.
bool isPunctuation(char32_t code);                  ///< ASCII punctuation and symbols, and the category P.
bool isWordCharacter(char32_t code);                ///< Letters, marks, digits and what joins them: \w of Rust.
void appendLower(std::string& text, char32_t code); ///< Without regard to context.

/// Appends bytes; each longest start of a character that is none becomes one U+FFFD.
void appendLossy(std::string& text, std::string_view bytes);

/// How byte-level vocabularies write a byte: a printable character of its own.
char32_t letterOfByte(unsigned char byte);
/// Every byte of a text as its letter.
std::string lettersOfBytes(std::string_view bytes);
/// Bytes of a text of letters; the text itself where another character is among them.
void appendBytesOfLetters(std::string& bytes, std::string_view letters);

} // namespace bitlathe::text
