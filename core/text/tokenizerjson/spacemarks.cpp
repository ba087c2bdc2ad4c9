// SPDX-License-Identifier: Apache-2.0
// SpaceMarks: the Metaspace part of tokenizer.json, which writes spaces as U+2581.
#include "core/text/tokenizerjson/spacemarks.h"

#include "core/text/tokenizerjson/parts.h"
#include "core/text/tokenizerjson/pattern.h"

namespace bitlathe::text
{

Result<SpaceMarks> SpaceMarks::parse(const Json& json, const std::string& subject)
{
    const JsonObject object(json, subject);
    SpaceMarks marks;
    BITLATHE_TRY(marks.m_mark, oneCharacter(object, "replacement", kSpaceMark, subject));
    BITLATHE_TRY(const std::string scheme, object.string("prepend_scheme", "always"));
    BITLATHE_TRY(const bool addsSpace, object.boolean("add_prefix_space", true));
    BITLATHE_TRY(marks.m_splits, object.boolean("split", true));
    if (scheme != "always" && scheme != "first" && scheme != "never") {
        return unknownType("prepend_scheme", scheme, subject);
    }
    marks.m_prefix = scheme == "never" || !addsSpace ? Prefix::Never
                     : scheme == "first"             ? Prefix::First
                                                     : Prefix::Always;
    return marks;
}

std::string SpaceMarks::mark(const Piece& piece) const
{
    std::string marked = Pattern::literal(" ").replaceAll(piece.text, m_mark);
    const bool wantsPrefix = m_prefix == Prefix::Always || (m_prefix == Prefix::First && piece.isFirst);
    return wantsPrefix && !marked.starts_with(m_mark) ? m_mark + marked : marked;
}

std::string SpaceMarks::unmark(std::string_view token, bool isFirst) const
{
    const std::string_view space = isFirst && m_prefix != Prefix::Never ? "" : " ";
    return Pattern::literal(m_mark).replaceAll(token, space);
}

} // namespace bitlathe::text
