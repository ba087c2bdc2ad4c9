// SPDX-License-Identifier: Apache-2.0
// Simd512Bf16: Simd512 with the bf16 dot product. Only for files compiled with the flags of that level.
#pragma once

#include "kernels/cpu/simdavx512.h"
#include "kernels/cpu/table.h"

namespace bitlathe::kernels::cpu
{

namespace
{

struct Simd512Bf16 : Simd512
{
    static constexpr bool kHasDot = true;
    using Pairs = __m512i;

    static Pairs loadDot(const std::uint32_t* p) { return _mm512_loadu_si512(p); }
    static Pairs setDot(std::uint32_t pair) { return _mm512_set1_epi32(static_cast<int>(pair)); }
    static V dot(V sum, Pairs a, Pairs b)
    {
        return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
    }
    /// 32 floats as 16 pairs of bf16, in the lanes of a float vector.
    static V loadAsPairs(const float* p)
    {
        return _mm512_castsi512_ps(reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(load(p + kLanes), load(p))));
    }
    static V asFloats(Pairs pairs) { return _mm512_castsi512_ps(pairs); } ///< The same bits.
    static Pairs pairsOfHalves(V first, V second)
    {
        return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second, first));
    }
    /// 16 values as bf16, twice.
    static Pairs dotTable(V values)
    {
        return _mm512_broadcast_i64x4(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(values)));
    }
    /// bf16 values at the low four bits of every word.
    static Pairs lookUpDot(Pairs table, Ints index) { return _mm512_permutexvar_epi16(index, table); }
    /// Pairs of bf16 of the lanes of two rows.
    static V pairsOf(V first, V second)
    {
        const auto low = _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(first)));
        const auto high = _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(second)));
        return _mm512_castsi512_ps(_mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
    }
    /// A block of weights as bf16 in their order.
    static void storeBf16(float* to, const V (&v)[kKeyBlock / kLanes])
    {
        auto* out = reinterpret_cast<char*>(to);
#pragma GCC unroll 4
        for (int i = 0; i < kKeyBlock / kLanes; i += 2) {
            const auto both = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(v[i + 1], v[i]));
            _mm512_storeu_si512(out + static_cast<std::ptrdiff_t>(i) * 32, both);
        }
    }
};

} // namespace

} // namespace bitlathe::kernels::cpu
