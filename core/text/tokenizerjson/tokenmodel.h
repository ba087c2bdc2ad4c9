// SPDX-License-Identifier: Apache-2.0
// TokenModel: how the words of a text become tokens of a vocabulary.
#pragma once

#include "core/text/tokenizer.h"
#include "core/text/tokenizerjson/mergequeue.h"
#include "core/text/tokenizerjson/wordcache.h"

namespace bitlathe::text
{

/// A place in a word that is being merged.
struct MergeSymbol
{
    TokenId id = 0;
    std::int32_t previous = -1;
    std::int32_t next = -1;
};

/// What one thread keeps while it tokenizes.
struct ModelScratch
{
    WordCache cache;
    std::vector<TokenId> symbols;
    std::vector<MergeSymbol> chain;
    MergeQueue queue;
};

/// Immutable; any thread, each with a scratch of its own.
class TokenModel
{
public:
    virtual ~TokenModel() = default;

    /// Appends the tokens of a word.
    virtual void append(std::string_view word, ModelScratch& scratch, std::vector<TokenId>& ids) const = 0;
    virtual std::optional<TokenId> find(std::string_view piece) const = 0;
    /// Empty where no piece has the id.
    virtual std::string_view piece(TokenId id) const = 0;
    /// The greatest id and one.
    virtual TokenId size() const = 0;
    virtual std::string_view name() const = 0; ///< Such as "bpe".
};

} // namespace bitlathe::text
