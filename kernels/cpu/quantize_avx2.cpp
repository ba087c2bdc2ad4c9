// SPDX-License-Identifier: Apache-2.0
// Quantization kernels in AVX2: sixteen weights a step in two registers, the end of a group in scalar code.
#if defined(__x86_64__)

#    include "kernels/reference/quantize.h"

#    include <immintrin.h>

#    include <algorithm>
#    include <cmath>
#    include <cstring>

#    define BITLATHE_AVX2 __attribute__((target("avx2,bmi2")))

namespace bitlathe::kernels
{

namespace
{

BITLATHE_AVX2 ValueRange range(const float* values, std::size_t count)
{
    const __m256i magnitude = _mm256_set1_epi32(0x7FFFFFFF);
    __m256 lows = _mm256_setzero_ps();
    __m256 highs = _mm256_setzero_ps();
    __m256i largest = _mm256_setzero_si256();
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m256 v = _mm256_loadu_ps(values + i);
        lows = _mm256_min_ps(v, lows);
        highs = _mm256_max_ps(v, highs);
        largest = _mm256_max_epi32(largest, _mm256_and_si256(_mm256_castps_si256(v), magnitude));
    }
    alignas(32) float low[8];
    alignas(32) float high[8];
    alignas(32) std::int32_t bits[8];
    _mm256_store_ps(low, lows);
    _mm256_store_ps(high, highs);
    _mm256_store_si256(reinterpret_cast<__m256i*>(bits), largest);
    constexpr int kInfinity = 0x7F800000;
    ValueRange result{*std::min_element(low, low + 8), *std::max_element(high, high + 8),
                      *std::max_element(bits, bits + 8) < kInfinity};
    for (; i < count; ++i) {
        result.finite = result.finite && std::isfinite(values[i]);
        result.low = std::min(result.low, values[i]);
        result.high = std::max(result.high, values[i]);
    }
    return result;
}

/// The grid of a group in registers.
struct Grid
{
    __m256 scale;
    __m256 low;
    __m256 high;
};

BITLATHE_AVX2 inline Grid makeGrid(float scale, int zero, int maxCode)
{
    return {_mm256_set1_ps(scale), _mm256_set1_ps(static_cast<float>(-zero)),
            _mm256_set1_ps(static_cast<float>(maxCode - zero))};
}

BITLATHE_AVX2 inline __m256i gridSteps(__m256 weights, const Grid& grid)
{
    const __m256 place = _mm256_div_ps(weights, grid.scale);
    return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(place, grid.low), grid.high));
}

BITLATHE_AVX2 void encode(const float* weights, std::size_t count, float scale, int zero, int maxCode,
                          std::uint8_t* codes)
{
    const Grid grid = makeGrid(scale, zero, maxCode);
    const __m256i zeros = _mm256_set1_epi32(zero);
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        const __m256i a = _mm256_add_epi32(gridSteps(_mm256_loadu_ps(weights + i), grid), zeros);
        const __m256i b = _mm256_add_epi32(gridSteps(_mm256_loadu_ps(weights + i + 8), grid), zeros);
        // The pack works within halves of 128 bits; the permutation puts the quarters back in order.
        const __m256i words = _mm256_permute4x64_epi64(_mm256_packus_epi32(a, b), 0xD8);
        const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(codes + i), bytes);
    }
    for (; i < count; ++i) {
        codes[i] = static_cast<std::uint8_t>(gridStep(weights[i], scale, zero, maxCode) + zero);
    }
}

BITLATHE_AVX2 inline __m256 squaredWrong(__m256 weights, const Grid& grid)
{
    const __m256 kept = _mm256_mul_ps(_mm256_cvtepi32_ps(gridSteps(weights, grid)), grid.scale);
    const __m256 wrong = _mm256_sub_ps(weights, kept);
    return _mm256_mul_ps(wrong, wrong);
}

BITLATHE_AVX2 float error(const float* weights, std::size_t count, float scale, int zero, int maxCode)
{
    const Grid grid = makeGrid(scale, zero, maxCode);
    __m256 first = _mm256_setzero_ps();
    __m256 second = _mm256_setzero_ps();
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        first = _mm256_add_ps(first, squaredWrong(_mm256_loadu_ps(weights + i), grid));
        second = _mm256_add_ps(second, squaredWrong(_mm256_loadu_ps(weights + i + 8), grid));
    }
    alignas(32) float lanes[kLanes];
    _mm256_store_ps(lanes, first);
    _mm256_store_ps(lanes + 8, second);
    for (; i < count; ++i) {
        const float wrong = weights[i] - static_cast<float>(gridStep(weights[i], scale, zero, maxCode)) * scale;
        lanes[i % kLanes] += wrong * wrong;
    }
    return addLanes(lanes);
}

/// The low `bits` bits of each of eight bytes.
inline std::uint64_t codeMask(int bits)
{
    return 0x0101010101010101ULL * ((1ULL << bits) - 1ULL);
}

