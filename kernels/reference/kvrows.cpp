// SPDX-License-Identifier: Apache-2.0
// Key and value rows in plain loops: the specification of the fast paths.
#include "kernels/reference/kvrows.h"

#include "kernels/scalars.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace bitlathe::kernels
{

namespace
{

float half(float value)
{
    return static_cast<float>(static_cast<F16>(value));
}

/// To the nearest whole number within 0 ... most, ties to even; NaN: 0.
std::uint8_t wholeStep(float place, float most)
{
    return static_cast<std::uint8_t>(place > 0.0F ? std::nearbyint(std::min(place, most)) : 0.0F);
}

void encodeGrid(const float* x, std::size_t count, const KvGrid& grid, std::uint8_t* codes)
{
    for (std::size_t i = 0; i < count; ++i) {
        codes[i] = wholeStep((x[i] - grid.zero) / grid.scale + 128.0F, 255.0F);
    }
}

void decodeGrid(const std::uint8_t* codes, std::size_t count, const KvGrid& grid, float* out)
{
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = (static_cast<float>(codes[i]) - 128.0F) * grid.scale + grid.zero;
    }
}

KvGrid encodeToken(const float* x, std::size_t count, int bits, std::uint8_t* packed)
{
    float low = std::numeric_limits<float>::infinity();
    float high = -low;
    for (std::size_t i = 0; i < count; ++i) {
        low = std::min(low, half(x[i]));
        high = std::max(high, half(x[i]));
    }
    const auto most = static_cast<float>((1 << bits) - 1);
    const KvGrid grid{half((high - low) * (1.0F / most)), low};
    const float inverse = half(1.0F / grid.scale);
    const std::size_t bytes = kvTokenBytes(count, bits);
    std::fill_n(packed, bytes, std::uint8_t{0});
    for (std::size_t i = 0; i < count; ++i) {
        const unsigned code = wholeStep(half(half(half(x[i]) - low) * inverse), most);
        packed[i % bytes] = static_cast<std::uint8_t>(packed[i % bytes] | (i < bytes ? code : code << 4U));
    }
    return grid;
}

void decodeToken(const std::uint8_t* packed, std::size_t count, int bits, const KvGrid& grid, float* out)
{
    const std::size_t bytes = kvTokenBytes(count, bits);
    const unsigned most = (1U << static_cast<unsigned>(bits)) - 1U;
    for (std::size_t i = 0; i < count; ++i) {
        const unsigned code = (i < bytes ? packed[i] : static_cast<unsigned>(packed[i - bytes]) >> 4U) & most;
        out[i] = half(static_cast<float>(code) * grid.scale + grid.zero);
    }
}

constexpr float kSmallestNormalE4m3 = 0x1p-6F;
constexpr std::uint8_t kNanE4m3 = 0x7F;

std::uint8_t e4m3(float value)
{
    if (std::isnan(value)) {
        return kNanE4m3;
    }
    const float size = std::min(std::abs(value), 448.0F);
    unsigned code = 0;
    if (size < kSmallestNormalE4m3) {
        code = static_cast<unsigned>(std::nearbyint(size * 0x1p9F));
    } else {
        // Three bits of the fraction stay, and the exponent counts from another number.
        const auto bits = std::bit_cast<std::uint32_t>(size);
        code = ((bits + 0x7FFFFU + ((bits >> 20U) & 1U)) >> 20U) - (120U << 3U);
    }
    return static_cast<std::uint8_t>(code | (std::signbit(value) ? 0x80U : 0U));
}

void encodeE4m3(const float* x, std::size_t count, float scale, std::uint8_t* codes)
{
    for (std::size_t i = 0; i < count; ++i) {
        codes[i] = e4m3(x[i] / scale);
    }
}

float fromE4m3(std::uint8_t code)
{
    const unsigned size = code & 0x7FU;
    if (size == kNanE4m3) {
        return std::numeric_limits<float>::quiet_NaN();
    }
    const auto exponent = static_cast<int>(size >> 3U);
    const auto fraction = static_cast<float>(size & 7U);
    const float value = exponent == 0 ? std::ldexp(fraction, -9) : std::ldexp(8.0F + fraction, exponent - 10);
    return (code & 0x80U) != 0U ? -value : value;
}

void decodeE4m3(const std::uint8_t* codes, std::size_t count, float scale, float* out)
{
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = fromE4m3(codes[i]) * scale;
    }
}

} // namespace

const KvRowOps& kvRowOpsReference()
{
    static constexpr KvRowOps kOps{encodeGrid, decodeGrid, encodeToken, decodeToken, encodeE4m3, decodeE4m3};
    return kOps;
}

} // namespace bitlathe::kernels
