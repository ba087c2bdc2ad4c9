// SPDX-License-Identifier: Apache-2.0
// The LLaMA family: RMS norms, rotary attention with grouped keys, gated SiLU.
#include "core/model/families/family.h"

#include <array>
#include <cmath>

namespace bitlathe::model
{

namespace
{

constexpr std::int64_t kMaxWidth = 1 << 24;
constexpr std::int64_t kMaxBlocks = 4096;

/// Which linears of a block carry a bias.
struct Biases
{
    bool queryKeyValue = false;
    bool output = false;
    bool mlp = false;
};

Failure wrongSetting(std::string key, Text expected, Text found)
{
    return fail(ErrorCode::ConfigInvalid, "config.json: " + key, std::move(expected), std::move(found),
                Text(BITLATHE_TEXT("Take the file from the model's original folder")));
}

Result<void> readSizes(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_TRY(spec.vocabulary, config.integerIn("vocab_size", 1, kMaxWidth));
    BITLATHE_TRY(spec.hidden, config.integerIn("hidden_size", 1, kMaxWidth));
    BITLATHE_TRY(spec.intermediate, config.integerIn("intermediate_size", 1, kMaxWidth));
    BITLATHE_TRY(spec.heads, config.integerIn("num_attention_heads", 1, kMaxWidth));
    spec.kvHeads = spec.heads;
    if (config.has("num_key_value_heads")) {
        BITLATHE_TRY(spec.kvHeads, config.integerIn("num_key_value_heads", 1, kMaxWidth));
    }
    if (spec.heads % spec.kvHeads != 0) {
        return wrongSetting("num_key_value_heads", Text(BITLATHE_TEXT("a divisor of %1 heads"), spec.heads),
                            Text(BITLATHE_TEXT("%1"), spec.kvHeads));
    }
    if (config.has("head_dim")) {
        BITLATHE_TRY(spec.headDim, config.integerIn("head_dim", 1, kMaxWidth));
    } else if (spec.hidden % spec.heads == 0) {
        spec.headDim = spec.hidden / spec.heads;
    } else {
        return wrongSetting("hidden_size", Text(BITLATHE_TEXT("a multiple of %1 heads"), spec.heads),
                            Text(BITLATHE_TEXT("%1"), spec.hidden));
    }
    if (spec.headDim % 2 != 0 || spec.heads * spec.headDim > kMaxWidth) {
        return wrongSetting("head_dim", Text(BITLATHE_TEXT("an even number, at most %1 over all heads"), kMaxWidth),
                            Text(BITLATHE_TEXT("%1"), spec.headDim));
    }
    BITLATHE_TRY(spec.maxPositions, config.integer("max_position_embeddings", 2048));
    BITLATHE_TRY(spec.normEpsilon, config.number("rms_norm_eps", 1e-6));
    BITLATHE_TRY(spec.tiedHead, config.boolean("tie_word_embeddings", false));
    return {};
}

Result<void> readActivation(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_TRY(const std::string name, config.string("hidden_act", "silu"));
    if (name == "silu" || name == "swish") {
        spec.activation = ActivationKind::Silu;
        return {};
    }
    if (name == "gelu") {
        spec.activation = ActivationKind::Gelu;
    } else if (name == "gelu_pytorch_tanh" || name == "gelu_new") {
        spec.activation = ActivationKind::GeluTanh;
    } else if (name == "relu") {
        spec.activation = ActivationKind::Relu;
    }
    markNotRunnable(spec, Text(BITLATHE_TEXT("the activation %1"), name));
    return {};
}

void addLinear(ModelSpec& spec, std::int64_t block, LinearRole role, std::string_view name, std::int64_t outFeatures,
               std::int64_t inFeatures, bool hasBias, std::int64_t inputGroup)
{
    const LayerId id(static_cast<std::int64_t>(spec.linears.size()));
    spec.linears.push_back({
        .id = id,
        .name = fmt::format("model.layers.{}.{}", block, name),
        .block = block,
        .role = role,
        .outFeatures = outFeatures,
        .inFeatures = inFeatures,
        .hasBias = hasBias,
        .inputGroup = inputGroup,
    });
    spec.blocks.back().linears.push_back(id);
}

void addScaleGroups(ModelSpec& spec, std::int64_t block)
{
    const BlockSpec& names = spec.blocks.back();
    const auto& ids = names.linears; // query, key, value, output, gate, up, down
    const auto nameOf = [&](std::size_t place) { return spec.linear(ids[place]).name; };
    spec.scaleGroups.push_back({block, names.inputNorm, true, {ids[0], ids[1], ids[2]}});
    if (spec.heads == spec.kvHeads) {
        // With grouped keys one value channel feeds several output channels: there is no single scale to divide by.
        spec.scaleGroups.push_back({block, nameOf(2), false, {ids[3]}});
    }
    spec.scaleGroups.push_back({block, names.postAttentionNorm, true, {ids[4], ids[5]}});
    spec.scaleGroups.push_back({block, nameOf(5), false, {ids[6]}});
}

void addBlock(ModelSpec& spec, std::int64_t block, const Biases& biases)
{
    spec.blocks.push_back({
        .inputNorm = fmt::format("model.layers.{}.input_layernorm", block),
        .postAttentionNorm = fmt::format("model.layers.{}.post_attention_layernorm", block),
        .linears = {},
    });
    const std::int64_t query = spec.heads * spec.headDim;
    const std::int64_t keyValue = spec.kvHeads * spec.headDim;
    const bool bias = biases.queryKeyValue;
    addLinear(spec, block, LinearRole::Query, "self_attn.q_proj", query, spec.hidden, bias, 0);
    addLinear(spec, block, LinearRole::Key, "self_attn.k_proj", keyValue, spec.hidden, bias, 0);
    addLinear(spec, block, LinearRole::Value, "self_attn.v_proj", keyValue, spec.hidden, bias, 0);
    addLinear(spec, block, LinearRole::Output, "self_attn.o_proj", spec.hidden, query, biases.output, 1);
    addLinear(spec, block, LinearRole::Gate, "mlp.gate_proj", spec.intermediate, spec.hidden, biases.mlp, 2);
    addLinear(spec, block, LinearRole::Up, "mlp.up_proj", spec.intermediate, spec.hidden, biases.mlp, 2);
    addLinear(spec, block, LinearRole::Down, "mlp.down_proj", spec.hidden, spec.intermediate, biases.mlp, 3);
    addScaleGroups(spec, block);
}

Result<void> readCommon(const JsonObject& config, ModelSpec& spec, const Biases& biases)
{
    spec.canRun = true;
    BITLATHE_CHECK(readSizes(config, spec));
    BITLATHE_CHECK(readActivation(config, spec));
    BITLATHE_CHECK(readRope(config, spec));
    spec.norm = NormKind::Rms;
    spec.embeddingName = "model.embed_tokens.weight";
    spec.finalNormName = "model.norm.weight";
    spec.headName = spec.tiedHead ? spec.embeddingName : "lm_head.weight";
    BITLATHE_TRY(const std::int64_t blocks, config.integerIn("num_hidden_layers", 1, kMaxBlocks));
    for (std::int64_t block = 0; block < blocks; ++block) {
        addBlock(spec, block, biases);
    }
    return {};
}

Result<void> readLlama(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_TRY(const bool attention, config.boolean("attention_bias", false));
    BITLATHE_TRY(const bool mlp, config.boolean("mlp_bias", false));
    return readCommon(config, spec, {attention, attention, mlp});
}

Result<void> readMistral(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readCommon(config, spec, {}));
    if (config.has("sliding_window")) {
        BITLATHE_TRY(spec.slidingWindow, config.integerIn("sliding_window", 1, INT64_MAX));
    }
    return {};
}

Result<void> readQwen2(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readCommon(config, spec, {true, false, false}));
    BITLATHE_TRY(const bool slides, config.boolean("use_sliding_window", false));
    BITLATHE_TRY(const std::int64_t firstSliding, config.integer("max_window_layers", spec.blockCount()));
    if (slides && firstSliding < spec.blockCount()) {
        markNotRunnable(spec, Text(BITLATHE_TEXT("a sliding window in some layers only")));
    }
    return {};
}

Result<void> readInternLm(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_TRY(const bool bias, config.boolean("bias", true));
    return readCommon(config, spec, {bias, bias, false});
}

Result<void> readMiniCpm(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readCommon(config, spec, {}));
    BITLATHE_TRY(spec.embeddingScale, config.number("scale_emb", 1.0));
    BITLATHE_TRY(const double depth, config.number("scale_depth", 1.0));
    BITLATHE_TRY(const double base, config.number("dim_model_base", static_cast<double>(spec.hidden)));
    spec.residualScale = depth / std::sqrt(static_cast<double>(spec.blockCount()));
    spec.logitScale = base / static_cast<double>(spec.hidden);
    return {};
}

constexpr std::array kFamilies{Family{"llama", readLlama}, Family{"mistral", readMistral}, Family{"qwen2", readQwen2},
                               Family{"internlm", readInternLm}, Family{"minicpm", readMiniCpm}};

} // namespace

std::span<const Family> llamaFamilies()
{
    return kFamilies;
}

} // namespace bitlathe::model
