// SPDX-License-Identifier: Apache-2.0
// Quantization kernels in AVX-512: sixteen weights a step, the end of a group through a mask.
#if defined(__x86_64__)

#    include "kernels/reference/quantize.h"

#    include <immintrin.h>

#    include <algorithm>
#    include <cstring>

// GCC 12's own intrinsics build "undefined" registers that it then warns about.
#    pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#    pragma GCC diagnostic ignored "-Wuninitialized"

#    define BITLATHE_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,bmi2")))

namespace bitlathe::kernels
{

namespace
{

/// Lanes of the last, partial step.
inline __mmask16 tailMask(std::size_t left)
{
    return left >= kLanes ? static_cast<__mmask16>(0xFFFF) : static_cast<__mmask16>((1U << left) - 1U);
}

BITLATHE_AVX512 ValueRange range(const float* values, std::size_t count)
{
    const __m512i magnitude = _mm512_set1_epi32(0x7FFFFFFF);
    __m512 low = _mm512_setzero_ps();
    __m512 high = _mm512_setzero_ps();
    __m512i largest = _mm512_setzero_si512();
    for (std::size_t i = 0; i < count; i += kLanes) {
        const __m512 v = _mm512_maskz_loadu_ps(tailMask(count - i), values + i);
        low = _mm512_min_ps(v, low);
        high = _mm512_max_ps(v, high);
        largest = _mm512_max_epi32(largest, _mm512_and_si512(_mm512_castps_si512(v), magnitude));
    }
    constexpr int kInfinity = 0x7F800000;
    return {_mm512_reduce_min_ps(low), _mm512_reduce_max_ps(high), _mm512_reduce_max_epi32(largest) < kInfinity};
}

/// The grid of a group in registers.
struct Grid
{
    __m512 scale;
    __m512 low;
    __m512 high;
};

BITLATHE_AVX512 inline Grid makeGrid(float scale, int zero, int maxCode)
{
    return {_mm512_set1_ps(scale), _mm512_set1_ps(static_cast<float>(-zero)),
            _mm512_set1_ps(static_cast<float>(maxCode - zero))};
}

/// Places on the grid before rounding, clamped; the conversion to integers after it rounds to nearest even.
BITLATHE_AVX512 inline __m512i gridSteps(__m512 weights, const Grid& grid)
{
    const __m512 place = _mm512_div_ps(weights, grid.scale);
    return _mm512_cvtps_epi32(_mm512_min_ps(_mm512_max_ps(place, grid.low), grid.high));
}

BITLATHE_AVX512 void encode(const float* weights, std::size_t count, float scale, int zero, int maxCode,
                            std::uint8_t* codes)
{
    const Grid grid = makeGrid(scale, zero, maxCode);
    const __m512i zeros = _mm512_set1_epi32(zero);
    for (std::size_t i = 0; i < count; i += kLanes) {
        const __mmask16 mask = tailMask(count - i);
        const __m512i code = _mm512_add_epi32(gridSteps(_mm512_maskz_loadu_ps(mask, weights + i), grid), zeros);
        _mm512_mask_cvtepi32_storeu_epi8(codes + i, mask, code);
    }
}

/// The sum of the lanes of each of four vectors, in the order of addLanes().
BITLATHE_AVX512 inline __m128 sumLanes(const __m512 (&sums)[kGridsAtOnce])
{
    __m128 quarters[kGridsAtOnce];
    for (std::size_t i = 0; i < kGridsAtOnce; ++i) {
        const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(sums[i]), _mm512_extractf32x8_ps(sums[i], 1));
        quarters[i] = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    }
    _MM_TRANSPOSE4_PS(quarters[0], quarters[1], quarters[2], quarters[3]);
    return _mm_add_ps(_mm_add_ps(quarters[0], quarters[2]), _mm_add_ps(quarters[1], quarters[3]));
}

BITLATHE_AVX512 void errors(const float* weights, std::size_t count, const GridBatch& grids, int maxCode, float* out)
{
    const __m512 rounder = _mm512_set1_ps(kRounder);
    __m512 sums[kGridsAtOnce];
    __m512 low[kGridsAtOnce];
    __m512 high[kGridsAtOnce];
    for (std::size_t grid = 0; grid < kGridsAtOnce; ++grid) {
        sums[grid] = _mm512_setzero_ps();
        low[grid] = _mm512_set1_ps(static_cast<float>(-grids.zero[grid]));
        high[grid] = _mm512_set1_ps(static_cast<float>(maxCode - grids.zero[grid]));
    }
    for (std::size_t i = 0; i < count; i += kLanes) {
        const __m512 w = _mm512_maskz_loadu_ps(tailMask(count - i), weights + i);
#    pragma GCC unroll 4
        for (std::size_t grid = 0; grid < kGridsAtOnce; ++grid) {
            const __m512 place = _mm512_mul_ps(w, _mm512_set1_ps(grids.inverse[grid]));
            const __m512 inside = _mm512_min_ps(_mm512_max_ps(place, low[grid]), high[grid]);
            const __m512 step = _mm512_sub_ps(_mm512_add_ps(inside, rounder), rounder);
            const __m512 wrong = _mm512_sub_ps(w, _mm512_mul_ps(step, _mm512_set1_ps(grids.scale[grid])));
            sums[grid] = _mm512_add_ps(sums[grid], _mm512_mul_ps(wrong, wrong));
        }
    }
    _mm_storeu_ps(out, sumLanes(sums));
}

/// The low `bits` bits of each of eight bytes.
inline std::uint64_t codeMask(int bits)
{
    return 0x0101010101010101ULL * ((1ULL << bits) - 1ULL);
}

BITLATHE_AVX512 void pack(const std::uint8_t* codes, std::size_t count, int bits, std::uint8_t* packed)
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
BITLATHE_AVX512 inline void unpackNibbles(const std::uint8_t* packed, std::uint8_t* codes)
{
    const __m128i low = _mm_set1_epi8(0x0F);
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(packed));
    const __m128i even = _mm_and_si128(bytes, low);
    const __m128i odd = _mm_and_si128(_mm_srli_epi16(bytes, 4), low);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(codes), _mm_unpacklo_epi8(even, odd));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(codes + 16), _mm_unpackhi_epi8(even, odd));
}

