// SPDX-License-Identifier: Apache-2.0
// GPT-2: layer norms, learned positions, queries, keys and values in one tensor, GELU; weights lie [in, out].
#include "core/model/families/readers.h"

namespace bitlathe::model
{

namespace
{

constexpr SizeKeys kKeys{.hidden = "n_embd",
                         .intermediate = "n_inner",
                         .heads = "n_head",
                         .positions = "n_positions",
                         .epsilon = "layer_norm_epsilon",
                         .epsilonDefault = 1e-5,
                         .tiedDefault = true,
                         .plainHeads = true,
                         .intermediatePerHidden = 4};

void addBlock(ModelSpec& spec, std::int64_t index)
{
    BlockBuilder builder(spec, fmt::format("transformer.h.{}.", index));
    BlockSpec& block = builder.block();
    block.inputNorm = builder.name("ln_1");
    block.postAttentionNorm = builder.name("ln_2");
    const std::int64_t width = spec.hidden;
    const BlockBuilder::Options options{.bias = true, .transposed = true};
    const auto fused = builder.add(LinearRole::QueryKeyValue, "attn.c_attn", 3 * width, width, 0, options);
    const auto output = builder.add(LinearRole::Output, "attn.c_proj", width, width, 1, options);
    const auto up = builder.add(LinearRole::Up, "mlp.c_fc", spec.intermediate, width, 2, options);
    builder.add(LinearRole::Down, "mlp.c_proj", width, spec.intermediate, 3, options);
    builder.scaleAfterNorm(block.inputNorm, {fused});
    builder.scaleAfterLinear(fused, {output}, 2 * width);
    // GELU of a scaled value is no scaled GELU: nothing is scaled between the products of the mlp.
    builder.scaleAfterNorm(block.postAttentionNorm, {up});
}

} // namespace

Result<void> readGpt2(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readSizes(config, kKeys, spec));
    BITLATHE_CHECK(readActivation(config, "activation_function", "gelu_new", spec));
    BITLATHE_TRY(const bool scales, config.boolean("scale_attn_weights", true));
    if (!scales) {
        spec.attentionScale = 1.0;
    }
    for (const char* key : {"scale_attn_by_inverse_layer_idx", "add_cross_attention"}) {
        BITLATHE_TRY(const bool isSet, config.boolean(key, false));
        if (isSet) {
            markNotRunnable(spec, Text(BITLATHE_TEXT("the setting %1"), key));
        }
    }
    BITLATHE_CHECK(readLearnedPositions(config, kKeys.positions, 1024, spec));
    spec.norm = NormKind::Layer;
    spec.embeddingName = "transformer.wte.weight";
    spec.positionsName = "transformer.wpe.weight";
    spec.finalNormName = "transformer.ln_f.weight";
    spec.headName = spec.tiedHead ? spec.embeddingName : "lm_head.weight";
    BITLATHE_TRY(const std::int64_t blocks, readBlockCount(config, "n_layer"));
    for (std::int64_t block = 0; block < blocks; ++block) {
        addBlock(spec, block);
    }
    return {};
}

} // namespace bitlathe::model
