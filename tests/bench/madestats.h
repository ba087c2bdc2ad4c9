// SPDX-License-Identifier: Apache-2.0
// Statistics without a calibration.
#pragma once

#include "core/calibrate/layerstats.h"

#include <algorithm>
#include <random>

namespace bitlathe::bench
{

/// A positive definite Hessian with one strong common direction and channels of different size, without the inputs.
inline calibrate::InputStats madeStats(std::int64_t features)
{
    std::mt19937 random(2);
    std::uniform_real_distribution<float> size(0.2F, 2.0F);
    const auto count = static_cast<std::size_t>(features);
    std::vector<float> sizes(count);
    std::ranges::generate(sizes, [&] { return size(random); });
    calibrate::InputStats stats;
    stats.features = features;
    stats.tokens = 65536;
    stats.hessian.resize(count * count);
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < count; ++j) {
            const float common = sizes[i] * sizes[j];
            stats.hessian[i * count + j] = static_cast<float>(stats.tokens) * (i == j ? 1.5F : 0.5F) * common;
        }
        stats.absMean.push_back(sizes[i]);
        stats.absMax.push_back(4 * sizes[i]);
    }
    return stats;
}

} // namespace bitlathe::bench
