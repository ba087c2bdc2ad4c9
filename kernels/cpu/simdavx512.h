// SPDX-License-Identifier: Apache-2.0
// Simd512: sixteen floats at a time, for the loop templates. Only for files compiled with the AVX-512 flags.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace bitlathe::kernels::cpu
{

namespace
{

struct Simd512
{
    using V = __m512;
    struct D
    {
        __m512d low = _mm512_setzero_pd();
        __m512d high = _mm512_setzero_pd();
    };

    static constexpr int kLanes = 16;
    static constexpr int kTileRows = 14; ///< 28 sums, two panel vectors and one factor fill the 32 registers.

    static __mmask16 mask(std::int64_t count) { return static_cast<__mmask16>((1U << count) - 1U); }
    static V zero() { return _mm512_setzero_ps(); }
    static V set(float value) { return _mm512_set1_ps(value); }
    static V load(const float* p) { return _mm512_loadu_ps(p); }
    static void store(float* p, V v) { _mm512_storeu_ps(p, v); }
    /// The first count lanes; the others are zero. 0 < count < kLanes.
    static V loadPart(const float* p, std::int64_t count) { return _mm512_maskz_loadu_ps(mask(count), p); }
    static void storePart(float* p, V v, std::int64_t count) { _mm512_mask_storeu_ps(p, mask(count), v); }
    /// v with lanes from count on replaced by other's.
    static V keepPart(V v, V other, std::int64_t count) { return _mm512_mask_blend_ps(mask(count), other, v); }

    static V add(V a, V b) { return _mm512_add_ps(a, b); }
    static V sub(V a, V b) { return _mm512_sub_ps(a, b); }
    static V mul(V a, V b) { return _mm512_mul_ps(a, b); }
    static V div(V a, V b) { return _mm512_div_ps(a, b); }
    static V fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
    static V max(V a, V b) { return _mm512_max_ps(a, b); }
    static V min(V a, V b) { return _mm512_min_ps(a, b); }
    static V abs(V a) { return _mm512_abs_ps(a); }
    static float sum(V v) { return _mm512_reduce_add_ps(v); }
    static float largest(V v) { return _mm512_reduce_max_ps(v); }

    /// value * 2^n for whole n; zero or infinity where that is out of range.
    static V scale2(V value, V n) { return _mm512_scalef_ps(value, n); }
    static V round(V v) { return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
    static constexpr float kLowestExponent = -110.0F;

    /// Sixteen pairs of bf16: the first and the second of each as f32.
    static void loadPairs(const void* p, V& first, V& second)
    {
        const __m512i bits = _mm512_loadu_si512(p);
        first = _mm512_castsi512_ps(_mm512_slli_epi32(bits, 16));
        second = _mm512_castsi512_ps(_mm512_and_si512(bits, _mm512_set1_epi32(static_cast<int>(0xFFFF0000U))));
    }
    static V loadHalf(const std::uint16_t* p)
    {
        return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    }
    /// Rounded to bf16, ties to even, kept as f32. NaN stays NaN.
    static V roundBf16(V v)
    {
        const __m512i bits = _mm512_castps_si512(v);
        const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
        const __m512i sum = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFF)));
        const __m512i cut = _mm512_and_si512(sum, _mm512_set1_epi32(static_cast<int>(0xFFFF0000U)));
        return _mm512_mask_mov_ps(_mm512_castsi512_ps(cut), _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q), v);
    }

    static void addDouble(D& d, V v)
    {
        d.low = _mm512_add_pd(d.low, _mm512_cvtps_pd(_mm512_castps512_ps256(v)));
        d.high = _mm512_add_pd(d.high, _mm512_cvtps_pd(_mm512_extractf32x8_ps(v, 1)));
    }
    static double sum(const D& d) { return _mm512_reduce_add_pd(_mm512_add_pd(d.low, d.high)); }
    static void storeDouble(double* p, const D& d)
    {
        _mm512_storeu_pd(p, d.low);
        _mm512_storeu_pd(p + 8, d.high);
    }
};

} // namespace

} // namespace bitlathe::kernels::cpu
