// SPDX-License-Identifier: Apache-2.0
// TokenizerDocument: a tokenizer.json that was parsed, its long lists apart from its settings.
#pragma once

#include "core/base/json.h"
#include "core/text/tokenizer.h"

#include <memory>
#include <utility>

namespace bitlathe::text
{

struct TokenizerDocument
{
    struct Piece
    {
        std::string_view text;
        TokenId id = 0;
        double score = 0; ///< Of a unigram vocabulary, which lists its pieces in order of id.
    };

    Json settings; ///< Everything but the two lists below; the model's own settings are under "model".
    std::vector<Piece> pieces;
    std::size_t bytesPieces = 0;                                       ///< Length of all pieces together.
    std::vector<std::pair<std::string_view, std::string_view>> merges; ///< In order of rank.
    std::shared_ptr<const void> owner;                                 ///< Of what the views show.
};

/// Parses the text of a tokenizer.json. subject names the file in errors: FileInvalid (no JSON, or nested deeper than
/// 64), TokenizerInvalid (a list of another form, or longer than kMaxTokens or kMaxMerges).
Result<TokenizerDocument> parseTokenizerDocument(std::string text, const std::string& subject);

/// Parses the text of a vocab.json, which is the vocabulary alone. Errors as above.
Result<TokenizerDocument> parseVocabularyDocument(std::string text, const std::string& subject);

} // namespace bitlathe::text
