// SPDX-License-Identifier: Apache-2.0
// NamePattern: regular expressions over layer names.
#include "core/format/namepattern.h"

#include "core/base/patterns.h"

namespace bitlathe::format
{

Result<NamePattern> NamePattern::create(const std::string& text, std::size_t markLength, const std::string& key,
                                        const std::string& subject)
{
    constexpr std::size_t kPatternMax = 1000;
    if (text.size() > kPatternMax) {
        return fail(ErrorCode::NotSupported, subject,
                    Text(BITLATHE_TEXT("patterns of at most %1 characters in %2"), kPatternMax, key),
                    Text(BITLATHE_TEXT("one of %1"), text.size()),
                    Text(BITLATHE_TEXT("Replace it by several shorter patterns")));
    }
    // Patterns come from files: matching them must not take exponential time.
#ifdef __GLIBCXX__
    constexpr auto kSyntax = std::regex::ECMAScript | std::regex_constants::__polynomial;
#else
    constexpr auto kSyntax = std::regex::ECMAScript;
#endif
    try {
        if (!hasHugeNumber(text)) {
            return NamePattern(std::regex(text.substr(markLength), kSyntax));
        }
    } catch (const std::regex_error&) {
        // Told below.
    }
    return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("regular expressions in %1"), key),
                Text(BITLATHE_TEXT("%1"), text),
                Text(BITLATHE_TEXT("Replace the pattern by the full names of the layers")));
}

bool NamePattern::matches(const std::string& name) const
{
    return std::regex_search(name, m_expression, std::regex_constants::match_continuous);
}

} // namespace bitlathe::format
