// SPDX-License-Identifier: Apache-2.0
// Weights, layers and schemes for the tests of this room.
#pragma once

#include "core/quant/quantizer.h"
#include "core/quant/rtn.h"

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace bitlathe::tests
{

inline std::vector<float> normalWeights(std::int64_t count, std::mt19937::result_type seed, float sigma = 0.02F)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0F, sigma);
    std::vector<float> weights(static_cast<std::size_t>(count));
    std::ranges::generate(weights, [&] { return normal(random); });
    return weights;
}

inline model::LinearSpec linearSpec(std::int64_t rows, std::int64_t cols)
{
    model::LinearSpec spec;
    spec.id = LayerId(3);
    spec.name = "model.layers.0.self_attn.q_proj";
    spec.outFeatures = rows;
    spec.inFeatures = cols;
    return spec;
}

/// weights must outlive the input.
inline quant::LayerInput layerInput(const model::LinearSpec& spec, std::span<const float> weights,
                                    const quant::Scheme& scheme = {}, const calibrate::InputStats* stats = nullptr)
{
    return {spec, weights, stats, scheme, 0};
}

/// A scheme by lot: every width, group size, symmetry, clipping and scale type comes up.
inline quant::Scheme randomScheme(std::mt19937& random)
{
    using checkpoint::DType;
    quant::Scheme scheme;
    scheme.bits = std::array{2, 3, 4, 5, 6, 8}[random() % 6];
    scheme.groupSize =
        std::array<std::int64_t, 8>{16, 32, 64, 100, 128, 1024, quant::kPerChannel, quant::kPerTensor}[random() % 8];
    scheme.symmetric = random() % 2 == 0;
    scheme.clipping = random() % 2 == 0 ? quant::Clipping::MinMax : quant::Clipping::Mse;
    scheme.scaleDType = std::array{DType::F16, DType::BF16, DType::F32}[random() % 3];
    return scheme;
}

inline quant::QuantizedTensor roundedTensor(std::span<const float> weights, std::int64_t rows, std::int64_t cols,
                                            const quant::Scheme& scheme)
{
    return std::move(quant::encodeRtn(weights, rows, cols, scheme, "layer", {})->tensor);
}

} // namespace bitlathe::tests
