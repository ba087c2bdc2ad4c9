// SPDX-License-Identifier: Apache-2.0
// Operations on texts that filters and methods share, with Python's meaning.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::text::jinja
{

/// The first character upper, the others lower case.
std::string capitalized(std::string_view text);
/// Every run of letters with its first one upper case, as str.title() does it.
std::string titled(std::string_view text);
/// Every word with its first character upper case, as the filter title does it.
std::string titledWords(std::string_view text);
/// At most count replacements; all where below 0.
std::string replaced(std::string_view text, std::string_view before, std::string_view after, std::int64_t count);
/// Lines without their breaks.
std::vector<std::string> linesOf(std::string_view text);
/// Parts between white space, at most count splits; all where below 0.
std::vector<std::string> splitAtSpace(std::string_view text, std::int64_t count, bool fromEnd);
/// Parts between separators; separator is not empty.
std::vector<std::string> splitAt(std::string_view text, std::string_view separator, std::int64_t count, bool fromEnd);

} // namespace bitlathe::text::jinja
