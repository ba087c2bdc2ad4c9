// SPDX-License-Identifier: Apache-2.0
// Rotary frequencies with the scalings that long-context models use, and their reading from config.json.
#include "core/model/rope.h"

#include "core/model/families/family.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace bitlathe::model
{

namespace
{

/// Frequencies of wavelengths that fit the original context often stay; those that never fit it are divided by factor;
/// those between are blended.
float llama3Scaled(const RopeSpec& rope, float frequency)
{
    const double wavelength = 2.0 * std::numbers::pi / static_cast<double>(frequency);
    const auto original = static_cast<double>(rope.originalPositions);
    const auto scaled = static_cast<double>(frequency) / rope.factor;
    if (wavelength > original / rope.lowFrequencyFactor) {
        return static_cast<float>(scaled);
    }
    if (wavelength < original / rope.highFrequencyFactor) {
        return frequency;
    }
    const double smooth =
        (original / wavelength - rope.lowFrequencyFactor) / (rope.highFrequencyFactor - rope.lowFrequencyFactor);
    return static_cast<float>((1.0 - smooth) * scaled + smooth * static_cast<double>(frequency));
}

/// The pair whose frequency turns so many times within the original context, as a fraction.
double yarnPair(const RopeSpec& rope, std::int64_t headDim, double turns)
{
    const double angle = static_cast<double>(rope.originalPositions) / (turns * 2.0 * std::numbers::pi);
    return static_cast<double>(headDim) * std::log(angle) / (2.0 * std::log(rope.theta));
}

void scaleYarn(const RopeSpec& rope, std::int64_t headDim, std::vector<float>& frequencies)
{
    const double low = std::max(0.0, std::floor(yarnPair(rope, headDim, rope.betaFast)));
    double high = std::min(static_cast<double>(headDim - 1), std::ceil(yarnPair(rope, headDim, rope.betaSlow)));
    if (low == high) {
        high += 0.001; // as the original does, against a division by zero
    }
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
        const auto frequency = static_cast<double>(frequencies[i]);
        frequencies[i] = static_cast<float>(frequency / rope.factor * ramp + frequency * (1.0 - ramp));
    }
}

/// The parameters of a scaling and where they are written.
struct ScalingSource
{
    JsonObject parameters;
    std::string type;
};

Result<void> readYarn(const JsonObject& config, const JsonObject& parameters, RopeSpec& rope)
{
    BITLATHE_TRY(const std::int64_t maxPositions, config.integer("max_position_embeddings", 2048));
    BITLATHE_TRY(rope.originalPositions, parameters.integer("original_max_position_embeddings", maxPositions));
    BITLATHE_TRY(rope.betaFast, parameters.number("beta_fast", 32.0));
    BITLATHE_TRY(rope.betaSlow, parameters.number("beta_slow", 1.0));
    const auto magnitude = [&](double scale) {
        return rope.factor > 1.0 ? 0.1 * scale * std::log(rope.factor) + 1.0 : 1.0;
    };
    double factor = magnitude(1.0);
    if (parameters.has("mscale") && parameters.has("mscale_all_dim")) {
        BITLATHE_TRY(const double scale, parameters.number("mscale"));
        BITLATHE_TRY(const double scaleAll, parameters.number("mscale_all_dim"));
        if (scale != 0.0 && scaleAll != 0.0) {
            factor = magnitude(scale) / magnitude(scaleAll);
        }
    }
    BITLATHE_TRY(rope.attentionFactor, parameters.number("attention_factor", factor));
    return {};
}

Result<void> readScaling(const JsonObject& config, const ScalingSource& source, ModelSpec& spec)
{
    RopeSpec& rope = spec.rope;
    const JsonObject& parameters = source.parameters;
    if (source.type == "default") {
        return {};
    }
    if (source.type != "linear" && source.type != "llama3" && source.type != "yarn") {
        markNotRunnable(spec, Text(BITLATHE_TEXT("the rope scaling %1"), source.type));
        return {};
    }
    BITLATHE_TRY(rope.factor, parameters.number("factor"));
    if (!(rope.factor >= 1.0)) {
        return fail(ErrorCode::ConfigInvalid, "config.json: factor", Text(BITLATHE_TEXT("1 or more")),
                    Text(BITLATHE_TEXT("%1"), rope.factor),
                    Text(BITLATHE_TEXT("Take the file from the model's original folder")));
    }
    if (source.type == "linear") {
        rope.scaling = RopeScaling::Linear;
        return {};
    }
    if (source.type == "yarn") {
        rope.scaling = RopeScaling::Yarn;
        return readYarn(config, parameters, rope);
    }
    rope.scaling = RopeScaling::Llama3;
    BITLATHE_TRY(rope.lowFrequencyFactor, parameters.number("low_freq_factor"));
    BITLATHE_TRY(rope.highFrequencyFactor, parameters.number("high_freq_factor"));
    BITLATHE_TRY(rope.originalPositions, parameters.integerIn("original_max_position_embeddings", 1, INT64_MAX));
    return {};
}

} // namespace

