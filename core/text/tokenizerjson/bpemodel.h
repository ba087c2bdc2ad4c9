// SPDX-License-Identifier: Apache-2.0
// BpeModel: byte-pair encoding, which joins the symbols of a word by a ranked list of merges.
#pragma once

#include "core/text/tokenizerjson/pairtable.h"
#include "core/text/tokenizerjson/tokenmodel.h"
#include "core/text/tokenizerjson/tokentable.h"

#include <array>
#include <memory>

namespace bitlathe::text
{

struct BpeSettings
{
    bool takesBytes = false;       ///< Words are bytes, which the vocabulary writes as letters.
    bool fallsBackToBytes = false; ///< Characters without a piece become the pieces <0x00> ... <0xFF>.
    bool ignoresMerges = false;    ///< A word that is a piece is that piece.
    bool fusesUnknown = false;     ///< One unknown token for a run of them.
    std::string unknown;           ///< Empty: unknown characters vanish.
    std::string continuingPrefix;  ///< Of every piece but the first of a word.
    std::string endSuffix;         ///< Of the last piece of a word.
};

/// Time is n log n in the length of a word; short words and words seen before take far less.
class BpeModel final : public TokenModel
{
public:
    using Merge = std::pair<std::string_view, std::string_view>;

    /// merges in order of rank. Errors: TokenizerInvalid (a merge that names or makes no piece; an unknown token that
    /// is none).
    static Result<std::shared_ptr<const BpeModel>> make(TokenTable pieces, const std::vector<Merge>& merges,
                                                        BpeSettings settings, const std::string& subject);
    /// Of a vocabulary of byte strings written as letters whose ids are their ranks: what two pieces make is a merge
    /// wherever it is a piece.
    static Result<std::shared_ptr<const BpeModel>> makeRanked(TokenTable pieces, const std::string& subject);

    void append(std::string_view word, ModelScratch& scratch, std::vector<TokenId>& ids) const override;
    std::optional<TokenId> find(std::string_view piece) const override { return m_pieces.find(piece); }
    std::string_view piece(TokenId id) const override { return m_pieces.piece(id); }
    TokenId size() const override { return m_pieces.size(); }
    std::string_view name() const override { return "bpe"; }

    const BpeSettings& settings() const { return m_settings; }

private:
    class SymbolMaker;

    BpeModel(TokenTable pieces, BpeSettings settings);
    Result<void> addMerges(const std::vector<Merge>& merges, const std::string& subject);
    void addRankedMerges();
    Result<void> finish(const std::string& subject);
    bool canCutAtSpaces() const;
    void appendWord(std::string_view word, ModelScratch& scratch, std::vector<TokenId>& ids) const;
    void makeSymbols(std::string_view word, std::vector<TokenId>& symbols) const;

    TokenTable m_pieces;
    BpeSettings m_settings;
    PairTable m_merges;
    std::vector<bool> m_isMade;               ///< By id: some merge makes it.
    std::array<TokenId, 256> m_byteIds{};     ///< Pieces of single bytes (ASCII, or all bytes); -1: none.
    std::array<TokenId, 256> m_fallbackIds{}; ///< The pieces <0x00> ... <0xFF>.
    TokenId m_unknown = -1;
    bool m_cutsAtSpaces = false; ///< No merge joins a space mark to what stands before it.
};

} // namespace bitlathe::text
