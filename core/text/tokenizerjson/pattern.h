// SPDX-License-Identifier: Apache-2.0
// Pattern: what is searched for in a text, a string or a regular expression.
#pragma once

#include "core/base/json.h"

#include <cstddef>
#include <memory>
#include <optional>

namespace bitlathe::text
{

struct Match
{
    std::size_t begin = 0; ///< Bytes.
    std::size_t end = 0;
};

/// Immutable; any thread.
class Pattern
{
public:
    /// A string that stands for itself; not empty.
    static Pattern literal(std::string text);
    /// A regular expression of Oniguruma's dialect, at most 64 KiB. Errors: TokenizerInvalid, NotSupported.
    static Result<Pattern> regex(std::string_view source, const std::string& subject);
    /// {"String": text} or {"Regex": source}.
    static Result<Pattern> parse(const Json& json, const std::string& subject);

    /// The first match that begins at from or behind, in a well-formed text. A search that takes more steps than a
    /// sane pattern does finds nothing.
    std::optional<Match> find(std::string_view text, std::size_t from) const;

    std::string replaceAll(std::string_view text, std::string_view content) const;

private:
    struct Code;

    std::string m_literal;
    std::shared_ptr<const Code> m_code; ///< Null: the literal counts.
};

/// Where the search for the match behind this one begins: an empty match is never found twice.
std::size_t searchFrom(std::string_view text, const Match& match);

} // namespace bitlathe::text
