// SPDX-License-Identifier: Apache-2.0
// Qwen, the first: LLaMA under other names, with queries, keys and values in one tensor; beyond the length it was
// trained for it stretches rope and scales queries.
#include "core/model/families/readers.h"

namespace bitlathe::model
{

namespace
{

void addBlock(ModelSpec& spec, std::int64_t index, bool bias)
{
    BlockBuilder builder(spec, fmt::format("transformer.h.{}.", index));
    BlockSpec& block = builder.block();
    block.inputNorm = builder.name("ln_1");
    block.postAttentionNorm = builder.name("ln_2");
    const std::int64_t width = spec.hidden;
    const BlockBuilder::Options others{.bias = bias};
    const auto fused = builder.add(LinearRole::QueryKeyValue, "attn.c_attn", 3 * width, width, 0, {.bias = true});
    const auto output = builder.add(LinearRole::Output, "attn.c_proj", width, width, 1, others);
    const auto up = builder.add(LinearRole::Up, "mlp.w1", spec.intermediate, width, 2, others);
    const auto gate = builder.add(LinearRole::Gate, "mlp.w2", spec.intermediate, width, 2, others);
    const auto down = builder.add(LinearRole::Down, "mlp.c_proj", width, spec.intermediate, 3, others);
    builder.scaleAfterNorm(block.inputNorm, {fused});
    builder.scaleAfterLinear(fused, {output}, 2 * width);
    builder.scaleAfterNorm(block.postAttentionNorm, {up, gate});
    builder.scaleAfterLinear(up, {down});
}

/// The length it was trained for is in seq_length; files without it have it in max_position_embeddings.
Result<void> readQwenSizes(const JsonObject& config, ModelSpec& spec)
{
    const std::string_view positions = config.has("seq_length") ? "seq_length" : "max_position_embeddings";
    BITLATHE_CHECK(
        readSizes(config, {.positions = positions, .epsilon = "layer_norm_epsilon", .plainHeads = true}, spec));
    if (spec.intermediate < 2) {
        return wrongSetting("intermediate_size", Text(BITLATHE_TEXT("twice the width of the mlp")),
                            Text(BITLATHE_TEXT("%1"), spec.intermediate));
    }
    spec.intermediate /= 2;
    if (spec.maxPositions < 2) {
        return wrongSetting(positions, Text(BITLATHE_TEXT("2 or more")), Text(BITLATHE_TEXT("%1"), spec.maxPositions));
    }
    if (config.has("kv_channels")) {
        BITLATHE_TRY(const std::int64_t channels, config.integerIn("kv_channels", 1, kMaxWidth));
        if (channels != spec.headDim) {
            return wrongSetting("kv_channels",
                                Text(BITLATHE_TEXT("%1, the hidden size over the number of heads"), spec.headDim),
                                Text(BITLATHE_TEXT("%1"), channels));
        }
    }
    return {};
}

Result<void> readQwenRope(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_TRY(const double part, config.number("rotary_pct", 1.0));
    BITLATHE_CHECK(readPartialRope(config, part, spec));
    BITLATHE_TRY(spec.rope.theta, config.number("rotary_emb_base", spec.rope.theta));
    if (!(spec.rope.theta > 1.0)) {
        return wrongSetting("rotary_emb_base", Text(BITLATHE_TEXT("a number above 1")),
                            Text(BITLATHE_TEXT("%1"), spec.rope.theta));
    }
    BITLATHE_TRY(const bool stretches, config.boolean("use_dynamic_ntk", true));
    if (stretches && spec.rope.scaling == RopeScaling::None) {
        spec.rope.scaling = RopeScaling::Doubling;
        spec.rope.factor = 2.0;
        spec.rope.originalPositions = spec.maxPositions;
    }
    BITLATHE_TRY(const bool scales, config.boolean("use_logn_attn", true));
    spec.longQueriesFrom = scales ? spec.maxPositions : 0;
    return {};
}

} // namespace

Result<void> readQwen(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readQwenSizes(config, spec));
    spec.embeddingName = "transformer.wte.weight";
    spec.finalNormName = "transformer.ln_f.weight";
    spec.headName = spec.tiedHead ? spec.embeddingName : "lm_head.weight";
    BITLATHE_TRY(const bool plain, config.boolean("no_bias", true));
    BITLATHE_TRY(const std::int64_t blocks, readBlockCount(config));
    for (std::int64_t block = 0; block < blocks; ++block) {
        addBlock(spec, block, !plain);
    }
    return readQwenRope(config, spec);
}

} // namespace bitlathe::model
