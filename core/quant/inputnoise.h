// SPDX-License-Identifier: Apache-2.0
// InputNoise: the output error that rounding of inputs will leave, estimated from statistics of channels.
#pragma once

#include "core/quant/scaleproblem.h"

namespace bitlathe::quant
{

/// Each token is rounded by its own largest input, and tokens are not at hand any more. The distribution of |x| of a
/// channel is taken for a Weibull one with its mean and mean square, cut at its largest, channels for independent.
class InputNoise
{
public:
    /// The problem's schemes round inputs to activationBits bits. isStatic: by the largest input of all tokens.
    InputNoise(const ScaleProblem& problem, int activationBits, bool isStatic = false);
    /// As above for one linear's weights [rows, stats.features]; stats has a Hessian.
    InputNoise(std::span<const float> weights, const calibrate::InputStats& stats, int activationBits);

    /// Squared output error per token where inputs are divided by scales before they are rounded.
    double loss(std::span<const float> scales) const;

    /// The same where inputs of threshold and above are left out of a token's largest, and channels that ever reach it
    /// are not rounded at all. 0: no such channel.
    double lossBelow(double threshold) const;

private:
    void describe(const calibrate::InputStats& stats);
    double noise(double meanSquareOfLargest, double energy) const;
    double largest(std::span<const float> scales) const;
    double meanSquareOfLargest(std::span<const float> scales) const;

    struct Channel
    {
        double width = 0; ///< Of the Weibull distribution; 0: the channel is silent.
        double shape = 1;
        double most = 0;   ///< Largest |x|.
        double energy = 0; ///< Sum of the squared weights that read the channel.
    };
    std::vector<Channel> m_channels;
    int m_bits;
    bool m_isStatic = false;
};

} // namespace bitlathe::quant
