// SPDX-License-Identifier: Apache-2.0
// Splitter: what becomes of the matches of a pattern when a text is cut at them.
#pragma once

#include "core/base/json.h"
#include "core/text/tokenizerjson/characters.h"
#include "core/text/tokenizerjson/pattern.h"
#include "core/text/tokenizerjson/piecesink.h"

namespace bitlathe::text
{

enum class SplitBehaviour { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };

/// Reads a behaviour's name, written either way ("MergedWithNext", "merged_with_next"). Errors: TokenizerInvalid.
Result<SplitBehaviour> parseBehaviour(std::string_view name, const std::string& subject);

/// Takes matches and what lies between them in order and hands on the pieces that a behaviour makes of them.
class Splitter
{
public:
    Splitter(const Piece& whole, SplitBehaviour behaviour, const PieceSink& sink)
        : m_whole(whole), m_behaviour(behaviour), m_sink(sink)
    {}

    void add(std::size_t begin, std::size_t end, bool isMatch)
    {
        switch (m_behaviour) {
        case SplitBehaviour::Removed:
            if (!isMatch) {
                emit(begin, end);
            }
            return;
        case SplitBehaviour::Isolated: emit(begin, end); return;
        case SplitBehaviour::MergedWithPrevious: merge(begin, end, isMatch && !m_lastIsMatch, isMatch); return;
        case SplitBehaviour::MergedWithNext: merge(begin, end, m_lastIsMatch && !isMatch, isMatch); return;
        case SplitBehaviour::Contiguous: merge(begin, end, m_lastIsMatch == isMatch, isMatch); return;
        }
    }

    void finish()
    {
        if (m_hasPending) {
            emit(m_pending.begin, m_pending.end);
        }
    }

private:
    void merge(std::size_t begin, std::size_t end, bool joins, bool isMatch)
    {
        if (m_hasPending && !joins) {
            emit(m_pending.begin, m_pending.end);
        }
        m_pending = {m_hasPending && joins ? m_pending.begin : begin, end};
        m_hasPending = true;
        m_lastIsMatch = isMatch;
    }

    void emit(std::size_t begin, std::size_t end) const
    {
        if (begin < end) {
            m_sink({m_whole.text.substr(begin, end - begin), m_whole.isFirst && begin == 0});
        }
    }

    const Piece& m_whole;
    SplitBehaviour m_behaviour;
    const PieceSink& m_sink;
    Match m_pending;
    bool m_hasPending = false;
    bool m_lastIsMatch = false;
};

/// Cuts a piece at the matches that find(from) gives; inverted: at what lies between them.
template <typename Find>
void splitAtMatches(const Piece& piece, Find find, SplitBehaviour behaviour, bool isInverted, const PieceSink& sink)
{
    Splitter splitter(piece, behaviour, sink);
    std::size_t done = 0;
    for (std::optional<Match> match = find(0); match; match = find(searchFrom(piece.text, *match))) {
        if (match->begin > done) {
            splitter.add(done, match->begin, isInverted);
        }
        splitter.add(match->begin, match->end, !isInverted);
        done = match->end;
    }
    if (done < piece.text.size()) {
        splitter.add(done, piece.text.size(), isInverted);
    }
    splitter.finish();
}

/// Cuts a piece at the single characters for whose code isMatch(code) is true.
template <typename IsMatch>
void splitAtCharacters(const Piece& piece, IsMatch isMatch, SplitBehaviour behaviour, const PieceSink& sink)
{
    const auto find = [&](std::size_t from) -> std::optional<Match> {
        for (std::size_t at = from; at < piece.text.size();) {
            const Character character = characterAt(piece.text, at);
            if (isMatch(character.code)) {
                return Match{at, at + character.length};
            }
            at += character.length;
        }
        return std::nullopt;
    };
    splitAtMatches(piece, find, behaviour, false, sink);
}

} // namespace bitlathe::text