Result<void> readRope(const JsonObject& config, ModelSpec& spec)
{
    const std::string_view key = config.has("rope_parameters") ? "rope_parameters" : "rope_scaling";
    BITLATHE_TRY(spec.rope.theta, config.number("rope_theta", 10000.0));
    ScalingSource source{JsonObject(config.json(), "config.json"), "default"};
    if (config.has(key)) {
        const Json& value = config.json()[key];
        if (!value.is_object()) {
            return fail(ErrorCode::ConfigInvalid, fmt::format("config.json: {}", key),
                        Text(BITLATHE_TEXT("an object or null")), Text(BITLATHE_TEXT("%1"), value.type_name()),
                        Text(BITLATHE_TEXT("Take the file from the model's original folder")));
        }
        source.parameters = JsonObject(value, fmt::format("config.json: {}", key));
        BITLATHE_TRY(const std::string classic, source.parameters.string("type", "default"));
        BITLATHE_TRY(source.type, source.parameters.string("rope_type", classic));
        BITLATHE_TRY(spec.rope.theta, source.parameters.number("rope_theta", spec.rope.theta));
    }
    BITLATHE_TRY(const double classicPart, config.number("partial_rotary_factor", 1.0));
    BITLATHE_TRY(const double part, source.parameters.number("partial_rotary_factor", classicPart));
    if (part != 1.0) {
        markNotRunnable(spec, Text(BITLATHE_TEXT("rope on a part of each head only")));
    }
    if (!(spec.rope.theta > 1.0)) {
        return fail(ErrorCode::ConfigInvalid, "config.json: rope_theta", Text(BITLATHE_TEXT("a number above 1")),
                    Text(BITLATHE_TEXT("%1"), spec.rope.theta),
                    Text(BITLATHE_TEXT("Take the file from the model's original folder")));
    }
    return readScaling(config, source, spec);
}

std::vector<float> ropeFrequencies(const RopeSpec& rope, std::int64_t headDim)
{
    std::vector<float> frequencies(static_cast<std::size_t>(headDim / 2));
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        const auto exponent = static_cast<float>(2 * i) / static_cast<float>(headDim);
        frequencies[i] = 1.0F / static_cast<float>(std::pow(rope.theta, static_cast<double>(exponent)));
    }
    switch (rope.scaling) {
    case RopeScaling::None: break;
    case RopeScaling::Linear:
        for (float& frequency : frequencies) {
            frequency /= static_cast<float>(rope.factor);
        }
        break;
    case RopeScaling::Llama3:
        for (float& frequency : frequencies) {
            frequency = llama3Scaled(rope, frequency);
        }
        break;
    case RopeScaling::Yarn: scaleYarn(rope, headDim, frequencies); break;
    }
    return frequencies;
}

RopeTable::RopeTable(const RopeSpec& rope, std::int64_t headDim)
    : m_frequencies(ropeFrequencies(rope, headDim)),
      m_factor(static_cast<float>(rope.attentionFactor)),
      m_rows(std::make_shared<RopeRows>())
{}

std::shared_ptr<const RopeRows> RopeTable::rows(std::int64_t end) const
{
    const std::scoped_lock lock(m_mutex);
    const std::size_t half = m_frequencies.size();
    const auto wanted = static_cast<std::size_t>(end) * half;
    if (m_rows->cosine.size() < wanted) {
        constexpr std::size_t kPositionsLeast = 256;
        const std::size_t positions =
            std::max({static_cast<std::size_t>(end), kPositionsLeast, 2 * m_rows->cosine.size() / half});
        auto rows = std::make_shared<RopeRows>();
        rows->cosine.resize(positions * half);
        rows->sine.resize(positions * half);
        for (std::size_t position = 0; position < positions; ++position) {
            for (std::size_t i = 0; i < half; ++i) {
                // The product is rounded to f32 before the cosine: models were trained with exactly these angles.
                const float angle = static_cast<float>(position) * m_frequencies[i];
                rows->cosine[position * half + i] = static_cast<float>(std::cos(static_cast<double>(angle))) * m_factor;
                rows->sine[position * half + i] = static_cast<float>(std::sin(static_cast<double>(angle))) * m_factor;
            }
        }
        m_rows = std::move(rows);
    }
    return m_rows;
}

} // namespace bitlathe::model
