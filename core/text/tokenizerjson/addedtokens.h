// SPDX-License-Identifier: Apache-2.0
// AddedTokens: the tokens of tokenizer.json that are found in a text as they stand.
#pragma once

#include "core/base/json.h"
#include "core/text/tokenizer.h"
#include "core/text/tokenizerjson/bytetrie.h"
#include "core/text/tokenizerjson/normalizer.h"

#include <unordered_map>

namespace bitlathe::text
{

struct AddedTokenRule
{
    std::string content;
    TokenId id = 0;
    bool isSpecial = false;    ///< Left out of decoded text where special tokens are skipped.
    bool isNormalized = false; ///< Found in the normalized text instead of the original one.
    bool isSingleWord = false; ///< Only where no word character stands beside it.
    bool stripsLeft = false;   ///< White space before it belongs to it.
    bool stripsRight = false;
};

/// Reads the section "added_tokens". Errors: TokenizerInvalid, ConfigInvalid.
Result<std::vector<AddedTokenRule>> parseAddedTokens(const Json& json, const std::string& subject);

/// Immutable; any thread.
class AddedTokens
{
public:
    struct Part
    {
        std::string_view text;
        const AddedTokenRule* token = nullptr; ///< Where the part is a token.
    };

    AddedTokens(std::vector<AddedTokenRule> rules, const Normalizer& normalizer);

    /// Cuts a text at the tokens of one of the two kinds: the leftmost first, of those the longest. No empty part.
    std::vector<Part> split(std::string_view text, bool isNormalized) const;

    const AddedTokenRule* find(TokenId id) const;
    const std::vector<AddedTokenRule>& rules() const { return m_rules; }

private:
    std::vector<AddedTokenRule> m_rules;
    ByteTrie m_original;   ///< Values are places in m_rules.
    ByteTrie m_normalized; ///< Of contents in their normal form.
    std::unordered_map<TokenId, std::size_t> m_byId;
};

} // namespace bitlathe::text
