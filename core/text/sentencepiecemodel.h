// SPDX-License-Identifier: Apache-2.0
// The few facts of a SentencePiece model file that the library keeps to itself.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace bitlathe::text {

enum class SentencePieceKind
{
    Unigram,
    Bpe,
    Word,
    Character
};

struct SentencePieceFacts
{
    SentencePieceKind kind = SentencePieceKind::Unigram;
    std::string unknownSurface = " \xE2\x81\x87 "; ///< What an unknown piece decodes to.
    bool spaceEndsPiece = false;                   ///< White space is a suffix of pieces, not a prefix.
    bool hasCharacterMap = false;                  ///< The text is normalized, such as by NFKC.
    bool addsPrefixSpace = true;
    bool removesExtraSpaces = true;
    bool escapesSpaces = true;
    bool hasSelfTest = false;
    std::int64_t pieces = 0;
};

/// Reads the facts of a serialized model (protocol buffers, sentencepiece_model.proto). subject names it in the error.
Result<SentencePieceFacts> readSentencePieceFacts(std::string_view serialized, const std::string& subject);

/// The bytes that, put behind a serialized model, make it add no prefix space.
std::string_view withoutPrefixSpace();

} // namespace bitlathe::text
