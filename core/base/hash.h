// SPDX-License-Identifier: Apache-2.0
// Hashes: a fast one that names cached things, and SHA-256 for provenance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace bitlathe
{

/// Streaming XXH3-128. Feed in any pieces; the digest depends on the bytes only.
class FastHash
{
public:
    FastHash();
    ~FastHash();
    FastHash(FastHash&&) noexcept;
    FastHash& operator=(FastHash&&) noexcept;

    FastHash& add(std::span<const std::byte> bytes);
    FastHash& add(std::string_view text); ///< Also adds the length, so that ("a", "bc") differs from ("ab", "c").
    FastHash& add(std::int64_t value);

    /// 32 hexadecimal digits.
    std::string digest() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// SHA-256 as 64 hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);

} // namespace bitlathe
