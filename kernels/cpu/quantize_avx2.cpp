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

/// Grids whose limits and sums stay in registers while the weights pass by.
constexpr std::size_t kGridsInRegisters = 2;

BITLATHE_AVX2 void errorsOfTwo(const float* weights, std::size_t count, const GridBatch& grids, std::size_t from,
                               int maxCode, float* out)
{
    const __m256 rounder = _mm256_set1_ps(kRounder);
    __m256 sums[kGridsInRegisters][2];
    __m256 low[kGridsInRegisters];
    __m256 high[kGridsInRegisters];
    for (std::size_t grid = 0; grid < kGridsInRegisters; ++grid) {
        sums[grid][0] = _mm256_setzero_ps();
        sums[grid][1] = _mm256_setzero_ps();
        low[grid] = _mm256_set1_ps(static_cast<float>(-grids.zero[from + grid]));
        high[grid] = _mm256_set1_ps(static_cast<float>(maxCode - grids.zero[from + grid]));
    }
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
#    pragma GCC unroll 4
        for (std::size_t part = 0; part < 2 * kGridsInRegisters; ++part) {
            const std::size_t grid = part % kGridsInRegisters;
            const std::size_t half = part / kGridsInRegisters;
            const __m256 w = _mm256_loadu_ps(weights + i + 8 * half);
            const __m256 place = _mm256_mul_ps(w, _mm256_set1_ps(grids.inverse[from + grid]));
            const __m256 inside = _mm256_min_ps(_mm256_max_ps(place, low[grid]), high[grid]);
            const __m256 step = _mm256_sub_ps(_mm256_add_ps(inside, rounder), rounder);
            const __m256 wrong = _mm256_sub_ps(w, _mm256_mul_ps(step, _mm256_set1_ps(grids.scale[from + grid])));
            sums[grid][half] = _mm256_add_ps(sums[grid][half], _mm256_mul_ps(wrong, wrong));
        }
    }
    for (std::size_t grid = 0; grid < kGridsInRegisters; ++grid) {
        alignas(32) float lanes[kLanes];
        _mm256_store_ps(lanes, sums[grid][0]);
        _mm256_store_ps(lanes + 8, sums[grid][1]);
        for (std::size_t rest = i; rest < count; ++rest) {
            lanes[rest % kLanes] += squaredWrong(weights[rest], grids.scale[from + grid], grids.inverse[from + grid],
                                                 grids.zero[from + grid], maxCode);
        }
        out[from + grid] = addLanes(lanes);
    }
}

BITLATHE_AVX2 void errors(const float* weights, std::size_t count, const GridBatch& grids, int maxCode, float* out)
{
    for (std::size_t from = 0; from < kGridsAtOnce; from += kGridsInRegisters) {
        errorsOfTwo(weights, count, grids, from, maxCode, out);
    }
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

/// Adds the squares of eight values to the sums [first, first + 2) of four.
BITLATHE_AVX2 inline void addSquares(__m256 values, __m256d* sums)
{
    const __m256d first = _mm256_cvtps_pd(_mm256_castps256_ps128(values));
    const __m256d second = _mm256_cvtps_pd(_mm256_extractf128_ps(values, 1));
    sums[0] = _mm256_add_pd(sums[0], _mm256_mul_pd(first, first));
    sums[1] = _mm256_add_pd(sums[1], _mm256_mul_pd(second, second));
}

BITLATHE_AVX2 inline void storeSums(const __m256d (&sums)[4], double (&lanes)[kLanes])
{
    for (std::size_t i = 0; i < 4; ++i) {
        _mm256_storeu_pd(lanes + 4 * i, sums[i]);
    }
}

BITLATHE_AVX2 SquareSums squares(const float* original, const float* rounded, std::size_t count)
{
    const __m256d zero = _mm256_setzero_pd();
    __m256d differences[4] = {zero, zero, zero, zero};
    __m256d originals[4] = {zero, zero, zero, zero};
    std::size_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        for (std::size_t half = 0; half < 2; ++half) {
            const __m256 values = _mm256_loadu_ps(original + i + 8 * half);
            addSquares(_mm256_sub_ps(values, _mm256_loadu_ps(rounded + i + 8 * half)), differences + 2 * half);
            addSquares(values, originals + 2 * half);
        }
    }
    double lanesDifference[kLanes];
    double lanesOriginal[kLanes];
    storeSums(differences, lanesDifference);
    storeSums(originals, lanesOriginal);
    for (; i < count; ++i) {
        const auto value = static_cast<double>(original[i]);
        const auto difference = static_cast<double>(original[i] - rounded[i]);
        lanesDifference[i % kLanes] += difference * difference;
        lanesOriginal[i % kLanes] += value * value;
    }
    return {addLanes(lanesDifference), addLanes(lanesOriginal)};
}

} // namespace

const QuantizeOps& quantizeOpsAvx2()
{
    static const QuantizeOps ops{range, encode, errors, pack, unpack, dequantize, squares};
    return ops;
}

} // namespace bitlathe::kernels

#endif
