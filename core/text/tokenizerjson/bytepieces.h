// SPDX-License-Identifier: Apache-2.0
// The pieces <0x00> ... <0xFF> that stand for single bytes.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bitlathe::text
{

inline std::optional<std::uint8_t> byteOfPiece(std::string_view piece)
{
    if (piece.size() != 6 || !piece.starts_with("<0x") || !piece.ends_with('>')) {
        return std::nullopt;
    }
    std::uint8_t byte = 0;
    const auto [end, error] = std::from_chars(piece.data() + 3, piece.data() + 5, byte, 16);
    return error == std::errc() && end == piece.data() + 5 ? std::optional(byte) : std::nullopt;
}

} // namespace bitlathe::text