BITLATHE_AVX2 void pack(const std::uint8_t* codes, std::size_t count, int bits, std::uint8_t* packed)
{
    const std::uint64_t mask = codeMask(bits);
    const auto width = static_cast<std::size_t>(bits);
    for (std::size_t i = 0; i < count; i += 8, packed += width) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, codes + i, sizeof eight);
        eight = _pext_u64(eight, mask);
        std::memcpy(packed, &eight, width);
    }
}

/// Four bits: both halves of sixteen bytes, interleaved.
BITLATHE_AVX2 inline void unpackNibbles(const std::uint8_t* packed, std::uint8_t* codes)
{
    const __m128i low = _mm_set1_epi8(0x0F);
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(packed));
    const __m128i even = _mm_and_si128(bytes, low);
    const __m128i odd = _mm_and_si128(_mm_srli_epi16(bytes, 4), low);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(codes), _mm_unpacklo_epi8(even, odd));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(codes + 16), _mm_unpackhi_epi8(even, odd));
}

BITLATHE_AVX2 void unpack(const std::uint8_t* packed, std::size_t count, int bits, std::uint8_t* codes)
{
    const std::uint64_t mask = codeMask(bits);
    const auto width = static_cast<std::size_t>(bits);
    std::size_t i = 0;
    for (; bits == 4 && i + 32 <= count; i += 32, packed += 16) {
        unpackNibbles(packed, codes + i);
    }
    for (; i < count; i += 8, packed += width) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, packed, width);
        eight = _pdep_u64(eight, mask);
        std::memcpy(codes + i, &eight, sizeof eight);
    }
}

BITLATHE_AVX2 inline __m256 loadCentred(const std::uint8_t* codes, __m256i zeros)
{
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(codes));
    return _mm256_cvtepi32_ps(_mm256_sub_epi32(_mm256_cvtepu8_epi32(bytes), zeros));
}

BITLATHE_AVX2 void dequantize(const std::uint8_t* codes, std::size_t count, float scale, int zero, float* out)
{
    const __m256i zeros = _mm256_set1_epi32(zero);
    const __m256 scales = _mm256_set1_ps(scale);
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        _mm256_storeu_ps(out + i, _mm256_mul_ps(loadCentred(codes + i, zeros), scales));
    }
    for (; i < count; ++i) {
        out[i] = static_cast<float>(codes[i] - zero) * scale;
    }
}

/// parts += the products of codes and x from i to last, where that is less than a whole step.
BITLATHE_AVX2 inline void addTail(const RowDot& row, std::size_t i, std::size_t last, int zero, __m256& first,
                                  __m256& second)
{
    alignas(32) float lanes[kLanes];
    _mm256_store_ps(lanes, first);
    _mm256_store_ps(lanes + 8, second);
    for (std::size_t lane = 0; i < last; ++i, ++lane) {
        lanes[lane] += static_cast<float>(row.codes[i] - zero) * row.x[i];
    }
    first = _mm256_load_ps(lanes);
    second = _mm256_load_ps(lanes + 8);
}

BITLATHE_AVX2 float dotRow(const RowDot& row)
{
    __m256 sumFirst = _mm256_setzero_ps();
    __m256 sumSecond = _mm256_setzero_ps();
    for (std::size_t from = 0, group = 0; from < row.count; from += row.groupSize, ++group) {
        const std::size_t last = std::min(row.count, from + row.groupSize);
        const int zero = row.zeroOf(group);
        const __m256i zeros = _mm256_set1_epi32(zero);
        __m256 first = _mm256_setzero_ps();
        __m256 second = _mm256_setzero_ps();
        std::size_t i = from;
        for (; i + kLanes <= last; i += kLanes) {
            const __m256 a = _mm256_mul_ps(loadCentred(row.codes + i, zeros), _mm256_loadu_ps(row.x + i));
            const __m256 b = _mm256_mul_ps(loadCentred(row.codes + i + 8, zeros), _mm256_loadu_ps(row.x + i + 8));
            first = _mm256_add_ps(first, a);
            second = _mm256_add_ps(second, b);
        }
        if (i < last) {
            addTail(row, i, last, zero, first, second);
        }
        const __m256 scale = _mm256_set1_ps(row.scales[group]);
        sumFirst = _mm256_add_ps(sumFirst, _mm256_mul_ps(scale, first));
        sumSecond = _mm256_add_ps(sumSecond, _mm256_mul_ps(scale, second));
    }
    alignas(32) float lanes[kLanes];
    _mm256_store_ps(lanes, sumFirst);
    _mm256_store_ps(lanes + 8, sumSecond);
    return addLanes(lanes);
}

} // namespace

const QuantizeOps& quantizeOpsAvx2()
{
    static const QuantizeOps ops{range, encode, error, pack, unpack, dequantize, dotRow};
    return ops;
}

} // namespace bitlathe::kernels

#endif
