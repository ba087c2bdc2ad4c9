// SPDX-License-Identifier: Apache-2.0
// PythonRandom: the numbers of Python's random module, which other tools choose their samples with.
#pragma once

#include <array>
#include <cstdint>

namespace bitlathe::text
{

/// Mersenne Twister, seeded as random.seed(number) does it. std::mt19937 can't be seeded so.
class PythonRandom
{
public:
    explicit PythonRandom(std::uint64_t seed);

    /// random.randint(0, highest).
    std::uint64_t upTo(std::uint64_t highest);

private:
    static constexpr std::size_t kWords = 624;

    std::uint32_t next();
    void twist();

    std::array<std::uint32_t, kWords> m_state{};
    std::size_t m_at = kWords;
};

} // namespace bitlathe::text
