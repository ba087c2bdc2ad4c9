// SPDX-License-Identifier: Apache-2.0
// Characters of template strings, classified and cased as Python does it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bitlathe::text::jinja
{

/// Code points of well-formed UTF-8; bytes that are none become U+FFFD.
std::u32string decode(std::string_view text);
std::string encode(std::u32string_view characters);
void appendCharacter(std::string& text, char32_t character);
std::size_t countCharacters(std::string_view text);

bool isSpace(char32_t character);
bool isPrintable(char32_t character);
bool isLetter(char32_t character);
bool isUpper(char32_t character);
bool isLower(char32_t character);
char32_t toUpper(char32_t character);
char32_t toLower(char32_t character);
/// Of a whole text; a sharp s becomes two letters.
std::string upperText(std::string_view text);
std::string lowerText(std::string_view text);

/// Without the white space (or, where given, the characters of set) at its ends.
std::string_view stripText(std::string_view text, bool left, bool right);
std::string stripText(std::string_view text, std::string_view set, bool left, bool right);

} // namespace bitlathe::text::jinja
