// SPDX-License-Identifier: Apache-2.0
// InternLM2: LLaMA under other names, with queries, keys and values of each key head side by side in one tensor.
#include "core/model/families/readers.h"

namespace bitlathe::model
{

namespace
{

void addBlock(ModelSpec& spec, std::int64_t index, bool bias)
{
    BlockBuilder builder(spec, fmt::format("model.layers.{}.", index));
    BlockSpec& block = builder.block();
    block.inputNorm = builder.name("attention_norm");
    block.postAttentionNorm = builder.name("ffn_norm");
    const std::int64_t queries = spec.heads * spec.headDim;
    const std::int64_t fusedRows = queries + 2 * spec.kvHeads * spec.headDim;
    const BlockBuilder::Options options{.bias = bias};
    const auto fused = builder.add(LinearRole::QueryKeyValue, "attention.wqkv", fusedRows, spec.hidden, 0, options);
    const auto output = builder.add(LinearRole::Output, "attention.wo", spec.hidden, queries, 1, options);
    const auto gate = builder.add(LinearRole::Gate, "feed_forward.w1", spec.intermediate, spec.hidden, 2);
    const auto up = builder.add(LinearRole::Up, "feed_forward.w3", spec.intermediate, spec.hidden, 2);
    const auto down = builder.add(LinearRole::Down, "feed_forward.w2", spec.hidden, spec.intermediate, 3);
    builder.scaleAfterNorm(block.inputNorm, {fused});
    builder.scaleAfterGroupedValues(fused, output);
    builder.scaleAfterNorm(block.postAttentionNorm, {gate, up});
    builder.scaleAfterLinear(up, {down});
}

} // namespace

Result<void> readInternLm2(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readSizes(config, {}, spec));
    BITLATHE_CHECK(readActivation(config, "hidden_act", "silu", spec));
    BITLATHE_TRY(const bool bias, config.boolean("bias", true));
    spec.fusedOrder = FusedOrder::Grouped;
    spec.embeddingName = "model.tok_embeddings.weight";
    spec.finalNormName = "model.norm.weight";
    spec.headName = spec.tiedHead ? spec.embeddingName : "output.weight";
    BITLATHE_TRY(const std::int64_t blocks, readBlockCount(config));
    for (std::int64_t block = 0; block < blocks; ++block) {
        addBlock(spec, block, bias);
    }
    return readRope(config, spec);
}

} // namespace bitlathe::model
