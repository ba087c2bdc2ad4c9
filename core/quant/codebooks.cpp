// SPDX-License-Identifier: Apache-2.0
// CodeBooks: the values that codes of blocks stand for.
#include "core/quant/codebooks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace bitlathe::quant
{

namespace
{

/// Ascending; as published with arXiv 2305.14314 and stored by bitsandbytes.
const std::vector<float> kNf4{
    -1.0F,
    -0.6961928009986877F,
    -0.5250730514526367F,
    -0.39491748809814453F,
    -0.28444138169288635F,
    -0.18477343022823334F,
    -0.09105003625154495F,
    0.0F,
    0.07958029955625534F,
    0.16093020141124725F,
    0.24611230194568634F,
    0.33791524171829224F,
    0.44070982933044434F,
    0.5626170039176941F,
    0.7229568362236023F,
    1.0F,
};

/// Magnitudes by code, as twelfths; bit 3 is the sign. The zero of both signs is positive.
std::vector<float> fp4Values()
{
    std::vector<float> values{0.0F, 0.0625F, 8.0F, 12.0F, 4.0F, 6.0F, 2.0F, 3.0F};
    for (std::size_t code = 0; code < 8; ++code) {
        values.push_back(code == 0 ? 0.0F : -values[code]);
    }
    for (float& value : values) {
        value /= 12.0F;
    }
    return values;
}

/// count equally spaced numbers from first to last, each rounded once, the upper half from the end: the numbers of
/// PyTorch's linspace.
std::vector<float> spaced(float first, float last, int count)
{
    const float step = (last - first) / static_cast<float>(count - 1);
    std::vector<float> values;
    for (int i = 0; i < count; ++i) {
        values.push_back(i < count / 2 ? std::fma(step, static_cast<float>(i), first)
                                       : std::fma(-step, static_cast<float>(count - 1 - i), last));
    }
    return values;
}

/// Powers of ten from 1e-6 to 1, each with twice the steps of the one before, in the middle of equal intervals from a
/// tenth of it to all of it; 0 and 1.
std::vector<float> dynamicValues(bool isSigned)
{
    constexpr int kPowers = 7;
    std::vector<float> values{0.0F, 1.0F};
    for (int power = 0; power < kPowers; ++power) {
        const std::vector<float> edges = spaced(0.1F, 1.0F, (isSigned ? 1 << power : 2 << power) + 1);
        const auto size = static_cast<float>(std::pow(10.0, power + 1 - kPowers));
        for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
            const float value = (edges[i] + edges[i + 1]) / 2.0F * size;
            values.push_back(value);
            if (isSigned) {
                values.push_back(-value);
            }
        }
    }
    std::ranges::sort(values);
    return values;
}

/// 255 steps and a second zero in their middle.
std::vector<float> linearValues()
{
    std::vector<float> values = spaced(-1.0F, 1.0F, 255);
    values.insert(values.begin() + 127, 0.0F);
    return values;
}

} // namespace

std::vector<float> bookValues(BookKind book)
{
    switch (book) {
    case BookKind::Nf4: return kNf4;
    case BookKind::Fp4: return fp4Values();
    case BookKind::Dynamic: return dynamicValues(true);
    case BookKind::DynamicUnsigned: return dynamicValues(false);
    case BookKind::Linear: return linearValues();
    case BookKind::Quantile: break;
    }
    return {};
}

std::vector<float> quantileValues(std::span<const float> weights, std::span<const float> scales, std::int64_t groupSize)
{
    constexpr std::size_t kBins = 1 << 16; // Of [-1, 1]: far finer than the steps between quantiles.
    constexpr std::size_t kQuantiles = 255;
    std::vector<std::int64_t> counts(kBins);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const float most = scales[i / static_cast<std::size_t>(groupSize)];
        const float share = most > 0 ? weights[i] / most : 0.0F;
        const auto bin = static_cast<std::int64_t>((share + 1.0F) * (kBins / 2));
        ++counts[static_cast<std::size_t>(std::clamp<std::int64_t>(bin, 0, kBins - 1))];
    }
    std::vector<float> values{0.0F};
    std::int64_t before = 0;
    std::size_t bin = 0;
    for (std::size_t i = 0; i < kQuantiles; ++i) {
        const double wanted =
            (static_cast<double>(i) + 0.5) / static_cast<double>(kQuantiles) * static_cast<double>(weights.size());
        while (bin + 1 < kBins && static_cast<double>(before + counts[bin]) < wanted) {
            before += counts[bin++];
        }
        const double inside =
            counts[bin] > 0 ? (wanted - static_cast<double>(before)) / static_cast<double>(counts[bin]) : 0.0;
        values.push_back(static_cast<float>((static_cast<double>(bin) + inside) / (kBins / 2) - 1));
    }
    std::ranges::sort(values);
    const float most = std::max(std::abs(values.front()), values.back());
    for (float& value : values) {
        value = most > 0 ? value / most : 0.0F;
    }
    return values;
}

} // namespace bitlathe::quant
