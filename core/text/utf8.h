// SPDX-License-Identifier: Apache-2.0
// UTF-8: where a text stops being well-formed.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace bitlathe::text {

/// What a decoder shows for bytes that are no character: U+FFFD.
inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Bytes of the well-formed character that text starts with, 1 ... 4; 0 where there is none.
std::size_t characterLength(std::string_view text);

/// Offset of the first byte that belongs to no well-formed character; nothing where all do.
std::optional<std::size_t> firstInvalidByte(std::string_view text);

/// The line, from 1, that the byte at offset is in.
std::size_t lineOfByte(std::string_view text, std::size_t offset);

} // namespace bitlathe::text
