// SPDX-License-Identifier: Apache-2.0
// Inputs and options for the tests of GPTQ.
#pragma once

#include "core/quant/gptq.h"
#include "samples.h"

#include <Eigen/Dense>

namespace bitlathe::tests
{

using namespace bitlathe::quant;

inline constexpr std::array kEfforts{Effort::Fast, Effort::Normal, Effort::Best};

/// Inputs [tokens, features] whose channels are correlated and of very different size, as real ones are.
inline Eigen::MatrixXd makeInputs(std::int64_t tokens, std::int64_t features, std::mt19937::result_type seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    Eigen::MatrixXd x(tokens, features);
    for (std::int64_t t = 0; t < tokens; ++t) {
        const double common = normal(random);
        for (std::int64_t i = 0; i < features; ++i) {
            x(t, i) = (normal(random) + common) * (i % 37 == 5 ? 6.0 : 0.3 + 0.02 * static_cast<double>(i % 11));
        }
    }
    return x;
}

/// X'X of them.
inline calibrate::InputStats makeStats(std::int64_t tokens, std::int64_t features, std::mt19937::result_type seed)
{
    const Eigen::MatrixXd x = makeInputs(tokens, features, seed);
    const Eigen::MatrixXd gram = x.transpose() * x;
    calibrate::InputStats stats;
    stats.features = features;
    stats.tokens = tokens;
    for (std::int64_t i = 0; i < features * features; ++i) {
        stats.hessian.push_back(static_cast<float>(gram.data()[i]));
    }
    return stats;
}

inline LayerInput gptqInput(const model::LinearSpec& spec, std::span<const float> weights, const Scheme& scheme,
                            const calibrate::InputStats& stats, const GptqOptions& options)
{
    LayerInput input = layerInput(spec, weights, scheme, &stats);
    input.options.gptq = options;
    return input;
}

inline Scheme schemeWith(int bits, std::int64_t groupSize, bool symmetric)
{
    Scheme scheme;
    scheme.bits = bits;
    scheme.groupSize = groupSize;
    scheme.symmetric = symmetric;
    return scheme;
}

inline GptqOptions optionsWith(Effort effort)
{
    GptqOptions options;
    options.effort = effort;
    return options;
}

inline bool sameTensor(const QuantizedTensor& a, const QuantizedTensor& b)
{
    return a.scheme == b.scheme && a.codes == b.codes && a.scales == b.scales && a.zeros == b.zeros &&
           a.groupIndex == b.groupIndex;
}

inline bool hasFinding(const LayerResult& result, const std::string& id)
{
    return std::ranges::any_of(result.findings, [&](const Finding& finding) { return finding.code == id; });
}

} // namespace bitlathe::tests
