// SPDX-License-Identifier: Apache-2.0
// WordPiece and WordLevel: words cut greedily into the longest pieces, and whole words.
#include "core/text/tokenizerjson/wordmodels.h"

#include "core/text/tokenizerjson/characters.h"

#include <algorithm>

namespace bitlathe::text
{

WordPieceModel::WordPieceModel(TokenTable pieces, WordPieceSettings settings)
    : m_pieces(std::move(pieces)), m_settings(std::move(settings))
{}

void WordPieceModel::append(std::string_view word, ModelScratch&, std::vector<TokenId>& ids) const
{
    const std::size_t before = ids.size();
    if (appendPieces(word, ids)) {
        return;
    }
    ids.resize(before);
    if (m_settings.unknown >= 0) {
        ids.push_back(m_settings.unknown);
    }
}

/// False where a part of the word is in no piece.
bool WordPieceModel::appendPieces(std::string_view word, std::vector<TokenId>& ids) const
{
    if (m_settings.isWholeWords) {
        const std::optional<TokenId> id = m_pieces.find(word);
        if (id) {
            ids.push_back(*id);
        }
        return id.has_value();
    }
    std::vector<std::size_t> ends; // Of the characters.
    for (std::size_t at = 0; at < word.size() && ends.size() <= m_settings.maxCharacters;) {
        at += characterAt(word, at).length;
        ends.push_back(at);
    }
    if (ends.size() > m_settings.maxCharacters) {
        return false;
    }
    std::size_t begin = 0;
    while (begin < word.size()) {
        const std::string prefix = begin > 0 ? m_settings.continuingPrefix : std::string();
        std::optional<TokenId> id;
        for (auto end = ends.rbegin(); end != ends.rend() && *end > begin && !id; ++end) {
            id = m_pieces.find(prefix + std::string(word.substr(begin, *end - begin)));
            if (id) {
                ids.push_back(*id);
                begin = *end;
                break;
            }
        }
        if (!id) {
            return false;
        }
    }
    return true;
}

} // namespace bitlathe::text
