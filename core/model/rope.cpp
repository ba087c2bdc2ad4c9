// SPDX-License-Identifier: Apache-2.0
// Rotary frequencies with the scalings that long-context models use, and their reading from config.json.
#include "core/model/rope.h"

#include "core/model/families/readers.h"

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

/// The theta with which the longest wave of a longer sequence turns as far as before, and the shortest stays.
double dynamicTheta(const RopeSpec& rope, std::int64_t headDim, std::int64_t length)
{
    if (length <= rope.originalPositions || headDim <= 2) {
        return rope.theta;
    }
    const double longer = static_cast<double>(length) / static_cast<double>(rope.originalPositions);
    const auto dims = static_cast<double>(headDim);
    return rope.theta * std::pow(rope.factor * longer - (rope.factor - 1.0), dims / (dims - 2.0));
}

void scaleLong(const RopeSpec& rope, std::int64_t length, std::vector<float>& frequencies)
{
    const auto& factors = length > rope.originalPositions ? rope.longFactors : rope.shortFactors;
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        frequencies[i] = static_cast<float>(static_cast<double>(frequencies[i]) / factors.at(i));
    }
}

Result<std::vector<double>> readFactors(const JsonObject& parameters, std::string_view key)
{
    const auto isFactor = [](const Json& item) { return item.is_number() && item.get<double>() > 0.0; };
    const Json list = parameters.has(key) ? parameters.json()[key] : Json();
    if (!list.is_array() || !std::ranges::all_of(list, isFactor)) {
        return wrongSetting(key, Text(BITLATHE_TEXT("a list of numbers above 0")),
                            Text(BITLATHE_TEXT("%1"), list.type_name()));
    }
    return list.get<std::vector<double>>();
}

Result<void> readLongRope(const JsonObject& config, const JsonObject& parameters, RopeSpec& rope)
{
    rope.scaling = RopeScaling::LongRope;
    BITLATHE_TRY(rope.shortFactors, readFactors(parameters, "short_factor"));
    BITLATHE_TRY(rope.longFactors, readFactors(parameters, "long_factor"));
    BITLATHE_TRY(const std::int64_t maxPositions, config.integer("max_position_embeddings", 4096));
    // Classic files have the length of the first training beside the other sizes.
    constexpr const char* kOriginal = "original_max_position_embeddings";
    const JsonObject& place = parameters.has(kOriginal) ? parameters : config;
    BITLATHE_TRY(rope.originalPositions,
                 place.has(kOriginal) ? place.integerIn(kOriginal, 2, INT64_MAX) : Result<std::int64_t>(4096));
    const auto original = static_cast<double>(rope.originalPositions);
    BITLATHE_TRY(rope.factor, parameters.number("factor", static_cast<double>(maxPositions) / original));
    const double attention = rope.factor > 1.0 ? std::sqrt(1.0 + std::log(rope.factor) / std::log(original)) : 1.0;
    BITLATHE_TRY(rope.attentionFactor, parameters.number("attention_factor", attention));
    return {};
}

Result<void> readDynamic(const JsonObject& config, const JsonObject& parameters, RopeSpec& rope)
{
    rope.scaling = RopeScaling::Dynamic;
    BITLATHE_TRY(rope.factor, parameters.number("factor", 1.0));
    if (!(rope.factor >= 1.0)) {
        return wrongSetting("factor", Text(BITLATHE_TEXT("1 or more")), Text(BITLATHE_TEXT("%1"), rope.factor));
    }
    rope.originalPositions = 2048;
    if (config.has("max_position_embeddings")) {
        BITLATHE_TRY(rope.originalPositions, config.integerIn("max_position_embeddings", 1, INT64_MAX));
    }
    return {};
}

Result<void> readScaling(const JsonObject& config, const JsonObject& parameters, RopeSpec& rope, ModelSpec& spec)
{
    BITLATHE_TRY(const std::string classic, parameters.string("type", "default"));
    BITLATHE_TRY(const std::string type, parameters.string("rope_type", classic));
    if (type == "default") {
        return {};
    }
    if (type == "dynamic") {
        return readDynamic(config, parameters, rope);
    }
    if (type == "longrope" || type == "su") {
        return readLongRope(config, parameters, rope);
    }
    if (type != "linear" && type != "llama3" && type != "yarn") {
        markNotRunnable(spec, Text(BITLATHE_TEXT("the rope scaling %1"), type));
        return {};
    }
    BITLATHE_TRY(rope.factor, parameters.number("factor"));
    if (!(rope.factor >= 1.0)) {
        return wrongSetting("factor", Text(BITLATHE_TEXT("1 or more")), Text(BITLATHE_TEXT("%1"), rope.factor));
    }
    if (type == "linear") {
        rope.scaling = RopeScaling::Linear;
        return {};
    }
    if (type == "yarn") {
        rope.scaling = RopeScaling::Yarn;
        return readYarn(config, parameters, rope);
    }
    rope.scaling = RopeScaling::Llama3;
    BITLATHE_TRY(rope.lowFrequencyFactor, parameters.number("low_freq_factor"));
    BITLATHE_TRY(rope.highFrequencyFactor, parameters.number("high_freq_factor"));
    BITLATHE_TRY(rope.originalPositions, parameters.integerIn("original_max_position_embeddings", 1, INT64_MAX));
    return {};
}

constexpr double kTheta = 10000.0;

