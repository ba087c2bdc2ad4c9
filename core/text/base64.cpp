// SPDX-License-Identifier: Apache-2.0
// Base64, in which tokenizer files write bytes.
#include "core/text/base64.h"

#include <array>
#include <cstdint>

namespace bitlathe::text
{

namespace
{

constexpr std::uint32_t kNone = 64;

constexpr std::array<std::uint8_t, 256> makeDigits()
{
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<std::uint8_t, 256> digits{};
    digits.fill(kNone);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return digits;
}

constexpr std::array<std::uint8_t, 256> kDigits = makeDigits();

} // namespace

std::optional<std::string> decodeBase64(std::string_view text)
{
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    const std::string_view digits = text.substr(0, text.size() - padding);
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const std::uint32_t digit = kDigits[static_cast<unsigned char>(digits[i])];
        if (digit == kNone) {
            return std::nullopt;
        }
        bits = (bits << 6U) | digit;
        if (i % 4 != 0) {
            bytes += static_cast<char>(bits >> (6U - 2U * static_cast<unsigned>(i % 4)) & 0xFFU);
        }
    }
    return bytes;
}

} // namespace bitlathe::text
