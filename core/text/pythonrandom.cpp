// SPDX-License-Identifier: Apache-2.0
// PythonRandom: the numbers of Python's random module, which other tools choose their samples with.
#include "core/text/pythonrandom.h"

#include <bit>

namespace bitlathe::text
{

PythonRandom::PythonRandom(std::uint64_t seed)
{
    constexpr std::uint32_t kFirst = 19650218U;
    const std::array<std::uint32_t, 2> key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)};
    const std::size_t keyWords = key[1] == 0 ? 1 : 2;
    m_state[0] = kFirst;
    for (std::uint32_t i = 1; i < kWords; ++i) {
        m_state[i] = 1812433253U * (m_state[i - 1] ^ (m_state[i - 1] >> 30U)) + i;
    }
    std::size_t i = 1;
    std::uint32_t j = 0;
    const auto step = [&] {
        if (++i == kWords) {
            m_state[0] = m_state[kWords - 1];
            i = 1;
        }
    };
    for (std::size_t k = 0; k < kWords; ++k) {
        m_state[i] = (m_state[i] ^ ((m_state[i - 1] ^ (m_state[i - 1] >> 30U)) * 1664525U)) + key[j] + j;
        step();
        j = j + 1 == keyWords ? 0 : j + 1;
    }
    for (std::size_t k = 1; k < kWords; ++k) {
        m_state[i] =
            (m_state[i] ^ ((m_state[i - 1] ^ (m_state[i - 1] >> 30U)) * 1566083941U)) - static_cast<std::uint32_t>(i);
        step();
    }
    m_state[0] = 0x80000000U;
}

void PythonRandom::twist()
{
    constexpr std::size_t kApart = 397;
    for (std::size_t i = 0; i < kWords; ++i) {
        const std::uint32_t mixed = (m_state[i] & 0x80000000U) | (m_state[(i + 1) % kWords] & 0x7FFFFFFFU);
        m_state[i] = m_state[(i + kApart) % kWords] ^ (mixed >> 1U) ^ ((mixed & 1U) != 0 ? 0x9908B0DFU : 0U);
    }
    m_at = 0;
}

std::uint32_t PythonRandom::next()
{
    if (m_at == kWords) {
        twist();
    }
    std::uint32_t word = m_state[m_at++];
    word ^= word >> 11U;
    word ^= (word << 7U) & 0x9D2C5680U;
    word ^= (word << 15U) & 0xEFC60000U;
    return word ^ (word >> 18U);
}

std::uint64_t PythonRandom::upTo(std::uint64_t highest)
{
    constexpr int kWordBits = 32;
    const int bits = static_cast<int>(std::bit_width(highest + 1));
    for (;;) {
        // As getrandbits(): the low word first, the last one cut to the bits that are wanted.
        std::uint64_t number = 0;
        int done = 0;
        for (; bits - done > kWordBits; done += kWordBits) {
            number |= std::uint64_t{next()} << static_cast<unsigned>(done);
        }
        number |= std::uint64_t{next() >> static_cast<unsigned>(kWordBits - (bits - done))}
                  << static_cast<unsigned>(done);
        if (number <= highest) {
            return number;
        }
    }
}

} // namespace bitlathe::text
