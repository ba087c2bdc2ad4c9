// SPDX-License-Identifier: Apache-2.0
// Conversions of spans between f32, bf16 and f16.
#include "kernels/scalars.h"

#include "kernels/cpulevel.h"

#include <bit>
#include <cassert>
#include <cstdint>

#if defined(__x86_64__)
#    include <immintrin.h>
#endif

namespace bitlathe::kernels {

namespace {

/// Round to nearest even in integer arithmetic; the compiler vectorizes the loop around it.
inline std::uint16_t bf16Bits(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t rounded = bits + 0x7FFFU + ((bits >> 16U) & 1U);
    const std::uint32_t quiet = bits | 0x00400000U;
    const bool nan = (bits & 0x7FFFFFFFU) > 0x7F800000U;
    return static_cast<std::uint16_t>((nan ? quiet : rounded) >> 16U);
}

#if defined(__x86_64__)

// The F16C instructions round as asked for and keep NaN; they exist on every machine above the reference level.
__attribute__((target("avx2,f16c"))) std::size_t widenF16(const F16* in, float* out, std::size_t count)
{
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i));
        _mm256_storeu_ps(out + i, _mm256_cvtph_ps(half));
    }
    return i;
}

__attribute__((target("avx2,f16c"))) std::size_t narrowF16(const float* in, F16* out, std::size_t count)
{
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m128i half = _mm256_cvtps_ph(_mm256_loadu_ps(in + i), _MM_FROUND_TO_NEAREST_INT);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), half);
    }
    return i;
}

__attribute__((target("avx2"), optimize("O3"))) void widenBf16(const std::uint16_t* in, float* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = std::bit_cast<float>(static_cast<std::uint32_t>(in[i]) << 16U);
    }
}

__attribute__((target("avx2"), optimize("O3"))) void narrowBf16(const float* in, std::uint16_t* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = bf16Bits(in[i]);
    }
}

#else

std::size_t widenF16(const F16*, float*, std::size_t)
{
    return 0;
}

std::size_t narrowF16(const float*, F16*, std::size_t)
{
    return 0;
}

#endif

bool vectorized()
{
    return cpuLevel() >= CpuLevel::Avx2;
}

} // namespace

void convert(std::span<const Bf16> in, std::span<float> out)
{
    assert(in.size() == out.size());
#if defined(__x86_64__)
    if (vectorized()) {
        widenBf16(reinterpret_cast<const std::uint16_t*>(in.data()), out.data(), in.size());
        return;
    }
#endif
    for (std::size_t i = 0; i < in.size(); ++i) {
        out[i] = static_cast<float>(in[i]);
    }
}

void convert(std::span<const F16> in, std::span<float> out)
{
    assert(in.size() == out.size());
    const std::size_t done = vectorized() ? widenF16(in.data(), out.data(), in.size()) : 0;
    for (std::size_t i = done; i < in.size(); ++i) {
        out[i] = static_cast<float>(in[i]);
    }
}

void convert(std::span<const float> in, std::span<Bf16> out)
{
    assert(in.size() == out.size());
#if defined(__x86_64__)
    if (vectorized()) {
        narrowBf16(in.data(), reinterpret_cast<std::uint16_t*>(out.data()), in.size());
        return;
    }
#endif
    for (std::size_t i = 0; i < in.size(); ++i) {
        out[i] = std::bit_cast<Bf16>(bf16Bits(in[i]));
    }
}

void convert(std::span<const float> in, std::span<F16> out)
{
    assert(in.size() == out.size());
    const std::size_t done = vectorized() ? narrowF16(in.data(), out.data(), in.size()) : 0;
    for (std::size_t i = done; i < in.size(); ++i) {
        out[i] = static_cast<F16>(in[i]);
    }
}

} // namespace bitlathe::kernels
