// SPDX-License-Identifier: Apache-2.0
// InputNoise: Weibull channels and the largest of them.
#include "core/quant/inputnoise.h"

#include "kernels/threads.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace bitlathe::quant
{

namespace
{

constexpr std::int64_t kPoints = 96; ///< Of the integral over the size of a token's largest input.
constexpr double kShapeLeast = 0.25; ///< Tails like those of single tokens that stand far out.
constexpr double kShapeMost = 8.0;   ///< Values that are nearly all alike.
constexpr int kBisections = 40;

/// Mean square over squared mean of a Weibull distribution: falls as the shape grows.
double spreadOf(double shape)
{
    return std::exp(std::lgamma(1 + 2 / shape) - 2 * std::lgamma(1 + 1 / shape));
}

double shapeOf(double spread)
{
    double low = kShapeLeast;
    double high = kShapeMost;
    for (int i = 0; i < kBisections; ++i) {
        const double middle = (low + high) / 2;
        (spreadOf(middle) > spread ? low : high) = middle;
    }
    return low;
}

} // namespace

void InputNoise::describe(const calibrate::InputStats& stats)
{
    const std::size_t cols = m_channels.size();
    for (std::size_t i = 0; i < cols; ++i) {
        const auto mean = static_cast<double>(stats.absMean[i]);
        const double square = static_cast<double>(stats.hessian[i * cols + i]) / static_cast<double>(stats.tokens);
        if (mean > 0 && square > 0) {
            Channel& channel = m_channels[i];
            channel.shape = shapeOf(square / (mean * mean));
            channel.width = mean / std::exp(std::lgamma(1 + 1 / channel.shape));
            channel.most = static_cast<double>(stats.absMax[i]);
        }
    }
}

InputNoise::InputNoise(std::span<const float> weights, const calibrate::InputStats& stats, int activationBits)
    : m_channels(static_cast<std::size_t>(stats.features)), m_bits(activationBits)
{
    describe(stats);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const auto value = static_cast<double>(weights[i]);
        m_channels[i % m_channels.size()].energy += value * value;
    }
}

InputNoise::InputNoise(const ScaleProblem& problem, int activationBits, bool isStatic)
    : m_channels(static_cast<std::size_t>(problem.cols)), m_bits(activationBits), m_isStatic(isStatic)
{
    describe(*problem.stats);
    const std::size_t cols = m_channels.size();
    for (const ProblemPart& part : problem.parts) {
        const double weight = part.share * problem.tokenShare(part);
        for (std::size_t i = 0; i < part.weights.size(); ++i) {
            const auto value = static_cast<double>(part.weights[i]);
            m_channels[i % cols].energy += weight * value * value;
        }
    }
}

double InputNoise::largest(std::span<const float> scales) const
{
    double most = 0;
    for (std::size_t i = 0; i < m_channels.size(); ++i) {
        most = std::max(most, m_channels[i].most / static_cast<double>(scales[i]));
    }
    return most;
}

/// The integral of 2 m P(largest > m).
double InputNoise::meanSquareOfLargest(std::span<const float> scales) const
{
    const double most = largest(scales);
    if (m_isStatic) {
        return most * most;
    }
    const double step = most / static_cast<double>(kPoints);
    std::array<double, kPoints> values{};
    kernels::parallelFor(kPoints, 4, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t point = begin; point < end; ++point) {
            const double size = (static_cast<double>(point) + 0.5) * step;
            double logBelow = 0; // Of the probability that all channels stay below.
            for (std::size_t i = 0; i < m_channels.size(); ++i) {
                const Channel& channel = m_channels[i];
                const double own = size * static_cast<double>(scales[i]);
                if (own < channel.most && channel.width > 0) {
                    logBelow += std::log1p(-std::exp(-std::pow(own / channel.width, channel.shape)));
                }
            }
            values[static_cast<std::size_t>(point)] = 2 * size * (1 - std::exp(logBelow)) * step;
        }
    });
    double sum = 0;
    for (const double value : values) {
        sum += value;
    }
    return sum;
}

double InputNoise::loss(std::span<const float> scales) const
{
    double energy = 0;
    for (std::size_t i = 0; i < m_channels.size(); ++i) {
        const auto scale = static_cast<double>(scales[i]);
        energy += m_channels[i].energy * scale * scale;
    }
    return noise(meanSquareOfLargest(scales), energy);
}

double InputNoise::noise(double meanSquareOfLargest, double energy) const
{
    const double steps = static_cast<double>((1 << (m_bits - 1)) - 1);
    // A rounded value is off by up to half a step, evenly.
    return meanSquareOfLargest / (steps * steps) / 12 * energy;
}

double InputNoise::lossBelow(double threshold) const
{
    const double limit = threshold > 0 ? threshold : std::numeric_limits<double>::infinity();
    double energy = 0;
    double most = 0;
    for (const Channel& channel : m_channels) {
        energy += channel.most < limit ? channel.energy : 0.0;
        most = std::max(most, std::min(channel.most, limit));
    }
    // The probability that |x| of a channel is above size.
    const auto above = [](const Channel& channel, double size) {
        return size < channel.most && channel.width > 0 ? std::exp(-std::pow(size / channel.width, channel.shape))
                                                        : 0.0;
    };
    std::vector<double> beyond(m_channels.size());
    std::ranges::transform(m_channels, beyond.begin(), [&](const Channel& c) { return above(c, limit); });
    const double step = most / static_cast<double>(kPoints);
    std::array<double, kPoints> values{};
    kernels::parallelFor(kPoints, 4, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t point = begin; point < end; ++point) {
            const double size = (static_cast<double>(point) + 0.5) * step;
            double logBelow = 0; // Of the probability that no channel lies between size and limit.
            for (std::size_t i = 0; i < m_channels.size(); ++i) {
                logBelow += std::log1p(-std::clamp(above(m_channels[i], size) - beyond[i], 0.0, 1.0));
            }
            values[static_cast<std::size_t>(point)] = 2 * size * (1 - std::exp(logBelow)) * step;
        }
    });
    double square = 0;
    for (const double value : values) {
        square += value;
    }
    return noise(square, energy);
}

} // namespace bitlathe::quant
