// SPDX-License-Identifier: Apache-2.0
// WordPiece and WordLevel: words cut greedily into the longest pieces, and whole words.
#pragma once

#include "core/text/tokenizerjson/tokenmodel.h"
#include "core/text/tokenizerjson/tokentable.h"

namespace bitlathe::text
{

struct WordPieceSettings
{
    std::string continuingPrefix = "##"; ///< Of every piece but the first of a word.
    std::size_t maxCharacters = 100;     ///< Longer words are unknown.
    bool isWholeWords = false;           ///< WordLevel: a word is one piece or unknown.
    TokenId unknown = -1;
};

/// Immutable; any thread.
class WordPieceModel final : public TokenModel
{
public:
    WordPieceModel(TokenTable pieces, WordPieceSettings settings);

    void append(std::string_view word, ModelScratch& scratch, std::vector<TokenId>& ids) const override;
    std::optional<TokenId> find(std::string_view piece) const override { return m_pieces.find(piece); }
    std::string_view piece(TokenId id) const override { return m_pieces.piece(id); }
    TokenId size() const override { return m_pieces.size(); }
    std::string_view name() const override { return m_settings.isWholeWords ? "wordlevel" : "wordpiece"; }

private:
    bool appendPieces(std::string_view word, std::vector<TokenId>& ids) const;

    TokenTable m_pieces;
    WordPieceSettings m_settings;
};

} // namespace bitlathe::text
