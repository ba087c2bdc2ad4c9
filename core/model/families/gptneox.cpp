// SPDX-License-Identifier: Apache-2.0
// GPT-NeoX (Pythia): attention and mlp beside each other, layer norms, rope on a part of each head, and one tensor with
// query, key and value of each head side by side.
#include "core/model/families/readers.h"

namespace bitlathe::model
{

namespace
{

void addBlock(ModelSpec& spec, std::int64_t index, bool attentionBias)
{
    BlockBuilder builder(spec, fmt::format("gpt_neox.layers.{}.", index));
    BlockSpec& block = builder.block();
    block.inputNorm = builder.name("input_layernorm");
    block.postAttentionNorm = builder.name("post_attention_layernorm");
    const std::int64_t queries = spec.heads * spec.headDim;
    const BlockBuilder::Options attention{.bias = attentionBias};
    const BlockBuilder::Options mlp{.bias = true};
    const auto fused =
        builder.add(LinearRole::QueryKeyValue, "attention.query_key_value", 3 * queries, spec.hidden, 0, attention);
    const auto output = builder.add(LinearRole::Output, "attention.dense", spec.hidden, queries, 1, attention);
    const auto up = builder.add(LinearRole::Up, "mlp.dense_h_to_4h", spec.intermediate, spec.hidden, 2, mlp);
    builder.add(LinearRole::Down, "mlp.dense_4h_to_h", spec.hidden, spec.intermediate, 3, mlp);
    builder.scaleAfterNorm(block.inputNorm, {fused});
    builder.scaleAfterGroupedValues(fused, output);
    // GELU is not linear: nothing is scaled between the two of the mlp.
    builder.scaleAfterNorm(block.postAttentionNorm, {up});
}

} // namespace

Result<void> readGptNeoX(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readSizes(config, {.epsilon = "layer_norm_eps", .epsilonDefault = 1e-5, .plainHeads = true}, spec));
    BITLATHE_CHECK(readActivation(config, "hidden_act", "gelu", spec));
    BITLATHE_TRY(const bool parallel, config.boolean("use_parallel_residual", true));
    BITLATHE_TRY(const bool bias, config.boolean("attention_bias", true));
    spec.residual = parallel ? ResidualForm::Parallel : ResidualForm::PreNorm;
    spec.norm = NormKind::Layer;
    spec.fusedOrder = FusedOrder::Grouped;
    spec.embeddingName = "gpt_neox.embed_in.weight";
    spec.finalNormName = "gpt_neox.final_layer_norm.weight";
    spec.headName = spec.tiedHead ? spec.embeddingName : "embed_out.weight";
    BITLATHE_TRY(const std::int64_t blocks, readBlockCount(config));
    for (std::int64_t block = 0; block < blocks; ++block) {
        addBlock(spec, block, bias);
    }
    BITLATHE_TRY(const double part, config.number("rotary_pct", 0.25));
    BITLATHE_CHECK(readPartialRope(config, part, spec));
    if (config.has("rotary_emb_base") && !config.has("rope_parameters")) {
        BITLATHE_TRY(spec.rope.theta, config.number("rotary_emb_base"));
    }
    return {};
}

} // namespace bitlathe::model
