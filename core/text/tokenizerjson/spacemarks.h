// SPDX-License-Identifier: Apache-2.0
// SpaceMarks: the Metaspace part of tokenizer.json, which writes spaces as U+2581.
#pragma once

#include "core/base/json.h"
#include "core/text/tokenizerjson/piecesink.h"

namespace bitlathe::text
{

/// What U+2581 is in UTF-8.
inline constexpr std::string_view kSpaceMark = "\xE2\x96\x81";

/// Immutable; any thread.
class SpaceMarks
{
public:
    /// Reads a Metaspace section, of a pre-tokenizer or a decoder. Errors: TokenizerInvalid, ConfigInvalid.
    static Result<SpaceMarks> parse(const Json& json, const std::string& subject);

    const std::string& mark() const { return m_mark; }
    bool splits() const { return m_splits; } ///< A word begins with each mark.
    /// The text with marks for spaces and, where the scheme says so, one in front.
    std::string mark(const Piece& piece) const;
    /// A token with spaces for marks; of the first token, marks go where encoding may have put one in front.
    std::string unmark(std::string_view token, bool isFirst) const;

private:
    enum class Prefix { Always, First, Never };

    std::string m_mark;
    Prefix m_prefix = Prefix::Always;
    bool m_splits = true;
};

} // namespace bitlathe::text
