// SPDX-License-Identifier: Apache-2.0
// GrowingText: the text of a completion, token by token.
#pragma once

#include "core/text/tokenizer.h"

#include <string>
#include <vector>

namespace bitlathe::text
{

/// What each token adds to the text of those before it. A token does not stand for itself: blanks depend on the one
/// before, and a character can take several. Only the last tokens are decoded again.
class GrowingText
{
public:
    /// tokenizer: outlives this.
    explicit GrowingText(const Tokenizer& tokenizer) : m_tokenizer(tokenizer) {}

    /// The whole characters that id adds; empty where it ends within one, which then come with a later token.
    std::string add(TokenId id);
    /// What is left of tokens that never made a whole character.
    std::string rest() const;

private:
    const Tokenizer& m_tokenizer;
    std::vector<TokenId> m_ids; ///< From the one on that the last piece needs to its left.
    std::size_t m_told = 0;     ///< Of m_ids, those whose text was given.
};

} // namespace bitlathe::text
