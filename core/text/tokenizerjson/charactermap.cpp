// SPDX-License-Identifier: Apache-2.0
// CharacterMap: SentencePiece's precompiled normalization rules, as tokenizer.json carries them.
#include "core/text/tokenizerjson/charactermap.h"

#include "core/text/base64.h"
#include "core/text/tokenizerjson/characters.h"
#include "core/text/utf8.h"

#include <utf8proc.h>

#include <cstring>

namespace bitlathe::text
{

namespace
{

constexpr std::size_t kMaxCluster = 5; ///< Bytes; longer clusters are looked up character by character.

/// Fields of a unit of the Darts double array.
bool hasLeaf(std::uint32_t unit)
{
    return (unit >> 8U & 1U) != 0;
}
std::uint32_t valueOf(std::uint32_t unit)
{
    return unit & 0x7FFFFFFFU;
}
std::uint32_t labelOf(std::uint32_t unit)
{
    return unit & 0x800000FFU;
}
std::uint32_t offsetOf(std::uint32_t unit)
{
    return (unit >> 10U) << ((unit & 0x200U) >> 6U);
}

/// Bytes of the grapheme cluster that begins at a byte.
std::size_t clusterLength(std::string_view text, std::size_t at)
{
    Character last = characterAt(text, at);
    std::size_t end = at + last.length;
    utf8proc_int32_t state = 0;
    while (end < text.size()) {
        const Character next = characterAt(text, end);
        if (utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(last.code),
                                             static_cast<utf8proc_int32_t>(next.code), &state)) {
            break;
        }
        end += next.length;
        last = next;
    }
    return end - at;
}

} // namespace

Result<CharacterMap> CharacterMap::parse(std::string_view base64, const std::string& subject)
{
    CharacterMap map;
    const std::optional<std::string> bytes = decodeBase64(base64);
    std::uint32_t bytesTrie = 0;
    if (bytes && bytes->size() >= sizeof bytesTrie) {
        std::memcpy(&bytesTrie, bytes->data(), sizeof bytesTrie);
    }
    const std::size_t begin = sizeof bytesTrie;
    const bool isGood = bytes && bytesTrie >= sizeof(std::uint32_t) && bytesTrie % sizeof(std::uint32_t) == 0 &&
                        bytes->size() - begin > bytesTrie && !firstInvalidByte(bytes->substr(begin + bytesTrie));
    if (!isGood) {
        return fail(ErrorCode::TokenizerInvalid, subject,
                    Text(BITLATHE_TEXT("precompiled_charsmap to hold a trie and its replacements in Base64")),
                    Text(BITLATHE_TEXT("damaged bytes")), Text(BITLATHE_TEXT("Copy or download the file again")));
    }
    map.m_units.resize(bytesTrie / sizeof(std::uint32_t));
    std::memcpy(map.m_units.data(), bytes->data() + begin, bytesTrie);
    map.m_replacements = bytes->substr(begin + bytesTrie);
    return map;
}

std::optional<std::string_view> CharacterMap::replacement(std::string_view characters) const
{
    std::size_t node = offsetOf(m_units[0]);
    for (const char character : characters) {
        const auto byte = static_cast<unsigned char>(character);
        node ^= byte;
        if (byte == 0 || node >= m_units.size() || labelOf(m_units[node]) != byte) {
            return std::nullopt;
        }
        const std::uint32_t unit = m_units[node];
        node ^= offsetOf(unit);
        if (hasLeaf(unit)) { // The shortest match counts, for all of the characters.
            const std::size_t begin = node < m_units.size() ? valueOf(m_units[node]) : m_replacements.size();
            if (begin >= m_replacements.size()) {
                return std::nullopt;
            }
            const std::string_view rest = std::string_view(m_replacements).substr(begin);
            const std::string_view found = rest.substr(0, rest.find('\0'));
            return firstInvalidByte(found) ? std::nullopt : std::optional(found);
        }
    }
    return std::nullopt;
}

std::string CharacterMap::normalize(std::string_view text) const
{
    std::string normalized;
    normalized.reserve(text.size() + text.size() / 4);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = clusterLength(text, at);
        const std::string_view cluster = text.substr(at, length);
        at += length;
        const auto whole = length <= kMaxCluster ? replacement(cluster) : std::nullopt;
        if (whole) {
            normalized += *whole;
            continue;
        }
        for (std::size_t i = 0; i < length;) {
            const std::string_view one = cluster.substr(i, characterAt(cluster, i).length);
            normalized += replacement(one).value_or(one);
            i += one.size();
        }
    }
    return normalized;
}

} // namespace bitlathe::text
