// SPDX-License-Identifier: Apache-2.0
// A fingerprint of what a tokenizer does, whatever file it came from.
#include "core/text/tokenizerfingerprint.h"

#include "core/base/hash.h"
#include "core/text/tokenizerjson/pattern.h"
#include "core/text/tokenizerjson/spacemarks.h"

namespace bitlathe::text
{

namespace
{

/// What stands in a text where the piece of an id is meant.
std::string textOf(const Tokenizer& tokenizer, TokenId id, bool isByteLevel)
{
    if (isByteLevel) {
        return tokenizer.decode(std::span(&id, 1), false);
    }
    // Not decoded: libraries write unknown and broken pieces in different ways.
    return Pattern::literal(std::string(kSpaceMark)).replaceAll(tokenizer.piece(id), " ");
}

} // namespace

std::string fingerprintOf(const Tokenizer& tokenizer)
{
    FastHash hash;
    // Line ends show a piece at the beginning of a line, spaces at the beginning of a word.
    std::string lines;
    std::string words;
    const bool isByteLevel = tokenizer.kind().starts_with("byte-level");
    for (std::int64_t id = 0; id < tokenizer.vocabularySize(); ++id) {
        const auto token = static_cast<TokenId>(id);
        hash.add(tokenizer.piece(token));
        const std::string text = textOf(tokenizer, token, isByteLevel);
        (lines += text) += '\n';
        (words += text) += ' ';
    }
    for (const std::string& text : {lines, words}) {
        const std::vector<TokenId> ids = tokenizer.encodeWithSpecial(text);
        hash.add(std::as_bytes(std::span(ids)));
    }
    hash.add(tokenizer.bos().value_or(-1)).add(tokenizer.eos().value_or(-1));
    return hash.digest();
}

} // namespace bitlathe::text
