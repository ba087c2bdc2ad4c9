// SPDX-License-Identifier: Apache-2.0
// Unicode's normal forms and the other rewritings of single characters that normalizers are made of.
#pragma once

#include <string>
#include <string_view>

namespace bitlathe::text
{

enum class UnicodeForm { Nfc, Nfd, Nfkc, Nfkd };

/// Texts in and out are well-formed.
std::string toForm(std::string_view text, UnicodeForm form);
std::string toLower(std::string_view text);
std::string withoutMarks(std::string_view text);
std::string withoutNonspacingMarks(std::string_view text);
std::string stripped(std::string_view text, bool left, bool right);
/// The rules of machine translation's texts: no control characters, white space of all kinds as spaces.
std::string forTranslation(std::string_view text);
/// BERT's cleaning: no control characters, white space of all kinds as spaces.
std::string cleaned(std::string_view text);
/// Spaces around Chinese characters.
std::string withSpacedChinese(std::string_view text);

} // namespace bitlathe::text
