// SPDX-License-Identifier: Apache-2.0
// Code book kernels in AVX2: eight weights a step, the end of a block in scalar code.
#if defined(__x86_64__)

#    include "kernels/reference/blockwise.h"

#    include <immintrin.h>

#    define BITLATHE_AVX2 __attribute__((target("avx2")))

namespace bitlathe::kernels
{

namespace
{

constexpr std::size_t kStep = 8;

/// Sixteen floats as two registers that are looked up together.
struct Table16
{
    __m256 low;
    __m256 high;
};

BITLATHE_AVX2 inline Table16 loadTable(const float* values)
{
    return {_mm256_loadu_ps(values), _mm256_loadu_ps(values + kStep)};
}

/// table[index], index in 0 ... 15: bit 3 moved to the sign chooses the half.
BITLATHE_AVX2 inline __m256 lookUp(const Table16& table, __m256i index)
{
    const __m256 half = _mm256_castsi256_ps(_mm256_slli_epi32(index, 28));
    return _mm256_blendv_ps(_mm256_permutevar8x32_ps(table.low, index), _mm256_permutevar8x32_ps(table.high, index),
                            half);
}

/// place + step where value is above the limit in the middle.
BITLATHE_AVX2 inline __m256i stepUp(__m256i place, int step, __m256 value, __m256 limit)
{
    const __m256i above = _mm256_castps_si256(_mm256_cmp_ps(value, limit, _CMP_GT_OQ));
    return _mm256_add_epi32(place, _mm256_and_si256(above, _mm256_set1_epi32(step)));
}

BITLATHE_AVX2 inline __m256i placeAmong16(__m256 value, const Table16& limits)
{
    __m256i place = _mm256_setzero_si256();
#    pragma GCC unroll 4
    for (int step = 8; step > 0; step /= 2) {
        const __m256i middle = _mm256_add_epi32(place, _mm256_set1_epi32(step - 1));
        place = stepUp(place, step, value, lookUp(limits, middle));
    }
    return place;
}

/// The codes of eight places; codeOf has any size.
BITLATHE_AVX2 inline void storeCodes(__m256i places, const std::uint8_t* codeOf, std::uint8_t* codes)
{
    alignas(32) std::int32_t place[kStep];
    _mm256_store_si256(reinterpret_cast<__m256i*>(place), places);
    for (std::size_t lane = 0; lane < kStep; ++lane) {
        codes[lane] = codeOf[place[lane]];
    }
}

BITLATHE_AVX2 void encode16(const float* weights, std::size_t count, float factor, const float* limits,
                            const std::uint8_t* codeOf, std::uint8_t* codes)
{
    const Table16 table = loadTable(limits);
    const __m256 factors = _mm256_set1_ps(factor);
    const __m128i codeTable = _mm_loadu_si128(reinterpret_cast<const __m128i*>(codeOf));
    std::size_t i = 0;
    for (; i + kStep <= count; i += kStep) {
        const __m256i place = placeAmong16(_mm256_mul_ps(_mm256_loadu_ps(weights + i), factors), table);
        const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(place), _mm256_extracti128_si256(place, 1));
        const __m128i code = _mm_shuffle_epi8(codeTable, _mm_packus_epi16(words, words));
        _mm_storel_epi64(reinterpret_cast<__m128i*>(codes + i), code);
    }
    for (; i < count; ++i) {
        codes[i] = codeOf[placeAmong<16>(weights[i] * factor, limits)];
    }
}

/// Every sixteenth limit in registers says which sixteen to look at.
BITLATHE_AVX2 void encode256(const float* weights, std::size_t count, float factor, const float* limits,
                             const std::uint8_t* codeOf, std::uint8_t* codes)
{
    alignas(32) float ends[16];
    for (std::size_t part = 0; part < 16; ++part) {
        ends[part] = limits[16 * part + 15];
    }
    const Table16 table = loadTable(ends);
    const __m256 factors = _mm256_set1_ps(factor);
    std::size_t i = 0;
    for (; i + kStep <= count; i += kStep) {
        const __m256 value = _mm256_mul_ps(_mm256_loadu_ps(weights + i), factors);
        __m256i place = _mm256_slli_epi32(placeAmong16(value, table), 4);
#    pragma GCC unroll 4
        for (int step = 8; step > 0; step /= 2) {
            const __m256i middle = _mm256_add_epi32(place, _mm256_set1_epi32(step - 1));
            place = stepUp(place, step, value, _mm256_i32gather_ps(limits, middle, 4));
        }
        storeCodes(place, codeOf, codes + i);
    }
    for (; i < count; ++i) {
        codes[i] = codeOf[placeAmong<256>(weights[i] * factor, limits)];
    }
}

BITLATHE_AVX2 inline __m256i loadCodes(const std::uint8_t* codes)
{
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(codes)));
}

BITLATHE_AVX2 void decode16(const std::uint8_t* codes, std::size_t count, float scale, const float* values, float* out)
{
    const Table16 table = loadTable(values);
    const __m256 scales = _mm256_set1_ps(scale);
    std::size_t i = 0;
    for (; i + kStep <= count; i += kStep) {
        _mm256_storeu_ps(out + i, _mm256_mul_ps(lookUp(table, loadCodes(codes + i)), scales));
    }
    for (; i < count; ++i) {
        out[i] = values[codes[i]] * scale;
    }
}

BITLATHE_AVX2 void decode256(const std::uint8_t* codes, std::size_t count, float scale, const float* values, float* out)
{
    const __m256 scales = _mm256_set1_ps(scale);
    std::size_t i = 0;
    for (; i + kStep <= count; i += kStep) {
        _mm256_storeu_ps(out + i, _mm256_mul_ps(_mm256_i32gather_ps(values, loadCodes(codes + i), 4), scales));
    }
    for (; i < count; ++i) {
        out[i] = values[codes[i]] * scale;
    }
}

/// Both sides as 16 bits: products of bytes would not fit in the sums of pairs that AVX2 has for them.
BITLATHE_AVX2 void dotInt8(const Int8Dots& dots)
{
    constexpr std::int64_t kBytes = 16;
    for (std::int64_t row = 0; row < dots.rows; ++row) {
        const std::int8_t* x = dots.x + row * dots.stride;
        __m256i sums = _mm256_setzero_si256();
        std::int64_t k = 0;
        for (; k + kBytes <= dots.depth; k += kBytes) {
            const auto wideX = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(x + k)));
            const auto wideCodes =
                _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(dots.codes + k)));
            sums = _mm256_add_epi32(sums, _mm256_madd_epi16(wideX, wideCodes));
        }
        alignas(32) std::int32_t lanes[kStep];
        _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), sums);
        std::int32_t sum = 0;
        for (const std::int32_t lane : lanes) {
            sum += lane;
        }
        for (; k < dots.depth; ++k) {
            sum += static_cast<std::int32_t>(x[k]) * static_cast<std::int32_t>(dots.codes[k]);
        }
        dots.sums[row * dots.sumStride] = sum;
    }
}

} // namespace

const BlockwiseOps& blockwiseOpsAvx2()
{
    static const BlockwiseOps ops{encode16, encode256, decode16, decode256, dotInt8};
    return ops;
}

} // namespace bitlathe::kernels

#endif
