// SPDX-License-Identifier: Apache-2.0
// TextSetFacts: how much text a set holds.
#pragma once

#include "core/text/textset.h"

namespace bitlathe::text
{

/// Rows with fewer tokens than below, and at least as many as the bin before it holds.
struct LengthBin
{
    std::int64_t below = 0; ///< Tokens; a power of two.
    std::int64_t rows = 0;
};

struct TextSetFacts
{
    std::int64_t rows = 0; ///< Not blank; token ids are one row.
    std::int64_t blankRows = 0;
    std::int64_t bytes = 0; ///< Of text.
    std::int64_t tokens = 0;
    std::int64_t shortest = 0; ///< Tokens of a row.
    std::int64_t median = 0;
    std::int64_t longest = 0;
    std::vector<LengthBin> lengths; ///< From 16 on, each twice the one before.
};

/// Without special tokens. Tokenizes rows on all cores. Errors: TokenizerInvalid (null, and rows of text).
Result<TextSetFacts> factsOf(const TextSet& set, const Tokenizer* tokenizer);

} // namespace bitlathe::text
