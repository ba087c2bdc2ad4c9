// SPDX-License-Identifier: Apache-2.0
// The tokenizer files that are not SentencePiece's: tokenizer.json, vocab.json with merges.txt, tokenizer.tiktoken.
#pragma once

#include "core/text/tokenizer.h"

namespace bitlathe::text
{

/// Where a folder's tokenizer and chat template lie: in it, or, for a TurboMind workspace, in its folder of tokenizers.
std::filesystem::path tokenizerFolder(const std::filesystem::path& folder);

/// Opens a tokenizer.json; tokenizer_config.json beside it counts. Errors: TokenizerInvalid, ConfigInvalid,
/// FileInvalid, NotSupported.
Result<std::shared_ptr<const Tokenizer>> openTokenizerJson(const std::filesystem::path& file);

/// Opens a vocab.json with the merges.txt beside it. The class in tokenizer_config.json tells the pattern of words:
/// GPT-2's (also without a class) or Qwen 2's. Errors as above, FileMissing.
Result<std::shared_ptr<const Tokenizer>> openVocabularyAndMerges(const std::filesystem::path& file);

/// Opens a tokenizer.tiktoken (lines of Base64 and rank) with the pattern of words in pattern.txt beside it. Tokens of
/// roles that have no rank get the ids behind the ranks. Errors as above.
Result<std::shared_ptr<const Tokenizer>> openTiktoken(const std::filesystem::path& file);

} // namespace bitlathe::text