BITLATHE_AVX512 void unpack(const std::uint8_t* packed, std::size_t count, int bits, std::uint8_t* codes)
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

BITLATHE_AVX512 inline __m512 loadCentred(const std::uint8_t* codes, __mmask16 mask, __m512i zeros)
{
    const __m512i wide = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, codes));
    return _mm512_cvtepi32_ps(_mm512_sub_epi32(wide, zeros));
}

BITLATHE_AVX512 void dequantize(const std::uint8_t* codes, std::size_t count, float scale, int zero, float* out)
{
    const __m512i zeros = _mm512_set1_epi32(zero);
    const __m512 scales = _mm512_set1_ps(scale);
    for (std::size_t i = 0; i < count; i += kLanes) {
        const __mmask16 mask = tailMask(count - i);
        _mm512_mask_storeu_ps(out + i, mask, _mm512_mul_ps(loadCentred(codes + i, mask, zeros), scales));
    }
}

BITLATHE_AVX512 inline void addSquares(__m512 values, __m512d (&sums)[2])
{
    const __m512d first = _mm512_cvtps_pd(_mm512_castps512_ps256(values));
    const __m512d second = _mm512_cvtps_pd(_mm512_extractf32x8_ps(values, 1));
    sums[0] = _mm512_add_pd(sums[0], _mm512_mul_pd(first, first));
    sums[1] = _mm512_add_pd(sums[1], _mm512_mul_pd(second, second));
}

BITLATHE_AVX512 inline double sumLanes(const __m512d (&sums)[2])
{
    alignas(64) double lanes[kLanes];
    _mm512_store_pd(lanes, sums[0]);
    _mm512_store_pd(lanes + 8, sums[1]);
    return addLanes(lanes);
}

BITLATHE_AVX512 SquareSums squares(const float* original, const float* rounded, std::size_t count)
{
    __m512d differences[2] = {_mm512_setzero_pd(), _mm512_setzero_pd()};
    __m512d originals[2] = {_mm512_setzero_pd(), _mm512_setzero_pd()};
    for (std::size_t i = 0; i < count; i += kLanes) {
        const __mmask16 mask = tailMask(count - i);
        const __m512 values = _mm512_maskz_loadu_ps(mask, original + i);
        addSquares(_mm512_sub_ps(values, _mm512_maskz_loadu_ps(mask, rounded + i)), differences);
        addSquares(values, originals);
    }
    return {sumLanes(differences), sumLanes(originals)};
}

} // namespace

const QuantizeOps& quantizeOpsAvx512()
{
    static const QuantizeOps ops{range, encode, errors, pack, unpack, dequantize, squares};
    return ops;
}

} // namespace bitlathe::kernels

#endif
