// SPDX-License-Identifier: Apache-2.0
// Gemma 2 and 3: norms around attention and mlp with weights stored less one, GELU gates, blocks that slide by turns.
// Gemma 2 caps scores and logits; Gemma 3 norms each query and key head instead, and may stand beside a vision model.
#include "core/model/families/readers.h"

#include <cmath>

namespace bitlathe::model
{

namespace
{

constexpr SizeKeys kKeys{.tiedDefault = true, .headDimDefault = 256};

void addBlock(ModelSpec& spec, std::int64_t index, const LlamaBiases& biases)
{
    BlockBuilder builder(spec, fmt::format("model.layers.{}.", index));
    addLlamaAttention(builder, biases);
    BlockSpec& block = builder.block();
    block.postAttentionNorm = builder.name("pre_feedforward_layernorm");
    block.attentionOutputNorm = builder.name("post_attention_layernorm");
    block.mlpOutputNorm = builder.name("post_feedforward_layernorm");
    addLlamaMlp(builder, {});
}

Result<void> readCommon(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readSizes(config, kKeys, spec));
    // Early files name another activation in hidden_act, which their code did not use.
    BITLATHE_CHECK(readActivation(config, "hidden_activation", "gelu_pytorch_tanh", spec));
    spec.norm = NormKind::Rms;
    spec.normOffset = 1.0;
    spec.embeddingScale = std::sqrt(static_cast<double>(spec.hidden));
    BITLATHE_TRY(const double scalar, config.number("query_pre_attn_scalar", 256.0));
    if (!(scalar > 0.0)) {
        return wrongSetting("query_pre_attn_scalar", Text(BITLATHE_TEXT("a number above 0")),
                            Text(BITLATHE_TEXT("%1"), scalar));
    }
    spec.attentionScale = 1.0 / std::sqrt(scalar);
    setLlamaNames(spec);
    BITLATHE_TRY(const bool bias, config.boolean("attention_bias", false));
    BITLATHE_TRY(const std::int64_t blocks, readBlockCount(config));
    for (std::int64_t block = 0; block < blocks; ++block) {
        addBlock(spec, block, {bias, bias, false});
    }
    spec.slidingWindow = 4096;
    return readWindow(config, spec);
}

/// Files of today give parameters for each kind of attention; classic ones scale that of full attention only.
Result<void> readRopes(const JsonObject& config, ModelSpec& spec)
{
    constexpr double kTheta = 1e6;
    constexpr double kThetaLocal = 1e4;
    const Json empty = Json::object();
    const Json* full = &empty;
    const Json* local = &empty;
    if (config.has("rope_parameters")) {
        const Json& both = config.json()["rope_parameters"];
        if (!both.is_object() || !both.contains("full_attention") || !both.contains("sliding_attention")) {
            return wrongSetting("rope_parameters", Text(BITLATHE_TEXT("full_attention and sliding_attention")),
                                Text(BITLATHE_TEXT("%1"), both.type_name()));
        }
        full = &both["full_attention"];
        local = &both["sliding_attention"];
    } else if (config.has("rope_scaling")) {
        full = &config.json()["rope_scaling"];
    }
    BITLATHE_TRY(const double theta, config.number("rope_theta", kTheta));
    BITLATHE_TRY(const double thetaLocal, config.number("rope_local_base_freq", kThetaLocal));
    for (const Json* parameters : {full, local}) {
        if (!parameters->is_object()) {
            return wrongSetting("rope_parameters", Text(BITLATHE_TEXT("an object or null")),
                                Text(BITLATHE_TEXT("%1"), parameters->type_name()));
        }
    }
    BITLATHE_TRY(spec.rope, readRopeParameters(config, JsonObject(*full, "config.json: rope"), theta, spec));
    BITLATHE_TRY(spec.localRope, readRopeParameters(config, JsonObject(*local, "config.json: rope"), thetaLocal, spec));
    for (const RopeSpec& rope : {spec.rope, *spec.localRope}) {
        if (rope.scaling == RopeScaling::LongRope) {
            markNotRunnable(spec, Text(BITLATHE_TEXT("the rope scaling %1"), "longrope"));
        }
    }
    return {};
}

/// An absent cap is that of the family's code; null says that there is none.
Result<double> readSoftCap(const JsonObject& config, const char* key, double otherwise)
{
    return config.json().contains(key) ? config.number(key, 0.0) : Result<double>(otherwise);
}

} // namespace

Result<void> readGemma2(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readCommon(config, spec));
    BITLATHE_TRY(spec.attentionSoftCap, readSoftCap(config, "attn_logit_softcapping", 50.0));
    BITLATHE_TRY(spec.logitSoftCap, readSoftCap(config, "final_logit_softcapping", 30.0));
    BITLATHE_CHECK(readLayerTypes(
        config, [](std::int64_t block) { return block % 2 == 0; }, spec));
    return readRope(config, spec);
}

Result<void> readGemma3(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readCommon(config, spec));
    BITLATHE_TRY(spec.attentionSoftCap, readSoftCap(config, "attn_logit_softcapping", 0.0));
    BITLATHE_TRY(spec.logitSoftCap, readSoftCap(config, "final_logit_softcapping", 0.0));
    for (std::size_t block = 0; block < spec.blocks.size(); ++block) {
        spec.blocks[block].queryNorm = fmt::format("model.layers.{}.self_attn.q_norm", block);
        spec.blocks[block].keyNorm = fmt::format("model.layers.{}.self_attn.k_norm", block);
    }
    // Norms of heads follow queries and keys: scaling before them was found to make AWQ worse, not better.
    std::erase_if(spec.scaleGroups, [&](const ScaleGroup& group) {
        return spec.linear(group.linears.front()).role == LinearRole::Query;
    });
    BITLATHE_TRY(const std::int64_t classicPattern, config.integer("sliding_window_pattern", 6));
    BITLATHE_TRY(const std::int64_t pattern, config.integer("_sliding_window_pattern", classicPattern));
    if (pattern < 1) {
        return wrongSetting("sliding_window_pattern", Text(BITLATHE_TEXT("1 or more")),
                            Text(BITLATHE_TEXT("%1"), pattern));
    }
    BITLATHE_CHECK(readLayerTypes(
        config, [](std::int64_t) { return true; }, spec));
    if (!config.has("layer_types")) {
        for (std::int64_t block = pattern - 1; block < spec.blockCount(); block += pattern) {
            spec.blocks[static_cast<std::size_t>(block)].slides = false;
        }
    }
    return readRopes(config, spec);
}

Result<void> readGemma3Parts(const JsonObject& config, ModelSpec& spec)
{
    // What the settings of the text part leave out is as in the family's code.
    Json text = {{"vocab_size", 262208},      {"hidden_size", 2304},
                 {"intermediate_size", 9216}, {"num_hidden_layers", 26},
                 {"num_attention_heads", 8},  {"num_key_value_heads", 4},
                 {"head_dim", 256},           {"max_position_embeddings", 131072}};
    const Json part = config.has("text_config") ? config.json()["text_config"] : Json();
    if (!part.is_object()) {
        return wrongSetting("text_config", Text(BITLATHE_TEXT("an object with the settings of the text model")),
                            Text(BITLATHE_TEXT("%1"), part.type_name()));
    }
    text.update(part);
    return readGemma3(JsonObject(text, "config.json: text_config"), spec);
}

} // namespace bitlathe::model
