// SPDX-License-Identifier: Apache-2.0
// Tokenizer: text <-> token ids, as the model's own library does it.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::text
{

using TokenId = std::int32_t;

/// Immutable; any thread.
class Tokenizer
{
public:
    virtual ~Tokenizer() = default;

    /// Ids of text without special tokens added.
    virtual std::vector<TokenId> encode(std::string_view text) const = 0;
    /// encode() with the special tokens that the model's own tokenizer puts around a text (such as a leading bos).
    virtual std::vector<TokenId> encodeWithSpecial(std::string_view text) const = 0;
    /// Text of ids; bytes that are no UTF-8 become U+FFFD. Ids outside the vocabulary decode to nothing.
    virtual std::string decode(std::span<const TokenId> ids, bool skipSpecial = true) const = 0;
    /// The piece of one id as it stands in the vocabulary, for display.
    virtual std::string piece(TokenId id) const = 0;

    virtual std::int64_t vocabularySize() const = 0;
    virtual std::optional<TokenId> bos() const = 0;
    virtual std::optional<TokenId> eos() const = 0;
    virtual std::string kind() const = 0;        ///< Such as "sentencepiece bpe" or "byte-level bpe", for inspect.
    virtual std::string fingerprint() const = 0; ///< Equal for tokenizers that give equal ids.
};

/// Opens the tokenizer of a folder. Of several files the first of these counts: tokenizer.json, tokenizer.model,
/// spiece.model (both SentencePiece), tokenizer.tiktoken with pattern.txt, qwen.tiktoken, vocab.json with merges.txt;
/// one that cannot be read is an error, never passed over for the next. tokenizer_config.json, special_tokens_map.json
/// and added_tokens.json tell of special tokens; with tokenizer.json, its post-processor alone tells what is put around
/// a text. Errors: TokenizerInvalid, ConfigInvalid, FileInvalid, FileMissing, NotSupported (naming what was found).
Result<std::shared_ptr<const Tokenizer>> openTokenizer(const std::filesystem::path& folder);

/// TokenizerInvalid unless every id of the tokenizer has a row in a vocabulary of this many.
Result<void> checkFits(const Tokenizer& tokenizer, std::int64_t vocabularyRows, const std::filesystem::path& folder);

} // namespace bitlathe::text
