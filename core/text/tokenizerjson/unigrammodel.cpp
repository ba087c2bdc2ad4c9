// SPDX-License-Identifier: Apache-2.0
// UnigramModel: the cut of a word into pieces whose scores add up to the most.
#include "core/text/tokenizerjson/unigrammodel.h"

#include "core/text/tokenizerjson/characters.h"

#include <algorithm>

namespace bitlathe::text
{

namespace
{

constexpr double kUnknownPenalty = 10; ///< How much worse than the worst piece an unknown character is.

/// The best way to a byte of a word.
struct BestPath
{
    double score = 0;
    std::size_t begin = 0; ///< Of the last piece.
    TokenId id = -1;
    bool isReached = false;

    void offer(double offered, std::size_t from, TokenId piece)
    {
        if (!isReached || offered > score) {
            *this = {offered, from, piece, true};
        }
    }
};

} // namespace

Result<std::shared_ptr<const UnigramModel>> UnigramModel::make(TokenTable pieces, std::vector<double> scores,
                                                               std::optional<TokenId> unknown, bool fallsBackToBytes,
                                                               const std::string& subject)
{
    if (unknown && (*unknown < 0 || *unknown >= pieces.size())) {
        return fail(ErrorCode::TokenizerInvalid, subject,
                    Text(BITLATHE_TEXT("unk_id to be below %1, the size of the vocabulary"), pieces.size()),
                    Text(BITLATHE_TEXT("%1"), *unknown),
                    Text(BITLATHE_TEXT("Take the file from the model's original folder")));
    }
    const auto model = std::make_shared<UnigramModel>();
    double least = 0;
    for (TokenId id = 0; id < pieces.size(); ++id) {
        const std::string_view piece = pieces.piece(id);
        if (pieces.find(piece) == id) { // Of equal pieces the last one counts.
            model->m_trie.add(piece, id);
        }
        least = std::min(least, scores[static_cast<std::size_t>(id)]);
    }
    for (unsigned byte = 0; byte < 256; ++byte) {
        model->m_fallbackIds[byte] = pieces.find(fmt::format("<0x{:02X}>", byte)).value_or(-1);
    }
    model->m_pieces = std::move(pieces);
    model->m_scores = std::move(scores);
    model->m_unknown = unknown.value_or(-1);
    model->m_unknownScore = least - kUnknownPenalty;
    model->m_fallsBackToBytes = fallsBackToBytes;
    return model;
}

void UnigramModel::append(std::string_view word, ModelScratch& scratch, std::vector<TokenId>& ids) const
{
    const WordCache::Place place = scratch.cache.find(word);
    if (place.isKnown()) {
        const std::span<const TokenId> known = place.ids();
        ids.insert(ids.end(), known.begin(), known.end());
        return;
    }
    const std::size_t before = ids.size();
    appendBest(word, ids);
    scratch.cache.add(place, word, std::span(ids).subspan(before));
}

void UnigramModel::appendBest(std::string_view word, std::vector<TokenId>& ids) const
{
    std::vector<BestPath> paths(word.size() + 1); // By the byte they end at.
    for (std::size_t at = 0; at < word.size();) {
        const std::size_t length = characterAt(word, at).length;
        const double score = paths[at].score;
        bool hasCharacter = false;
        m_trie.forEach(word.substr(at), [&](TokenId id, std::size_t bytes) {
            paths[at + bytes].offer(score + m_scores[static_cast<std::size_t>(id)], at, id);
            hasCharacter = hasCharacter || bytes == length;
        });
        if (!hasCharacter) {
            paths[at + length].offer(score + m_unknownScore, at, -1);
        }
        at += length;
    }
    std::vector<std::size_t> ends;
    for (std::size_t end = word.size(); end > 0; end = paths[end].begin) {
        ends.push_back(end);
    }
    std::size_t unknownBegin = word.size(); // Of the run of unknown characters that is open; word.size(): none.
    for (auto end = ends.rbegin(); end != ends.rend(); ++end) {
        const BestPath& path = paths[*end];
        const bool isUnknown = path.id < 0 || path.id == m_unknown;
        if (!isUnknown && unknownBegin < path.begin) {
            appendUnknown(word.substr(unknownBegin, path.begin - unknownBegin), ids);
        }
        unknownBegin = isUnknown ? std::min(unknownBegin, path.begin) : word.size();
        if (!isUnknown) {
            ids.push_back(path.id);
        }
    }
    if (unknownBegin < word.size()) {
        appendUnknown(word.substr(unknownBegin), ids);
    }
}

void UnigramModel::appendUnknown(std::string_view run, std::vector<TokenId>& ids) const
{
    const auto fallback = [this](char byte) { return m_fallbackIds[static_cast<unsigned char>(byte)]; };
    if (m_fallsBackToBytes && std::all_of(run.begin(), run.end(), [&](char byte) { return fallback(byte) >= 0; })) {
        std::transform(run.begin(), run.end(), std::back_inserter(ids), fallback);
    } else if (m_unknown >= 0) {
        ids.push_back(m_unknown);
    }
}

} // namespace bitlathe::text
