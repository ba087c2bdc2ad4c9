// SPDX-License-Identifier: Apache-2.0
// Reference of the quantization kernels: plain loops, the truth that every fast path equals to the bit.
#include "kernels/reference/quantize.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::kernels
{

namespace
{

ValueRange range(const float* values, std::size_t count)
{
    ValueRange result;
    for (std::size_t i = 0; i < count; ++i) {
        result.finite = result.finite && std::isfinite(values[i]);
        result.low = std::min(result.low, values[i]);
        result.high = std::max(result.high, values[i]);
    }
    return result;
}

void encode(const float* weights, std::size_t count, float scale, int zero, int maxCode, std::uint8_t* codes)
{
    for (std::size_t i = 0; i < count; ++i) {
        codes[i] = static_cast<std::uint8_t>(gridStep(weights[i], scale, zero, maxCode) + zero);
    }
}

void errors(const float* weights, std::size_t count, const GridBatch& grids, int maxCode, float* out)
{
    for (std::size_t grid = 0; grid < kGridsAtOnce; ++grid) {
        float lanes[kLanes] = {};
        for (std::size_t i = 0; i < count; ++i) {
            lanes[i % kLanes] +=
                squaredWrong(weights[i], grids.scale[grid], grids.inverse[grid], grids.zero[grid], maxCode);
        }
        out[grid] = addLanes(lanes);
    }
}

void pack(const std::uint8_t* codes, std::size_t count, int bits, std::uint8_t* packed)
{
    const auto width = static_cast<std::size_t>(bits);
    std::fill_n(packed, count * width / 8, std::uint8_t{0});
    for (std::size_t i = 0; i < count * width; ++i) {
        const unsigned bit = (codes[i / width] >> (i % width)) & 1U;
        packed[i / 8] = static_cast<std::uint8_t>(packed[i / 8] | (bit << (i % 8)));
    }
}

void unpack(const std::uint8_t* packed, std::size_t count, int bits, std::uint8_t* codes)
{
    const auto width = static_cast<std::size_t>(bits);
    std::fill_n(codes, count, std::uint8_t{0});
    for (std::size_t i = 0; i < count * width; ++i) {
        const unsigned bit = (packed[i / 8] >> (i % 8)) & 1U;
        codes[i / width] = static_cast<std::uint8_t>(codes[i / width] | (bit << (i % width)));
    }
}

void dequantize(const std::uint8_t* codes, std::size_t count, float scale, int zero, float* out)
{
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = static_cast<float>(codes[i] - zero) * scale;
    }
}

SquareSums squares(const float* original, const float* rounded, std::size_t count)
{
    double differences[kLanes] = {};
    double originals[kLanes] = {};
    for (std::size_t i = 0; i < count; ++i) {
        const auto value = static_cast<double>(original[i]);
        const auto difference = static_cast<double>(original[i] - rounded[i]);
        differences[i % kLanes] += difference * difference;
        originals[i % kLanes] += value * value;
    }
    return {addLanes(differences), addLanes(originals)};
}

} // namespace

const QuantizeOps& quantizeOpsReference()
{
    static const QuantizeOps ops{range, encode, errors, pack, unpack, dequantize, squares};
    return ops;
}

} // namespace bitlathe::kernels
