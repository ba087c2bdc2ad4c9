// SPDX-License-Identifier: Apache-2.0
// Phi-3: LLaMA with queries, keys and values in one tensor, and gate and up in another.
#include "core/model/families/readers.h"

namespace bitlathe::model
{

namespace
{

void addBlock(ModelSpec& spec, std::int64_t index)
{
    BlockBuilder builder(spec, fmt::format("model.layers.{}.", index));
    BlockSpec& block = builder.block();
    block.inputNorm = builder.name("input_layernorm");
    block.postAttentionNorm = builder.name("post_attention_layernorm");
    const std::int64_t queries = spec.heads * spec.headDim;
    const std::int64_t keys = spec.kvHeads * spec.headDim;
    const auto fused = builder.add(LinearRole::QueryKeyValue, "self_attn.qkv_proj", queries + 2 * keys, spec.hidden, 0);
    const auto output = builder.add(LinearRole::Output, "self_attn.o_proj", spec.hidden, queries, 1);
    const auto gateUp = builder.add(LinearRole::GateUp, "mlp.gate_up_proj", 2 * spec.intermediate, spec.hidden, 2);
    const auto down = builder.add(LinearRole::Down, "mlp.down_proj", spec.hidden, spec.intermediate, 3);
    builder.scaleAfterNorm(block.inputNorm, {fused});
    if (spec.heads == spec.kvHeads) {
        builder.scaleAfterLinear(fused, {output}, queries + keys);
    }
    builder.scaleAfterNorm(block.postAttentionNorm, {gateUp});
    builder.scaleAfterLinear(gateUp, {down}, spec.intermediate);
}

} // namespace

Result<void> readPhi3(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readSizes(config, {.epsilonDefault = 1e-5}, spec));
    BITLATHE_CHECK(readActivation(config, "hidden_act", "silu", spec));
    spec.fusedOrder = FusedOrder::Stacked;
    setLlamaNames(spec);
    BITLATHE_TRY(const std::int64_t blocks, readBlockCount(config));
    for (std::int64_t block = 0; block < blocks; ++block) {
        addBlock(spec, block);
    }
    BITLATHE_CHECK(readWindow(config, spec));
    return readPartialRope(config, 1.0, spec);
}

} // namespace bitlathe::model
