// SPDX-License-Identifier: Apache-2.0
// OPT: layer norms before or (350M) after attention and mlp, learned positions from row 2 on, ReLU, biases everywhere,
// and where embeddings are narrower than hidden states a projection at each end.
#include "core/model/families/readers.h"

namespace bitlathe::model
{

namespace
{

constexpr SizeKeys kKeys{.intermediate = "ffn_dim",
                         .epsilon = "layer_norm_eps",
                         .epsilonDefault = 1e-5,
                         .tiedDefault = true,
                         .plainHeads = true};

void addBlock(ModelSpec& spec, std::int64_t index, bool bias)
{
    BlockBuilder builder(spec, fmt::format("model.decoder.layers.{}.", index));
    BlockSpec& block = builder.block();
    block.inputNorm = builder.name("self_attn_layer_norm");
    block.postAttentionNorm = builder.name("final_layer_norm");
    const std::int64_t width = spec.hidden;
    const BlockBuilder::Options options{.bias = bias};
    const auto query = builder.add(LinearRole::Query, "self_attn.q_proj", width, width, 0, options);
    const auto key = builder.add(LinearRole::Key, "self_attn.k_proj", width, width, 0, options);
    const auto value = builder.add(LinearRole::Value, "self_attn.v_proj", width, width, 0, options);
    const auto output = builder.add(LinearRole::Output, "self_attn.out_proj", width, width, 1, options);
    const auto up = builder.add(LinearRole::Up, "fc1", spec.intermediate, width, 2, options);
    const auto down = builder.add(LinearRole::Down, "fc2", width, spec.intermediate, 3, options);
    // A norm behind an addition feeds the next addition too: it can't be scaled.
    const bool scalesNorms = spec.residual == ResidualForm::PreNorm;
    if (scalesNorms) {
        builder.scaleAfterNorm(block.inputNorm, {query, key, value});
    }
    builder.scaleAfterLinear(value, {output});
    if (scalesNorms) {
        builder.scaleAfterNorm(block.postAttentionNorm, {up});
    }
    if (spec.activation == ActivationKind::Relu) { // ReLU of a scaled value is the scaled ReLU.
        builder.scaleAfterLinear(up, {down});
    }
}

Result<void> readEnds(const JsonObject& config, ModelSpec& spec)
{
    spec.embeddingName = "model.decoder.embed_tokens.weight";
    spec.headName = spec.tiedHead ? spec.embeddingName : "lm_head.weight";
    spec.positionsName = "model.decoder.embed_positions.weight";
    spec.positionsOffset = 2;
    BITLATHE_CHECK(readLearnedPositions(config, kKeys.positions, 2048, spec));
    BITLATHE_TRY(const bool removed, config.boolean("_remove_final_layer_norm", false));
    if (spec.residual == ResidualForm::PreNorm && !removed) {
        spec.finalNormName = "model.decoder.final_layer_norm.weight";
    }
    BITLATHE_TRY(const std::int64_t width, config.integer("word_embed_proj_dim", spec.hidden));
    if (width < 1 || width > kMaxWidth) {
        return wrongSetting("word_embed_proj_dim", Text(BITLATHE_TEXT("1 or more")), Text(BITLATHE_TEXT("%1"), width));
    }
    if (width != spec.hidden) {
        spec.embeddingWidth = width;
        spec.projectInName = "model.decoder.project_in.weight";
        spec.projectOutName = "model.decoder.project_out.weight";
    }
    return {};
}

} // namespace

Result<void> readOpt(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readSizes(config, kKeys, spec));
    BITLATHE_CHECK(readActivation(config, "activation_function", "relu", spec));
    BITLATHE_TRY(const bool normFirst, config.boolean("do_layer_norm_before", true));
    BITLATHE_TRY(const bool bias, config.boolean("enable_bias", true));
    BITLATHE_TRY(const bool affine, config.boolean("layer_norm_elementwise_affine", true));
    if (!affine) {
        markNotRunnable(spec, Text(BITLATHE_TEXT("layer norms without weights")));
    }
    spec.norm = NormKind::Layer;
    spec.residual = normFirst ? ResidualForm::PreNorm : ResidualForm::PostNorm;
    BITLATHE_CHECK(readEnds(config, spec));
    BITLATHE_TRY(const std::int64_t blocks, readBlockCount(config));
    for (std::int64_t block = 0; block < blocks; ++block) {
        addBlock(spec, block, bias);
    }
    return {};
}

} // namespace bitlathe::model
