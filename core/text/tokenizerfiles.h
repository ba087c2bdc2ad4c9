// SPDX-License-Identifier: Apache-2.0
// The tokenizer files that are not SentencePiece's: tokenizer.json, vocab.json with merges.txt, those of tiktoken.
#pragma once

#include "core/text/tokenizer.h"

namespace bitlathe::text
{

/// Where a folder's tokenizer and chat template lie: in it, or, for a TurboMind workspace, in its folder of tokenizers.
std::filesystem::path tokenizerFolder(const std::filesystem::path& folder);

/// Tokens around every turn of ChatML.
inline constexpr std::string_view kTurnStart = "<|im_start|>";
inline constexpr std::string_view kTurnEnd = "<|im_end|>";

/// Opens a tokenizer.json; tokenizer_config.json beside it counts. Errors: TokenizerInvalid, ConfigInvalid,
/// FileInvalid, NotSupported.
Result<std::shared_ptr<const Tokenizer>> openTokenizerJson(const std::filesystem::path& file);

/// Opens a vocab.json with the merges.txt beside it. The class in tokenizer_config.json tells the pattern of words:
/// GPT-2's (also without a class) or Qwen 2's. Errors as above, FileMissing.
Result<std::shared_ptr<const Tokenizer>> openVocabularyAndMerges(const std::filesystem::path& file);

/// Opens a tokenizer.tiktoken (lines of Base64 and rank) with the pattern of words in pattern.txt beside it. Tokens of
/// roles that have no rank get the ids behind the ranks. Errors as above.
Result<std::shared_ptr<const Tokenizer>> openTiktoken(const std::filesystem::path& file);

/// Opens a qwen.tiktoken, the same lines in the order of their ranks, as Qwen's own class does: text in form NFC, Qwen
/// 2's pattern of words; behind the ranks come <|endoftext|>, <|im_start|>, <|im_end|> and <|extra_0|> ...
/// <|extra_204|>. Errors as above.
Result<std::shared_ptr<const Tokenizer>> openQwenTiktoken(const std::filesystem::path& file);

} // namespace bitlathe::text
