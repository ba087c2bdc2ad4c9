// SPDX-License-Identifier: Apache-2.0
// The patterns of words that whole families of tokenizers share.
#pragma once

#include <string_view>

namespace bitlathe::text
{

/// GPT-2: contractions; letters, digits or other characters, each with a space before them; white space.
inline constexpr std::string_view kGpt2Words =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

/// Qwen 2: contractions of any case, letters with one other character before them, single digits, line ends apart.
inline constexpr std::string_view kQwen2Words =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

} // namespace bitlathe::text
