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
    static V fms(V a, V b, V c) { return _mm512_fmsub_ps(a, b, c); }
    static V max(V a, V b) { return _mm512_max_ps(a, b); }
    static V min(V a, V b) { return _mm512_min_ps(a, b); }
    static V abs(V a) { return _mm512_abs_ps(a); }
    static float sum(V v) { return _mm512_reduce_add_ps(v); }
    static float largest(V v) { return _mm512_reduce_max_ps(v); }
    /// The sums of four vectors at once: a third of the work of four single ones.
    static void sumFour(const V (&v)[4], float* out)
    {
        const V first = add(_mm512_unpacklo_ps(v[0], v[1]), _mm512_unpackhi_ps(v[0], v[1]));
        const V second = add(_mm512_unpacklo_ps(v[2], v[3]), _mm512_unpackhi_ps(v[2], v[3]));
        const __m512d a = _mm512_castps_pd(first);
        const __m512d b = _mm512_castps_pd(second);
        const V lanes = add(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)), _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));
        const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(lanes), _mm512_extractf32x8_ps(lanes, 1));
        _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1)));
    }
    /// Rows to columns: lane i of v[j] becomes lane j of v[i].
    static void transpose(V (&v)[16])
    {
        V t[16];
#pragma GCC unroll 4
        for (int i = 0; i < 16; i += 4) {
            const __m512d ab0 = _mm512_castps_pd(_mm512_unpacklo_ps(v[i], v[i + 1]));
            const __m512d ab1 = _mm512_castps_pd(_mm512_unpackhi_ps(v[i], v[i + 1]));
            const __m512d cd0 = _mm512_castps_pd(_mm512_unpacklo_ps(v[i + 2], v[i + 3]));
            const __m512d cd1 = _mm512_castps_pd(_mm512_unpackhi_ps(v[i + 2], v[i + 3]));
            t[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(ab0, cd0));
            t[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(ab0, cd0));
            t[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(ab1, cd1));
            t[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(ab1, cd1));
        }
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
            const V low0 = _mm512_shuffle_f32x4(t[i], t[i + 4], 0x88);
            const V low1 = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0x88);
            const V high0 = _mm512_shuffle_f32x4(t[i], t[i + 4], 0xDD);
            const V high1 = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0xDD);
            v[i] = _mm512_shuffle_f32x4(low0, low1, 0x88);
            v[i + 8] = _mm512_shuffle_f32x4(low0, low1, 0xDD);
            v[i + 4] = _mm512_shuffle_f32x4(high0, high1, 0x88);
            v[i + 12] = _mm512_shuffle_f32x4(high0, high1, 0xDD);
        }
    }
    static constexpr bool kHasTranspose = true;

    /// value * 2^n for whole n; zero or infinity where that is out of range.
    static V scale2(V value, V n)
    {
        return _mm512_scalef_ps(value, n);
    }
    static V round(V v)
    {
        return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    }

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
    static V loadBf16(const std::uint16_t* p)
    {
        const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
        return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
    }
    /// Elements 0, 2, 4, ... and 1, 3, 5, ... of 32.
    static void loadEvenOdd(const float* p, V& even, V& odd)
    {
        const __m512i index = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        even = _mm512_permutex2var_ps(load(p), index, load(p + kLanes));
        odd = _mm512_permutex2var_ps(load(p), _mm512_or_si512(index, _mm512_set1_epi32(1)), load(p + kLanes));
    }

    using Ints = __m512i;
    static Ints loadInts(const void* p)
    {
        return _mm512_loadu_si512(p);
    }
    /// Every dword shifted right.
    template <unsigned kCount>
    static Ints shifted(Ints v)
    {
        return kCount == 0 ? v : _mm512_srli_epi32(v, kCount);
    }
    static constexpr int kTableParts = 1; ///< Vectors of 16 values.
    /// Values at the low four bits of every dword.
    static V lookUp(const V (&table)[1], Ints index)
    {
        return _mm512_permutexvar_ps(index, table[0]);
    }
    /// kBytesFrom + byte, by its bits: cheaper than a conversion, and as exact.
    static constexpr float kBytesFrom = 0x1p23F;
    static V bytesAbove(const void* p)
    {
        const __m512i bytes = _mm512_cvtepu8_epi32(_mm_loadu_si128(static_cast<const __m128i*>(p)));
        return _mm512_castsi512_ps(_mm512_or_si512(bytes, _mm512_castps_si512(set(kBytesFrom))));
    }
    /// Of 256 values, those at the bytes.
    static V lookUpBytes(const float* values, const void* p)
    {
        return _mm512_i32gather_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(static_cast<const __m128i*>(p))), values, 4);
    }

    static Ints zeroInts()
    {
        return _mm512_setzero_si512();
    }
    static Ints onesWords()
    {
        return _mm512_set1_epi16(1);
    }
    /// The low kBits bits of every word.
    template <int kBits>
    static Ints lowBits(Ints v)
    {
        return _mm512_and_si512(v, _mm512_set1_epi16((1 << kBits) - 1));
    }
    static Ints wordsOfBytes(const void* p)
    {
        return _mm512_cvtepu8_epi16(_mm256_loadu_si256(static_cast<const __m256i*>(p)));
    }
    /// sum + a[2 i] b[2 i] + a[2 i + 1] b[2 i + 1] in every dword i.
    static Ints dotWords(Ints sum, Ints a, Ints b)
    {
        return _mm512_dpwssd_epi32(sum, a, b);
    }
    static V toFloats(Ints v)
    {
        return _mm512_cvtepi32_ps(v);
    }
    /// Both rounded to nearest, as words.
    static void storeWords(void* p, V first, V second)
    {
        auto* const halves = static_cast<__m256i*>(p);
        _mm256_storeu_si256(halves, _mm512_cvtsepi32_epi16(_mm512_cvtps_epi32(first)));
        _mm256_storeu_si256(halves + 1, _mm512_cvtsepi32_epi16(_mm512_cvtps_epi32(second)));
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
    static double sum(const D& d)
    {
        return _mm512_reduce_add_pd(_mm512_add_pd(d.low, d.high));
    }
    static void storeDouble(double* p, const D& d)
    {
        _mm512_storeu_pd(p, d.low);
        _mm512_storeu_pd(p + 8, d.high);
    }
};

} // namespace

} // namespace bitlathe::kernels::cpu
