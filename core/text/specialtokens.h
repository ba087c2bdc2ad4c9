// SPDX-License-Identifier: Apache-2.0
// Special tokens: what tokenizer_config.json and its companions say beside the vocabulary itself.
#pragma once

#include "core/text/tokenizer.h"

#include <array>
#include <functional>
#include <unordered_map>

namespace bitlathe::text {

/// A token that is found in the text as it stands, before the rest of the text is tokenized.
struct AddedToken
{
    std::string content;
    TokenId id = 0;
    bool isSpecial = true;   ///< Left out of decoded text where special tokens are skipped.
    bool stripsLeft = false; ///< White space before it belongs to it.
    bool stripsRight = false;
};

/// The settings of a folder's tokenizer, from tokenizer_config.json, special_tokens_map.json and added_tokens.json.
struct TokenizerSettings
{
    bool isConfigured = false;     ///< There is a tokenizer_config.json; else the library's own behaviour counts.
    std::vector<AddedToken> added; ///< In order of id.
    std::optional<TokenId> bos;
    std::optional<TokenId> eos;
    bool addsBos = false;
    bool addsEos = false;
    bool isLegacy = true; ///< LlamaTokenizer's "legacy": every text between special tokens gets a prefix space.
};

/// What the vocabulary itself knows.
struct VocabularyFacts
{
    std::function<std::optional<TokenId>(const std::string&)> find; ///< Id of a piece.
    std::optional<AddedToken> bos;
    std::optional<AddedToken> eos;
    std::optional<AddedToken> unknown;
};

/// Reads the settings of a folder. Without tokenizer_config.json the vocabulary's own bos is put in front, or, where it
/// has none (the T5 family), its eos behind. Errors: TokenizerInvalid, ConfigInvalid, FileInvalid.
Result<TokenizerSettings> readTokenizerSettings(const std::filesystem::path& folder, const VocabularyFacts& vocabulary);

/// Cuts a text at its added tokens: the leftmost first, of those the longest.
class AddedTokenSplitter
{
public:
    struct Part
    {
        std::string_view text;             ///< Of the text that was split.
        const AddedToken* token = nullptr; ///< Where the part is a token.
    };

    explicit AddedTokenSplitter(std::vector<AddedToken> tokens);
    AddedTokenSplitter(const AddedTokenSplitter&) = delete;
    AddedTokenSplitter& operator=(const AddedTokenSplitter&) = delete;

    /// No empty part; what a token strips is part of the token.
    std::vector<Part> split(std::string_view text) const;

    const std::vector<AddedToken>& tokens() const { return m_tokens; }
    /// The added token of an id, or null.
    const AddedToken* find(TokenId id) const;

private:
    const AddedToken* matchAt(std::string_view rest) const;

    std::vector<AddedToken> m_tokens;
    std::array<std::vector<const AddedToken*>, 256> m_byFirstByte; ///< Longest first.
    std::unordered_map<TokenId, const AddedToken*> m_byId;
};

} // namespace bitlathe::text
