// SPDX-License-Identifier: Apache-2.0
// Key and value rows with AVX-512. Compiled for that level: include nothing that others share.
#include "kernels/cpu/simdavx512.h"

#include "kernels/cpu/kvrowloops.h"

namespace bitlathe::kernels
{

namespace
{

struct Kv512 : cpu::Simd512
{
    static __m512i integers(const std::uint8_t* p)
    {
        return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static void storeBytes(__m512i v, std::uint8_t* p)
    {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(v));
    }
    static V fromBytes(const std::uint8_t* p) { return _mm512_cvtepi32_ps(integers(p)); }
    static void toBytes(V v, std::uint8_t* p) { storeBytes(_mm512_cvtps_epi32(v), p); }
    static V half(V v) { return _mm512_cvtph_ps(_mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT)); }
    static float halfOf(float value) { return _cvtsh_ss(_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT)); }

    /// The seven lower bits are those of an f32 whose exponent is 120 less, subnormal numbers too.
    static V fromE4m3(const std::uint8_t* p)
    {
        const __m512i codes = integers(p);
        const __m512i size = _mm512_and_si512(codes, _mm512_set1_epi32(0x7F));
        const __m512i sign = _mm512_slli_epi32(_mm512_and_si512(codes, _mm512_set1_epi32(0x80)), 24);
        const V value = _mm512_mul_ps(_mm512_castsi512_ps(_mm512_slli_epi32(size, 20)), _mm512_set1_ps(0x1p120F));
        const __mmask16 isNan = _mm512_cmpeq_epi32_mask(size, _mm512_set1_epi32(0x7F));
        const __m512i bits = _mm512_or_si512(_mm512_castps_si512(value), sign);
        return _mm512_castsi512_ps(_mm512_mask_mov_epi32(bits, isNan, _mm512_set1_epi32(0x7FC00000)));
    }
    static void toE4m3(V v, std::uint8_t* p)
    {
        const V size = _mm512_min_ps(abs(v), _mm512_set1_ps(448.0F));
        const __m512i bits = _mm512_castps_si512(size);
        const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 20), _mm512_set1_epi32(1));
        const __m512i sum = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFFF)));
        const __m512i normal = _mm512_sub_epi32(_mm512_srli_epi32(sum, 20), _mm512_set1_epi32(120 << 3));
        const __m512i small = _mm512_cvtps_epi32(_mm512_mul_ps(size, _mm512_set1_ps(0x1p9F)));
        const __mmask16 isSmall = _mm512_cmp_ps_mask(size, _mm512_set1_ps(0x1p-6F), _CMP_LT_OQ);
        const __m512i sign = _mm512_and_si512(_mm512_srli_epi32(_mm512_castps_si512(v), 24), _mm512_set1_epi32(0x80));
        const __m512i code = _mm512_or_si512(_mm512_mask_mov_epi32(normal, isSmall, small), sign);
        const __mmask16 isNan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
        storeBytes(_mm512_mask_mov_epi32(code, isNan, _mm512_set1_epi32(0x7F)), p);
    }
};

} // namespace

const KvRowOps& kvRowOpsAvx512()
{
    static constexpr KvRowOps kOps = cpu::KvRows<Kv512>::ops();
    return kOps;
}

} // namespace bitlathe::kernels
