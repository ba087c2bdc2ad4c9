// SPDX-License-Identifier: Apache-2.0
// UnigramModel: the cut of a word into pieces whose scores add up to the most.
#pragma once

#include "core/text/tokenizerjson/bytetrie.h"
#include "core/text/tokenizerjson/tokenmodel.h"
#include "core/text/tokenizerjson/tokentable.h"

#include <array>
#include <memory>

namespace bitlathe::text
{

/// Time grows with the length of a word times that of the longest piece.
class UnigramModel final : public TokenModel
{
public:
    /// scores are those of the pieces by id. Errors: TokenizerInvalid (an unknown token outside the vocabulary).
    static Result<std::shared_ptr<const UnigramModel>> make(TokenTable pieces, std::vector<double> scores,
                                                            std::optional<TokenId> unknown, bool fallsBackToBytes,
                                                            const std::string& subject);

    void append(std::string_view word, ModelScratch& scratch, std::vector<TokenId>& ids) const override;
    std::optional<TokenId> find(std::string_view piece) const override { return m_pieces.find(piece); }
    std::string_view piece(TokenId id) const override { return m_pieces.piece(id); }
    TokenId size() const override { return m_pieces.size(); }
    std::string_view name() const override { return "unigram"; }

private:
    void appendBest(std::string_view word, std::vector<TokenId>& ids) const;
    void appendUnknown(std::string_view run, std::vector<TokenId>& ids) const;

    TokenTable m_pieces;
    std::vector<double> m_scores;
    ByteTrie m_trie;
    std::array<TokenId, 256> m_fallbackIds{}; ///< The pieces <0x00> ... <0xFF>; -1: none.
    TokenId m_unknown = -1;
    double m_unknownScore = 0;
    bool m_fallsBackToBytes = false;
};

} // namespace bitlathe::text
