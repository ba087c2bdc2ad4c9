// SPDX-License-Identifier: Apache-2.0
// Tokenizers of the SentencePiece library (tokenizer.model).
#pragma once

#include "core/text/tokenizer.h"

namespace bitlathe::text {

/// Opens a SentencePiece model file; the settings beside it count. Errors: TokenizerInvalid, FileMissing, FileInvalid.
Result<std::shared_ptr<const Tokenizer>> openSentencePieceTokenizer(const std::filesystem::path& file);

} // namespace bitlathe::text