/// The object with a model's rope parameters, or an empty one.
Result<const Json*> parametersOf(const JsonObject& config)
{
    static const Json empty = Json::object();
    const std::string_view key = config.has("rope_parameters") ? "rope_parameters" : "rope_scaling";
    if (!config.has(key)) {
        return &empty;
    }
    const Json& value = config.json()[key];
    if (!value.is_object()) {
        return wrongSetting(key, Text(BITLATHE_TEXT("an object or null")),
                            Text(BITLATHE_TEXT("%1"), value.type_name()));
    }
    return &value;
}

} // namespace

Result<RopeSpec> readRopeParameters(const JsonObject& config, const JsonObject& parameters, double thetaDefault,
                                    ModelSpec& spec)
{
    RopeSpec rope;
    BITLATHE_TRY(rope.theta, parameters.number("rope_theta", thetaDefault));
    if (!(rope.theta > 1.0)) {
        return wrongSetting("rope_theta", Text(BITLATHE_TEXT("a number above 1")),
                            Text(BITLATHE_TEXT("%1"), rope.theta));
    }
    BITLATHE_CHECK(readScaling(config, parameters, rope, spec));
    return rope;
}

Result<void> readPartialRope(const JsonObject& config, double partDefault, ModelSpec& spec)
{
    BITLATHE_TRY(const Json* json, parametersOf(config));
    const JsonObject parameters(*json, "config.json: rope");
    BITLATHE_TRY(const double theta, config.number("rope_theta", kTheta));
    BITLATHE_TRY(spec.rope, readRopeParameters(config, parameters, theta, spec));
    BITLATHE_TRY(const double classicPart, config.number("partial_rotary_factor", partDefault));
    BITLATHE_TRY(const double part, parameters.number("partial_rotary_factor", classicPart));
    spec.rope.dims = static_cast<std::int64_t>(static_cast<double>(spec.headDim) * std::clamp(part, 0.0, 1.0));
    if (spec.rope.dims < 2 || spec.rope.dims % 2 != 0) {
        return wrongSetting("partial_rotary_factor",
                            Text(BITLATHE_TEXT("an even part of the %1 dimensions of a head"), spec.headDim),
                            Text(BITLATHE_TEXT("%1"), part));
    }
    const auto pairs = static_cast<std::size_t>(spec.rope.dims / 2);
    for (const auto* factors : {&spec.rope.shortFactors, &spec.rope.longFactors}) {
        if (spec.rope.scaling == RopeScaling::LongRope && factors->size() != pairs) {
            return wrongSetting("rope_scaling", Text(BITLATHE_TEXT("%1 short and long factors"), pairs),
                                Text(BITLATHE_TEXT("%1"), factors->size()));
        }
    }
    return {};
}

Result<void> readRope(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readPartialRope(config, 1.0, spec));
    if (spec.rope.dims != spec.headDim) {
        markNotRunnable(spec, Text(BITLATHE_TEXT("rope on a part of each head only")));
    }
    return {};
}

std::vector<float> ropeFrequencies(const RopeSpec& rope, std::int64_t headDim, std::int64_t length)
{
    std::vector<float> frequencies(static_cast<std::size_t>(headDim / 2));
    const double theta = rope.scaling == RopeScaling::Dynamic ? dynamicTheta(rope, headDim, length) : rope.theta;
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        const auto exponent = static_cast<float>(2 * i) / static_cast<float>(headDim);
        frequencies[i] = 1.0F / static_cast<float>(std::pow(theta, static_cast<double>(exponent)));
    }
    switch (rope.scaling) {
    case RopeScaling::None:
    case RopeScaling::Dynamic: break; // Its theta is another one.
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
    case RopeScaling::LongRope: scaleLong(rope, length, frequencies); break;
    }
    return frequencies;
}

RopeTable::RopeTable(const RopeSpec& rope, std::int64_t headDim)
    : m_rope(rope),
      m_dims(rope.dims > 0 ? rope.dims : headDim),
      m_frequencies(ropeFrequencies(m_rope, m_dims)),
      m_rows(std::make_shared<RopeRows>())
{}

/// Sequences for which this is the same have the same frequencies.
std::int64_t RopeTable::lengthThatCounts(std::int64_t end) const
{
    const bool isLonger = end > m_rope.originalPositions;
    switch (m_rope.scaling) {
    case RopeScaling::Dynamic: return isLonger ? end : 0;
    case RopeScaling::LongRope: return isLonger ? m_rope.originalPositions + 1 : 0;
    case RopeScaling::None:
    case RopeScaling::Linear:
    case RopeScaling::Llama3:
    case RopeScaling::Yarn: return 0;
    }
    return 0;
}

std::shared_ptr<const RopeRows> RopeTable::rows(std::int64_t end) const
{
    const std::scoped_lock lock(m_mutex);
    if (const std::int64_t length = lengthThatCounts(end); length != m_length) {
        m_length = length;
        m_frequencies = ropeFrequencies(m_rope, m_dims, length);
        m_rows = std::make_shared<RopeRows>();
    }
    const auto factor = static_cast<float>(m_rope.attentionFactor);
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
                rows->cosine[position * half + i] = static_cast<float>(std::cos(static_cast<double>(angle))) * factor;
                rows->sine[position * half + i] = static_cast<float>(std::sin(static_cast<double>(angle))) * factor;
            }
        }
        m_rows = std::move(rows);
    }
    return m_rows;
}

} // namespace bitlathe::model
