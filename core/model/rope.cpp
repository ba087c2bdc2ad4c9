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

/// The first doubling of the original length that holds so many tokens.
std::int64_t doubledLength(const RopeSpec& rope, std::int64_t length)
{
    std::int64_t doubled = rope.originalPositions;
    while (doubled < length) {
        doubled *= 2;
    }
    return doubled;
}

/// NTK-aware theta of a sequence beyond the original length.
double dynamicTheta(const RopeSpec& rope, std::int64_t headDim, std::int64_t length)
{
    const double stretched =
        rope.factor * static_cast<double>(length) / static_cast<double>(rope.originalPositions) - (rope.factor - 1.0);
    return rope.theta * std::pow(stretched, static_cast<double>(headDim) / static_cast<double>(headDim - 2));
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

Result<std::int64_t> readPositions(const JsonObject& config, std::string_view key, std::int64_t otherwise)
{
    return config.has(key) ? config.integerIn(key, 1, INT64_MAX) : otherwise;
}

Result<std::vector<double>> readDivisors(const JsonObject& parameters, std::string_view key)
{
    const Json value = parameters.has(key) ? parameters.json()[key] : Json();
    const auto isDivisor = [](const Json& one) { return one.is_number() && one.get<double>() > 0.0; };
    if (!value.is_array() || value.empty() || !std::ranges::all_of(value, isDivisor)) {
        return wrongSetting(key, Text(BITLATHE_TEXT("a list of numbers above 0")),
                            Text(BITLATHE_TEXT("%1"), value.is_array() ? "another list" : value.type_name()));
    }
    return value.get<std::vector<double>>();
}

/// Ding et al. 2024, "LongRoPE", as Phi-3 has it.
Result<void> readLongRope(const JsonObject& config, const JsonObject& parameters, RopeSpec& rope)
{
    rope.scaling = RopeScaling::LongRope;
    BITLATHE_TRY(rope.divisors, readDivisors(parameters, "short_factor"));
    BITLATHE_TRY(rope.longDivisors, readDivisors(parameters, "long_factor"));
    BITLATHE_TRY(const std::int64_t maxPositions, readPositions(config, "max_position_embeddings", 2048));
    BITLATHE_TRY(const std::int64_t original, readPositions(config, "original_max_position_embeddings", maxPositions));
    BITLATHE_TRY(rope.originalPositions, readPositions(parameters, "original_max_position_embeddings", original));
    const double ratio = static_cast<double>(maxPositions) / static_cast<double>(rope.originalPositions);
    BITLATHE_TRY(rope.factor, parameters.number("factor", ratio));
    const double factor =
        rope.factor > 1.0 && rope.originalPositions > 1
            ? std::sqrt(1.0 + std::log(rope.factor) / std::log(static_cast<double>(rope.originalPositions)))
            : 1.0;
    BITLATHE_TRY(rope.attentionFactor, parameters.number("attention_factor", factor));
    return {};
}

Result<void> readScaling(const JsonObject& config, const JsonObject& parameters, RopeSpec& rope, ModelSpec& spec)
{
    BITLATHE_TRY(const std::string classic, parameters.string("type", "default"));
    BITLATHE_TRY(const std::string type, parameters.string("rope_type", classic));
    if (type == "default") {
        return {};
    }
    if (type == "longrope" || type == "su") {
        return readLongRope(config, parameters, rope);
    }
    if (type != "dynamic" && type != "linear" && type != "llama3" && type != "yarn") {
        markNotRunnable(spec, Text(BITLATHE_TEXT("the rope scaling %1"), type));
        return {};
    }
    BITLATHE_TRY(rope.factor, parameters.number("factor"));
    if (!(rope.factor >= 1.0)) {
        return wrongSetting("factor", Text(BITLATHE_TEXT("1 or more")), Text(BITLATHE_TEXT("%1"), rope.factor));
    }
    if (type == "dynamic") {
        rope.scaling = RopeScaling::Dynamic;
        BITLATHE_TRY(rope.originalPositions, readPositions(config, "max_position_embeddings", 2048));
        return {};
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
    for (const std::vector<double>* divisors : {&spec.rope.divisors, &spec.rope.longDivisors}) {
        if (!divisors->empty() && static_cast<std::int64_t>(divisors->size()) != spec.rope.dims / 2) {
            return wrongSetting("short_factor, long_factor",
                                Text(BITLATHE_TEXT("%1 numbers, one for each pair of dimensions"), spec.rope.dims / 2),
                                Text(BITLATHE_TEXT("%1"), divisors->size()));
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
    const bool beyond = length > rope.originalPositions;
    double theta = rope.theta;
    if (rope.scaling == RopeScaling::Dynamic && beyond) {
        theta = dynamicTheta(rope, headDim, length);
    } else if (rope.scaling == RopeScaling::Doubling && beyond) {
        theta = dynamicTheta(rope, headDim, doubledLength(rope, length));
    }
    const bool longer = rope.scaling == RopeScaling::LongRope && beyond;
    const std::vector<double>& divisors = longer ? rope.longDivisors : rope.divisors;
    std::vector<float> frequencies(static_cast<std::size_t>(headDim / 2));
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        const auto exponent = static_cast<float>(2 * i) / static_cast<float>(headDim);
        const float divisor = divisors.empty() ? 1.0F : static_cast<float>(divisors[i]);
        frequencies[i] = 1.0F / (divisor * static_cast<float>(std::pow(theta, static_cast<double>(exponent))));
    }
    switch (rope.scaling) {
    case RopeScaling::None:
    case RopeScaling::Dynamic:
    case RopeScaling::Doubling:
    case RopeScaling::LongRope: break;
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

RopeTable::RopeTable(const RopeSpec& rope, std::int64_t headDim, const kernels::Memory& memory)
    : m_rope(rope), m_dims(rope.dims > 0 ? rope.dims : headDim), m_memory(memory), m_within(rowsOf(0))
{}

std::int64_t RopeTable::lengthThatMatters(std::int64_t end, std::int64_t firstPass) const
{
    const std::int64_t length = m_rope.scaling == RopeScaling::Doubling ? firstPass : end;
    if (length <= m_rope.originalPositions) {
        return 0;
    }
    switch (m_rope.scaling) {
    case RopeScaling::None:
    case RopeScaling::Linear:
    case RopeScaling::Llama3:
    case RopeScaling::Yarn: break;
    case RopeScaling::Dynamic: return length;
    case RopeScaling::Doubling: return doubledLength(m_rope, length);
    case RopeScaling::LongRope: return m_rope.originalPositions + 1;
    }
    return 0;
}

RopeTable::Rows RopeTable::rowsOf(std::int64_t length) const
{
    return {length, ropeFrequencies(m_rope, m_dims, length), std::make_shared<RopeRows>()};
}

void RopeTable::grow(Rows& rows, std::int64_t end) const
{
    const std::size_t half = rows.frequencies.size();
    if (rows.rows->cosine.size() >= static_cast<std::size_t>(end) * half) {
        return;
    }
    constexpr std::size_t kPositionsLeast = 256;
    const std::size_t positions =
        std::max({static_cast<std::size_t>(end), kPositionsLeast, 2 * rows.rows->cosine.size() / half});
    const auto factor = static_cast<float>(m_rope.attentionFactor);
    std::vector<float> cosine(positions * half);
    std::vector<float> sine(positions * half);
    for (std::size_t position = 0; position < positions; ++position) {
        for (std::size_t i = 0; i < half; ++i) {
            // The product is rounded to f32 before the cosine: models were trained with exactly these angles.
            const float angle = static_cast<float>(position) * rows.frequencies[i];
            cosine[position * half + i] = static_cast<float>(std::cos(static_cast<double>(angle))) * factor;
            sine[position * half + i] = static_cast<float>(std::sin(static_cast<double>(angle))) * factor;
        }
    }
    rows.rows = std::make_shared<RopeRows>(RopeRows{Values(m_memory, cosine), Values(m_memory, sine)});
}

std::shared_ptr<const RopeRows> RopeTable::rows(std::int64_t end, std::int64_t firstPass) const
{
    const std::scoped_lock lock(m_mutex);
    const std::int64_t length = lengthThatMatters(end, firstPass);
    if (length > 0 && m_beyond.length != length) {
        m_beyond = rowsOf(length);
    }
    Rows& rows = length > 0 ? m_beyond : m_within;
    grow(rows, end);
    return rows.rows;
}

} // namespace bitlathe::model
