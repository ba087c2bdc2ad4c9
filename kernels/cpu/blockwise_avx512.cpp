// SPDX-License-Identifier: Apache-2.0
// Code book kernels in AVX-512: sixteen weights a step, the end of a block through a mask.
#if defined(__x86_64__)

#    include "kernels/reference/blockwise.h"

#    include <immintrin.h>

// GCC 12's own intrinsics build "undefined" registers that it then warns about.
#    pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#    pragma GCC diagnostic ignored "-Wuninitialized"

#    define BITLATHE_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))

namespace bitlathe::kernels
{

namespace
{

constexpr std::size_t kStep = 16;

inline __mmask16 tailMask(std::size_t left)
{
    return left >= kStep ? static_cast<__mmask16>(0xFFFF) : static_cast<__mmask16>((1U << left) - 1U);
}

/// Halving among sixteen limits in a register: four steps.
BITLATHE_AVX512 inline __m512i placeAmong16(__m512 value, __m512 limits)
{
    __m512i place = _mm512_setzero_si512();
#    pragma GCC unroll 4
    for (int step = 8; step > 0; step /= 2) {
        const __m512i middle = _mm512_add_epi32(place, _mm512_set1_epi32(step - 1));
        const __mmask16 above = _mm512_cmp_ps_mask(value, _mm512_permutexvar_ps(middle, limits), _CMP_GT_OQ);
        place = _mm512_mask_add_epi32(place, above, place, _mm512_set1_epi32(step));
    }
    return place;
}

BITLATHE_AVX512 void encode16(const float* weights, std::size_t count, float factor, const float* limits,
                              const std::uint8_t* codeOf, std::uint8_t* codes)
{
    const __m512 table = _mm512_loadu_ps(limits);
    const __m512 factors = _mm512_set1_ps(factor);
    const __m512i codeTable = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(codeOf)));
    for (std::size_t i = 0; i < count; i += kStep) {
        const __mmask16 mask = tailMask(count - i);
        const __m512 value = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, weights + i), factors);
        const __m512i code = _mm512_permutexvar_epi32(placeAmong16(value, table), codeTable);
        _mm512_mask_cvtepi32_storeu_epi8(codes + i, mask, code);
    }
}

/// Every sixteenth limit in a register says which sixteen to look at.
BITLATHE_AVX512 void encode256(const float* weights, std::size_t count, float factor, const float* limits,
                               const std::uint8_t* codeOf, std::uint8_t* codes)
{
    const __m512i ends = _mm512_setr_epi32(15, 31, 47, 63, 79, 95, 111, 127, 143, 159, 175, 191, 207, 223, 239, 255);
    const __m512 table = _mm512_i32gather_ps(ends, limits, 4);
    const __m512 factors = _mm512_set1_ps(factor);
    alignas(64) std::int32_t places[kStep];
    for (std::size_t i = 0; i < count; i += kStep) {
        const __mmask16 mask = tailMask(count - i);
        const __m512 value = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, weights + i), factors);
        __m512i place = _mm512_slli_epi32(placeAmong16(value, table), 4);
#    pragma GCC unroll 4
        for (int step = 8; step > 0; step /= 2) {
            const __m512i middle = _mm512_add_epi32(place, _mm512_set1_epi32(step - 1));
            const __mmask16 above = _mm512_cmp_ps_mask(value, _mm512_i32gather_ps(middle, limits, 4), _CMP_GT_OQ);
            place = _mm512_mask_add_epi32(place, above, place, _mm512_set1_epi32(step));
        }
        _mm512_store_si512(places, place);
        for (std::size_t lane = 0; lane < kStep && i + lane < count; ++lane) {
            codes[i + lane] = codeOf[places[lane]];
        }
    }
}

BITLATHE_AVX512 void decode16(const std::uint8_t* codes, std::size_t count, float scale, const float* values,
                              float* out)
{
    const __m512 table = _mm512_loadu_ps(values);
    const __m512 scales = _mm512_set1_ps(scale);
    for (std::size_t i = 0; i < count; i += kStep) {
        const __mmask16 mask = tailMask(count - i);
        const __m512i code = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, codes + i));
        _mm512_mask_storeu_ps(out + i, mask, _mm512_mul_ps(_mm512_permutexvar_ps(code, table), scales));
    }
}

BITLATHE_AVX512 void decode256(const std::uint8_t* codes, std::size_t count, float scale, const float* values,
                               float* out)
{
    const __m512 scales = _mm512_set1_ps(scale);
    for (std::size_t i = 0; i < count; i += kStep) {
        const __mmask16 mask = tailMask(count - i);
        const __m512i code = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, codes + i));
        _mm512_mask_storeu_ps(out + i, mask, _mm512_mul_ps(_mm512_i32gather_ps(code, values, 4), scales));
    }
}

template <int kRows>
BITLATHE_AVX512 inline void dotRows(const Int8Dots& dots)
{
    constexpr std::int64_t kBytes = 64;
    __m512i sums[kRows];
    for (__m512i& sum : sums) {
        sum = _mm512_setzero_si512();
    }
    for (std::int64_t k = 0; k < dots.depth; k += kBytes) {
        const std::int64_t left = dots.depth - k;
        const __mmask64 mask = left >= kBytes ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
        const __m512i codes = _mm512_maskz_loadu_epi8(mask, dots.codes + k);
#    pragma GCC unroll 4
        for (int row = 0; row < kRows; ++row) {
            const __m512i x = _mm512_maskz_loadu_epi8(mask, dots.x + row * dots.stride + k);
            sums[row] = _mm512_dpbusd_epi32(sums[row], codes, x);
        }
    }
    for (int row = 0; row < kRows; ++row) {
        dots.sums[row * dots.sumStride] = _mm512_reduce_add_epi32(sums[row]);
    }
}

BITLATHE_AVX512 void dotInt8(const Int8Dots& dots)
{
    if (dots.rows == kInt8Rows) {
        dotRows<kInt8Rows>(dots);
        return;
    }
    for (std::int64_t row = 0; row < dots.rows; ++row) {
        dotRows<1>({dots.x + row * dots.stride, dots.stride, 1, dots.codes, dots.depth,
                    dots.sums + row * dots.sumStride, dots.sumStride});
    }
}

} // namespace

const BlockwiseOps& blockwiseOpsAvx512()
{
    static const BlockwiseOps ops{encode16, encode256, decode16, decode256, dotInt8};
    return ops;
}

} // namespace bitlathe::kernels

#endif
