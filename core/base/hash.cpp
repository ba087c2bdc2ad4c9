// SPDX-License-Identifier: Apache-2.0
// Hashes: a fast one that names cached things, and SHA-256 for provenance.
#include "core/base/hash.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <xxhash.h>

#include <array>

namespace bitlathe
{

struct FastHash::State
{
    XXH3_state_t* xxh = XXH3_createState();
    State() { XXH3_128bits_reset(xxh); }
    ~State() { XXH3_freeState(xxh); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

FastHash::FastHash() : m_state(std::make_unique<State>()) {}
FastHash::~FastHash() = default;
FastHash::FastHash(FastHash&&) noexcept = default;
FastHash& FastHash::operator=(FastHash&&) noexcept = default;

FastHash& FastHash::add(std::span<const std::byte> bytes)
{
    XXH3_128bits_update(m_state->xxh, bytes.data(), bytes.size());
    return *this;
}

FastHash& FastHash::add(std::string_view text)
{
    add(static_cast<std::int64_t>(text.size()));
    return add(std::as_bytes(std::span(text.data(), text.size())));
}

FastHash& FastHash::add(std::int64_t value)
{
    return add(std::as_bytes(std::span(&value, 1)));
}

std::string FastHash::digest() const
{
    const XXH128_hash_t hash = XXH3_128bits_digest(m_state->xxh);
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string sha256(std::span<const std::byte> bytes)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
    std::string text;
    for (unsigned int i = 0; i < length; ++i) {
        text += fmt::format("{:02x}", digest[i]);
    }
    return text;
}

} // namespace bitlathe
