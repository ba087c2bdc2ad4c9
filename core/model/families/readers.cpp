// SPDX-License-Identifier: Apache-2.0
// Readers of settings that many families share.
#include "core/model/families/readers.h"

#include <algorithm>

namespace bitlathe::model
{

namespace
{

constexpr std::int64_t kMaxBlocks = 4096;

Result<void> readHeads(const JsonObject& config, const SizeKeys& keys, ModelSpec& spec)
{
    BITLATHE_TRY(spec.heads, config.integerIn(keys.heads, 1, kMaxWidth));
    spec.kvHeads = spec.heads;
    if (!keys.plainHeads && config.has("num_key_value_heads")) {
        BITLATHE_TRY(spec.kvHeads, config.integerIn("num_key_value_heads", 1, kMaxWidth));
    }
    if (spec.heads % spec.kvHeads != 0) {
        return wrongSetting("num_key_value_heads", Text(BITLATHE_TEXT("a divisor of %1 heads"), spec.heads),
                            Text(BITLATHE_TEXT("%1"), spec.kvHeads));
    }
    if (!keys.plainHeads && config.has("head_dim")) {
        BITLATHE_TRY(spec.headDim, config.integerIn("head_dim", 1, kMaxWidth));
    } else if (keys.headDimDefault > 0) {
        spec.headDim = keys.headDimDefault;
    } else if (spec.hidden % spec.heads == 0) {
        spec.headDim = spec.hidden / spec.heads;
    } else {
        return wrongSetting(keys.hidden, Text(BITLATHE_TEXT("a multiple of %1 heads"), spec.heads),
                            Text(BITLATHE_TEXT("%1"), spec.hidden));
    }
    if (spec.headDim % 2 != 0 || spec.heads * spec.headDim > kMaxWidth) {
        return wrongSetting("head_dim", Text(BITLATHE_TEXT("an even number, at most %1 over all heads"), kMaxWidth),
                            Text(BITLATHE_TEXT("%1"), spec.headDim));
    }
    return {};
}

} // namespace

void markNotRunnable(ModelSpec& spec, Text reason)
{
    spec.canRun = false;
    spec.whyNot = std::move(reason);
}

Failure wrongSetting(std::string_view key, Text expected, Text found)
{
    return fail(ErrorCode::ConfigInvalid, fmt::format("config.json: {}", key), std::move(expected), std::move(found),
                Text(BITLATHE_TEXT("Take the file from the model's original folder")));
}

Result<void> readSizes(const JsonObject& config, const SizeKeys& keys, ModelSpec& spec)
{
    spec.canRun = true;
    BITLATHE_TRY(spec.vocabulary, config.integerIn("vocab_size", 1, kMaxWidth));
    BITLATHE_TRY(spec.hidden, config.integerIn(keys.hidden, 1, kMaxWidth));
    if (keys.intermediatePerHidden > 0 && !config.has(keys.intermediate)) {
        spec.intermediate = keys.intermediatePerHidden * spec.hidden;
    } else {
        BITLATHE_TRY(spec.intermediate, config.integerIn(keys.intermediate, 1, kMaxWidth));
    }
    BITLATHE_CHECK(readHeads(config, keys, spec));
    BITLATHE_TRY(spec.maxPositions, config.integer(keys.positions, 2048));
    BITLATHE_TRY(spec.normEpsilon, config.number(keys.epsilon, keys.epsilonDefault));
    BITLATHE_TRY(spec.tiedHead, config.boolean("tie_word_embeddings", keys.tiedDefault));
    return {};
}

Result<void> readLearnedPositions(const JsonObject& config, std::string_view key, std::int64_t otherwise,
                                  ModelSpec& spec)
{
    spec.maxPositions = otherwise;
    if (config.has(key)) {
        BITLATHE_TRY(spec.maxPositions, config.integerIn(key, 1, kMaxWidth));
    }
    return {};
}

Result<std::int64_t> readBlockCount(const JsonObject& config, std::string_view key)
{
    return config.integerIn(key, 1, kMaxBlocks);
}

Result<void> readActivation(const JsonObject& config, std::string_view key, std::string_view otherwise, ModelSpec& spec)
{
    BITLATHE_TRY(const std::string name, config.string(key, otherwise));
    if (name == "silu" || name == "swish") {
        spec.activation = ActivationKind::Silu;
    } else if (name == "gelu") {
        spec.activation = ActivationKind::Gelu;
    } else if (name == "gelu_pytorch_tanh" || name == "gelu_new" || name == "gelu_fast") {
        spec.activation = ActivationKind::GeluTanh;
    } else if (name == "relu") {
        spec.activation = ActivationKind::Relu;
    } else {
        markNotRunnable(spec, Text(BITLATHE_TEXT("the activation %1"), name));
    }
    return {};
}

Result<void> readWindow(const JsonObject& config, ModelSpec& spec)
{
    if (config.has("sliding_window")) {
        BITLATHE_TRY(spec.slidingWindow, config.integerIn("sliding_window", 1, INT64_MAX));
    }
    return {};
}

Result<void> readLayerTypes(const JsonObject& config, bool (*slidesByDefault)(std::int64_t block), ModelSpec& spec)
{
    for (std::int64_t block = 0; block < spec.blockCount(); ++block) {
        spec.blocks[static_cast<std::size_t>(block)].slides = slidesByDefault(block);
    }
    if (!config.has("layer_types")) {
        return {};
    }
    const Json& types = config.json()["layer_types"];
    if (!types.is_array() || types.size() != spec.blocks.size()) {
        return wrongSetting("layer_types", Text(BITLATHE_TEXT("a list of %1 kinds of attention"), spec.blockCount()),
                            types.is_array() ? Text(BITLATHE_TEXT("%1"), types.size())
                                             : Text(BITLATHE_TEXT("%1"), types.type_name()));
    }
    for (std::size_t block = 0; block < spec.blocks.size(); ++block) {
        const std::string type = types[block].is_string() ? types[block].get<std::string>() : types[block].dump();
        spec.blocks[block].slides = type == "sliding_attention";
        if (type != "sliding_attention" && type != "full_attention") {
            markNotRunnable(spec, Text(BITLATHE_TEXT("attention of the kind %1"), type));
        }
    }
    return {};
}

Result<void> readExpertCounts(const JsonObject& config, std::span<const std::string_view> keys, ModelSpec& spec)
{
    const auto key = std::ranges::find_if(keys, [&](std::string_view name) { return config.has(name); });
    BITLATHE_TRY(spec.experts, config.integerIn(key != keys.end() ? *key : keys.front(), 1, kMaxBlocks));
    BITLATHE_TRY(spec.expertsPerToken, config.integerIn("num_experts_per_tok", 1, spec.experts));
    BITLATHE_TRY(const std::int64_t blocks, readBlockCount(config));
    constexpr std::int64_t kMaxExperts = 1 << 17; // Over all blocks: a list of this length still fits into memory.
    if (spec.experts * blocks > kMaxExperts) {
        return wrongSetting("num_experts", Text(BITLATHE_TEXT("at most %1 over all blocks"), kMaxExperts),
                            Text(BITLATHE_TEXT("%1"), spec.experts * blocks));
    }
    return {};
}

} // namespace bitlathe::model
