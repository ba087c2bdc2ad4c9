// SPDX-License-Identifier: Apache-2.0
// Simd256: eight floats at a time, for the loop templates. Only for files compiled with the AVX2 flags.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace bitlathe::kernels::cpu
{

namespace
{

struct Simd256
{
    using V = __m256;
    struct D
    {
        __m256d low = _mm256_setzero_pd();
        __m256d high = _mm256_setzero_pd();
    };

    static constexpr int kLanes = 8;
    static constexpr int kTileRows = 6; ///< 12 sums, two panel vectors and one factor of the 16 registers.

    static __m256i mask(std::int64_t count)
    {
        const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lane);
    }
    static V zero() { return _mm256_setzero_ps(); }
    static V set(float value) { return _mm256_set1_ps(value); }
    static V load(const float* p) { return _mm256_loadu_ps(p); }
    static void store(float* p, V v) { _mm256_storeu_ps(p, v); }
    /// The first count lanes; the others are zero. 0 < count < kLanes.
    static V loadPart(const float* p, std::int64_t count) { return _mm256_maskload_ps(p, mask(count)); }
    static void storePart(float* p, V v, std::int64_t count) { _mm256_maskstore_ps(p, mask(count), v); }
    /// v with lanes from count on replaced by other's.
    static V keepPart(V v, V other, std::int64_t count)
    {
        return _mm256_blendv_ps(other, v, _mm256_castsi256_ps(mask(count)));
    }

    static V add(V a, V b) { return _mm256_add_ps(a, b); }
    static V sub(V a, V b) { return _mm256_sub_ps(a, b); }
    static V mul(V a, V b) { return _mm256_mul_ps(a, b); }
    static V div(V a, V b) { return _mm256_div_ps(a, b); }
    static V fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
    static V fms(V a, V b, V c) { return _mm256_fmsub_ps(a, b, c); }
    static V max(V a, V b) { return _mm256_max_ps(a, b); }
    static V min(V a, V b) { return _mm256_min_ps(a, b); }
    static V abs(V a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), a); }
    static float sum(V v)
    {
        __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
        half = _mm_add_ps(half, _mm_movehl_ps(half, half));
        return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
    }
    static float largest(V v)
    {
        __m128 half = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
        half = _mm_max_ps(half, _mm_movehl_ps(half, half));
        return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
    }
    static void sumFour(const V (&v)[4], float* out)
    {
        const V pairs = _mm256_hadd_ps(_mm256_hadd_ps(v[0], v[1]), _mm256_hadd_ps(v[2], v[3]));
        _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(pairs), _mm256_extractf128_ps(pairs, 1)));
    }
    /// Rows to columns: lane i of v[j] becomes lane j of v[i].
    static void transpose(V (&v)[8])
    {
        V t[8];
#pragma GCC unroll 2
        for (int i = 0; i < 8; i += 4) {
            const __m256d ab0 = _mm256_castps_pd(_mm256_unpacklo_ps(v[i], v[i + 1]));
            const __m256d ab1 = _mm256_castps_pd(_mm256_unpackhi_ps(v[i], v[i + 1]));
            const __m256d cd0 = _mm256_castps_pd(_mm256_unpacklo_ps(v[i + 2], v[i + 3]));
            const __m256d cd1 = _mm256_castps_pd(_mm256_unpackhi_ps(v[i + 2], v[i + 3]));
            t[i] = _mm256_castpd_ps(_mm256_unpacklo_pd(ab0, cd0));
            t[i + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(ab0, cd0));
            t[i + 2] = _mm256_castpd_ps(_mm256_unpacklo_pd(ab1, cd1));
            t[i + 3] = _mm256_castpd_ps(_mm256_unpackhi_pd(ab1, cd1));
        }
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
            v[i] = _mm256_permute2f128_ps(t[i], t[i + 4], 0x20);
            v[i + 4] = _mm256_permute2f128_ps(t[i], t[i + 4], 0x31);
        }
    }
    static constexpr bool kHasTranspose = true;

    /// value * 2^n for whole n; zero where 2^n is no normal number, infinity above.
    static V scale2(V value, V n)
    {
        const V normal = _mm256_max_ps(_mm256_set1_ps(-127.0F), _mm256_min_ps(_mm256_set1_ps(128.0F), n));
        const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(normal), _mm256_set1_epi32(127));
        return _mm256_mul_ps(value, _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23)));
    }
    static V round(V v)
    {
        return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    }

    /// Eight pairs of bf16: the first and the second of each as f32.
    static void loadPairs(const void* p, V& first, V& second)
    {
        const __m256i bits = _mm256_loadu_si256(static_cast<const __m256i*>(p));
        first = _mm256_castsi256_ps(_mm256_slli_epi32(bits, 16));
        second = _mm256_castsi256_ps(_mm256_and_si256(bits, _mm256_set1_epi32(static_cast<int>(0xFFFF0000U))));
    }
    static V loadHalf(const std::uint16_t* p)
    {
        return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static V loadBf16(const std::uint16_t* p)
    {
        const __m256i bits = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
        return _mm256_castsi256_ps(_mm256_slli_epi32(bits, 16));
    }
    /// Elements 0, 2, 4, ... and 1, 3, 5, ... of 16.
    static void loadEvenOdd(const float* p, V& even, V& odd)
    {
        const auto inOrder = [](V v) {
            return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(v), _MM_SHUFFLE(3, 1, 2, 0)));
        };
        even = inOrder(_mm256_shuffle_ps(load(p), load(p + kLanes), _MM_SHUFFLE(2, 0, 2, 0)));
        odd = inOrder(_mm256_shuffle_ps(load(p), load(p + kLanes), _MM_SHUFFLE(3, 1, 3, 1)));
    }

    using Ints = __m256i;
    static Ints loadInts(const void* p)
    {
        return _mm256_loadu_si256(static_cast<const __m256i*>(p));
    }
    /// Every dword shifted right.
    template <unsigned kCount>
    static Ints shifted(Ints v)
    {
        return kCount == 0 ? v : _mm256_srli_epi32(v, kCount);
    }
    static constexpr int kTableParts = 2; ///< Vectors of 16 values.
    /// Values at the low four bits of every dword.
    static V lookUp(const V (&table)[2], Ints index)
    {
        const V low = _mm256_permutevar8x32_ps(table[0], index);
        const V high = _mm256_permutevar8x32_ps(table[1], index);
        return _mm256_blendv_ps(low, high, _mm256_castsi256_ps(_mm256_slli_epi32(index, 28)));
    }
    /// kBytesFrom + byte, by its bits: cheaper than a conversion, and as exact.
    static constexpr float kBytesFrom = 0x1p23F;
    static V bytesAbove(const void* p)
    {
        const __m256i bytes = _mm256_cvtepu8_epi32(_mm_loadl_epi64(static_cast<const __m128i*>(p)));
        return _mm256_or_ps(_mm256_castsi256_ps(bytes), set(kBytesFrom));
    }
    /// Of 256 values, those at the bytes.
    static V lookUpBytes(const float* values, const void* p)
    {
        return _mm256_i32gather_ps(values, _mm256_cvtepu8_epi32(_mm_loadl_epi64(static_cast<const __m128i*>(p))), 4);
    }

    static Ints zeroInts()
    {
        return _mm256_setzero_si256();
    }
    static Ints onesWords()
    {
        return _mm256_set1_epi16(1);
    }
    /// The low kBits bits of every word.
    template <int kBits>
    static Ints lowBits(Ints v)
    {
        return _mm256_and_si256(v, _mm256_set1_epi16((1 << kBits) - 1));
    }
    static Ints wordsOfBytes(const void* p)
    {
        return _mm256_cvtepu8_epi16(_mm_loadu_si128(static_cast<const __m128i*>(p)));
    }
    /// sum + a[2 i] b[2 i] + a[2 i + 1] b[2 i + 1] in every dword i.
    static Ints dotWords(Ints sum, Ints a, Ints b)
    {
        return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
    }
    static V toFloats(Ints v)
    {
        return _mm256_cvtepi32_ps(v);
    }
    /// Both rounded to nearest, as words.
    static void storeWords(void* p, V first, V second)
    {
        const __m256i quarters = _mm256_packs_epi32(_mm256_cvtps_epi32(first), _mm256_cvtps_epi32(second));
        _mm256_storeu_si256(static_cast<__m256i*>(p), _mm256_permute4x64_epi64(quarters, _MM_SHUFFLE(3, 1, 2, 0)));
    }

    /// Rounded to bf16, ties to even, kept as f32. NaN stays NaN.
    static V roundBf16(V v)
    {
        const __m256i bits = _mm256_castps_si256(v);
        const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
        const __m256i sum = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7FFF)));
        const __m256i cut = _mm256_and_si256(sum, _mm256_set1_epi32(static_cast<int>(0xFFFF0000U)));
        return _mm256_blendv_ps(_mm256_castsi256_ps(cut), v, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
    }

    static void addDouble(D& d, V v)
    {
        d.low = _mm256_add_pd(d.low, _mm256_cvtps_pd(_mm256_castps256_ps128(v)));
        d.high = _mm256_add_pd(d.high, _mm256_cvtps_pd(_mm256_extractf128_ps(v, 1)));
    }
    static double sum(const D& d)
    {
        const __m256d all = _mm256_add_pd(d.low, d.high);
        const __m128d half = _mm_add_pd(_mm256_castpd256_pd128(all), _mm256_extractf128_pd(all, 1));
        return _mm_cvtsd_f64(_mm_add_sd(half, _mm_unpackhi_pd(half, half)));
    }
    static void storeDouble(double* p, const D& d)
    {
        _mm256_storeu_pd(p, d.low);
        _mm256_storeu_pd(p + 4, d.high);
    }
};

} // namespace

} // namespace bitlathe::kernels::cpu
