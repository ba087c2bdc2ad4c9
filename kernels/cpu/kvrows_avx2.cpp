// SPDX-License-Identifier: Apache-2.0
// Key and value rows with AVX2. Compiled for that level: include nothing that others share.
#include "kernels/cpu/simdavx2.h"

#include "kernels/cpu/kvrowloops.h"

namespace bitlathe::kernels
{

namespace
{

struct Kv256 : cpu::Simd256
{
    static __m256i integers(const std::uint8_t* p)
    {
        return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
    }
    static void storeBytes(__m256i v, std::uint8_t* p)
    {
        // The packs work within halves of 128 bits.
        const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
        _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packus_epi16(words, words));
    }
    static V fromBytes(const std::uint8_t* p) { return _mm256_cvtepi32_ps(integers(p)); }
    static void toBytes(V v, std::uint8_t* p) { storeBytes(_mm256_cvtps_epi32(v), p); }
    static V half(V v) { return _mm256_cvtph_ps(_mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT)); }
    static float halfOf(float value) { return _cvtsh_ss(_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT)); }

    /// The seven lower bits are those of an f32 whose exponent is 120 less, subnormal numbers too.
    static V fromE4m3(const std::uint8_t* p)
    {
        const __m256i codes = integers(p);
        const __m256i size = _mm256_and_si256(codes, _mm256_set1_epi32(0x7F));
        const __m256i sign = _mm256_slli_epi32(_mm256_and_si256(codes, _mm256_set1_epi32(0x80)), 24);
        const V value = _mm256_mul_ps(_mm256_castsi256_ps(_mm256_slli_epi32(size, 20)), _mm256_set1_ps(0x1p120F));
        const __m256i isNan = _mm256_cmpeq_epi32(size, _mm256_set1_epi32(0x7F));
        const __m256i bits = _mm256_or_si256(_mm256_castps_si256(value), sign);
        return _mm256_castsi256_ps(_mm256_blendv_epi8(bits, _mm256_set1_epi32(0x7FC00000), isNan));
    }
    static void toE4m3(V v, std::uint8_t* p)
    {
        const V size = _mm256_min_ps(abs(v), _mm256_set1_ps(448.0F));
        const __m256i bits = _mm256_castps_si256(size);
        const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 20), _mm256_set1_epi32(1));
        const __m256i sum = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7FFFF)));
        const __m256i normal = _mm256_sub_epi32(_mm256_srli_epi32(sum, 20), _mm256_set1_epi32(120 << 3));
        const __m256i small = _mm256_cvtps_epi32(_mm256_mul_ps(size, _mm256_set1_ps(0x1p9F)));
        const __m256i isSmall = _mm256_castps_si256(_mm256_cmp_ps(size, _mm256_set1_ps(0x1p-6F), _CMP_LT_OQ));
        const __m256i sign = _mm256_and_si256(_mm256_srli_epi32(_mm256_castps_si256(v), 24), _mm256_set1_epi32(0x80));
        const __m256i code = _mm256_or_si256(_mm256_blendv_epi8(normal, small, isSmall), sign);
        const __m256i isNan = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
        storeBytes(_mm256_blendv_epi8(code, _mm256_set1_epi32(0x7F), isNan), p);
    }
};

} // namespace

const KvRowOps& kvRowOpsAvx2()
{
    static constexpr KvRowOps kOps = cpu::KvRows<Kv256>::ops();
    return kOps;
}

} // namespace bitlathe::kernels
