// SPDX-License-Identifier: Apache-2.0
// Packed weights one by one.
#include "kernels/reference/packed.h"

#include <cassert>

namespace bitlathe::kernels
{

namespace
{

std::size_t at(std::int64_t index)
{
    return static_cast<std::size_t>(index);
}

unsigned codeAt(const PackedWeightsView& weights, std::int64_t output, std::int64_t input)
{
    const std::int64_t bytesRow = (weights.inputs * weights.bits + 7) / 8;
    unsigned code = 0;
    for (int bit = 0; bit < weights.bits; ++bit) {
        const std::int64_t place = input * weights.bits + bit;
        const unsigned byte = weights.codes[at(output * bytesRow + place / 8)];
        code |= (byte >> (place % 8) & 1U) << bit;
    }
    return code;
}

} // namespace

std::vector<float> unpackWeights(const PackedWeightsView& weights)
{
    assert(weights.scales.size() == at(weights.outputs * weights.groups));
    std::vector<float> values;
    values.reserve(at(weights.outputs * weights.inputs));
    for (std::int64_t output = 0; output < weights.outputs; ++output) {
        for (std::int64_t input = 0; input < weights.inputs; ++input) {
            const std::int64_t group =
                weights.groupIndex.empty() ? input / weights.groupSize : weights.groupIndex[at(input)];
            const std::size_t place = at(output * weights.groups + group);
            const unsigned code = codeAt(weights, output, input);
            const float value = weights.book.empty() ? static_cast<float>(code) : weights.book[code];
            const int zero = weights.zeros.empty() ? weights.zero : weights.zeros[place];
            const float product = (value - static_cast<float>(zero)) * weights.scales[place];
            values.push_back(weights.offsets.empty() ? product : product - weights.offsets[place]);
        }
    }
    return values;
}

} // namespace bitlathe::kernels
