// SPDX-License-Identifier: Apache-2.0
// CharacterMap: SentencePiece's precompiled normalization rules, as tokenizer.json carries them.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::text
{

/// A double-array trie of character sequences and what each is replaced by. Immutable; any thread.
class CharacterMap
{
public:
    /// From the Base64 text of precompiled_charsmap. Errors: TokenizerInvalid.
    static Result<CharacterMap> parse(std::string_view base64, const std::string& subject);

    std::string normalize(std::string_view text) const;

private:
    std::optional<std::string_view> replacement(std::string_view characters) const;

    std::vector<std::uint32_t> m_units;
    std::string m_replacements; ///< Each ends with a zero.
};

} // namespace bitlathe::text
