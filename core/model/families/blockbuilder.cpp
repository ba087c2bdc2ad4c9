// SPDX-License-Identifier: Apache-2.0
// BlockBuilder, and the blocks that many families share.
#include "core/model/families/readers.h"

namespace bitlathe::model
{

BlockBuilder::BlockBuilder(ModelSpec& spec, std::string prefix) : m_spec(spec), m_prefix(std::move(prefix))
{
    m_spec.blocks.emplace_back();
}

LayerId BlockBuilder::add(LinearRole role, std::string_view rest, std::int64_t outFeatures, std::int64_t inFeatures,
                          std::int64_t inputGroup, const Options& options)
{
    const LayerId id(static_cast<std::int64_t>(m_spec.linears.size()));
    m_spec.linears.push_back({
        .id = id,
        .name = name(rest),
        .block = m_spec.blockCount() - 1,
        .role = role,
        .outFeatures = outFeatures,
        .inFeatures = inFeatures,
        .hasBias = options.bias,
        .inputGroup = inputGroup,
        .expert = options.expert,
        .transposed = options.transposed,
    });
    block().linears.push_back(id);
    return id;
}

ScaleGroup& BlockBuilder::scaleAfterNorm(const std::string& norm, std::vector<LayerId> linears)
{
    return m_spec.scaleGroups.emplace_back(ScaleGroup{m_spec.blockCount() - 1, norm, true, std::move(linears), 0, {}});
}

void BlockBuilder::scaleAfterLinear(LayerId preceding, std::vector<LayerId> linears, std::int64_t row)
{
    m_spec.scaleGroups.push_back(
        {m_spec.blockCount() - 1, m_spec.linear(preceding).name, false, std::move(linears), row, {}});
}

void BlockBuilder::scaleAfterGroupedValues(LayerId fused, LayerId output)
{
    if (m_spec.heads != m_spec.kvHeads) {
        return;
    }
    scaleAfterLinear(fused, {output}, 2 * m_spec.headDim);
    m_spec.scaleGroups.back().runRows = m_spec.headDim;
    m_spec.scaleGroups.back().runStride = 3 * m_spec.headDim;
}

void setLlamaNames(ModelSpec& spec)
{
    spec.embeddingName = "model.embed_tokens.weight";
    spec.finalNormName = "model.norm.weight";
    spec.headName = spec.tiedHead ? spec.embeddingName : "lm_head.weight";
}

void addLlamaAttention(BlockBuilder& builder, const LlamaBiases& biases)
{
    const ModelSpec& spec = builder.spec();
    builder.block().inputNorm = builder.name("input_layernorm");
    builder.block().postAttentionNorm = builder.name("post_attention_layernorm");
    const std::int64_t queries = spec.heads * spec.headDim;
    const std::int64_t keys = spec.kvHeads * spec.headDim;
    const BlockBuilder::Options options{.bias = biases.queryKeyValue};
    const auto query = builder.add(LinearRole::Query, "self_attn.q_proj", queries, spec.hidden, 0, options);
    const auto key = builder.add(LinearRole::Key, "self_attn.k_proj", keys, spec.hidden, 0, options);
    const auto value = builder.add(LinearRole::Value, "self_attn.v_proj", keys, spec.hidden, 0, options);
    const auto output =
        builder.add(LinearRole::Output, "self_attn.o_proj", spec.hidden, queries, 1, {.bias = biases.output});
    builder.scaleAfterNorm(builder.block().inputNorm, {query, key, value});
    if (spec.heads == spec.kvHeads) {
        // With grouped keys one value channel feeds several output channels: there is no single scale to divide by.
        builder.scaleAfterLinear(value, {output});
    }
}

void addLlamaMlp(BlockBuilder& builder, const LlamaBiases& biases)
{
    const ModelSpec& spec = builder.spec();
    const BlockBuilder::Options options{.bias = biases.mlp};
    const auto gate = builder.add(LinearRole::Gate, "mlp.gate_proj", spec.intermediate, spec.hidden, 2, options);
    const auto up = builder.add(LinearRole::Up, "mlp.up_proj", spec.intermediate, spec.hidden, 2, options);
    const auto down = builder.add(LinearRole::Down, "mlp.down_proj", spec.hidden, spec.intermediate, 3, options);
    builder.scaleAfterNorm(builder.block().postAttentionNorm, {gate, up});
    builder.scaleAfterLinear(up, {down});
}

Result<void> readLlamaLayout(const JsonObject& config, const SizeKeys& keys, const LlamaBiases& biases, ModelSpec& spec)
{
    BITLATHE_CHECK(readSizes(config, keys, spec));
    BITLATHE_CHECK(readActivation(config, "hidden_act", "silu", spec));
    spec.norm = NormKind::Rms;
    setLlamaNames(spec);
    BITLATHE_TRY(const std::int64_t blocks, readBlockCount(config));
    for (std::int64_t block = 0; block < blocks; ++block) {
        BlockBuilder builder(spec, fmt::format("model.layers.{}.", block));
        addLlamaAttention(builder, biases);
        addLlamaMlp(builder, biases);
    }
    return {};
}

void addExperts(BlockBuilder& builder, const ExpertNames& names, std::int64_t width)
{
    const ModelSpec& spec = builder.spec();
    builder.block().router = builder.name(names.router);
    std::vector<LayerId> readers;
    for (std::int64_t expert = 0; expert < spec.experts; ++expert) {
        const BlockBuilder::Options options{.expert = expert};
        const auto nameOf = [&](std::string_view name) { return fmt::format("{}.{}.{}", names.experts, expert, name); };
        const std::int64_t group = 2 + 2 * expert;
        const auto gate = builder.add(LinearRole::Gate, nameOf(names.gate), width, spec.hidden, group, options);
        const auto up = builder.add(LinearRole::Up, nameOf(names.up), width, spec.hidden, group, options);
        const auto down = builder.add(LinearRole::Down, nameOf(names.down), spec.hidden, width, group + 1, options);
        builder.scaleAfterLinear(up, {down});
        readers.insert(readers.end(), {gate, up});
    }
    builder.scaleAfterNorm(builder.block().postAttentionNorm, std::move(readers)).otherReaders = {
        builder.block().router + ".weight"};
}

} // namespace bitlathe::model
