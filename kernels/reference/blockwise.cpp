// SPDX-License-Identifier: Apache-2.0
// Reference of the code book kernels: plain loops, the truth that every fast path equals to the bit.
#include "kernels/reference/blockwise.h"

namespace bitlathe::kernels
{

namespace
{

template <std::size_t kSize>
void encode(const float* weights, std::size_t count, float factor, const float* limits, const std::uint8_t* codeOf,
            std::uint8_t* codes)
{
    for (std::size_t i = 0; i < count; ++i) {
        const float value = weights[i] * factor;
        std::size_t place = 0;
        while (place + 1 < kSize && value > limits[place]) {
            ++place;
        }
        codes[i] = codeOf[place];
    }
}

void decode(const std::uint8_t* codes, std::size_t count, float scale, const float* values, float* out)
{
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = values[codes[i]] * scale;
    }
}

void dotInt8(const Int8Dots& dots)
{
    for (std::int64_t row = 0; row < dots.rows; ++row) {
        std::int32_t sum = 0;
        for (std::int64_t k = 0; k < dots.depth; ++k) {
            sum += static_cast<std::int32_t>(dots.x[row * dots.stride + k]) * static_cast<std::int32_t>(dots.codes[k]);
        }
        dots.sums[row * dots.sumStride] = sum;
    }
}

} // namespace

const BlockwiseOps& blockwiseOpsReference()
{
    static const BlockwiseOps ops{encode<16>, encode<256>, decode, decode, dotInt8};
    return ops;
}

} // namespace bitlathe::kernels
