// SPDX-License-Identifier: Apache-2.0
// Qwen3: LLaMA with norms on each query and key head; Qwen3-MoE puts experts into most blocks.
#include "core/model/families/qwen.h"
#include "core/model/families/readers.h"

#include <algorithm>
#include <array>

namespace bitlathe::model
{

namespace
{

constexpr SizeKeys kKeys{.headDimDefault = 128};

void addHeadNorms(ModelSpec& spec)
{
    for (std::size_t block = 0; block < spec.blocks.size(); ++block) {
        spec.blocks[block].queryNorm = fmt::format("model.layers.{}.self_attn.q_norm", block);
        spec.blocks[block].keyNorm = fmt::format("model.layers.{}.self_attn.k_norm", block);
    }
}

/// Which blocks have experts.
struct Sparsity
{
    std::vector<std::int64_t> dense;
    std::int64_t step = 1;

    bool hasExperts(std::int64_t block) const
    {
        return std::ranges::find(dense, block) == dense.end() && (block + 1) % step == 0;
    }
};

Result<Sparsity> readSparsity(const JsonObject& config)
{
    Sparsity sparsity;
    if (config.has("decoder_sparse_step")) {
        BITLATHE_TRY(sparsity.step, config.integerIn("decoder_sparse_step", 1, kMaxWidth));
    }
    if (config.has("mlp_only_layers")) {
        const Json& list = config.json()["mlp_only_layers"];
        const auto isInteger = [](const Json& item) { return item.is_number_integer(); };
        if (!list.is_array() || !std::ranges::all_of(list, isInteger)) {
            return wrongSetting("mlp_only_layers", Text(BITLATHE_TEXT("a list of block numbers")),
                                Text(BITLATHE_TEXT("%1"), list.type_name()));
        }
        sparsity.dense = list.get<std::vector<std::int64_t>>();
    }
    return sparsity;
}

} // namespace

Result<void> readQwen3(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_TRY(const bool bias, config.boolean("attention_bias", false));
    BITLATHE_CHECK(readLlamaLayout(config, kKeys, {bias, bias, false}, spec));
    addHeadNorms(spec);
    BITLATHE_CHECK(readQwenWindow(config, spec));
    return readRope(config, spec);
}

Result<void> readQwen3Moe(const JsonObject& config, ModelSpec& spec)
{
    BITLATHE_CHECK(readSizes(config, kKeys, spec));
    BITLATHE_CHECK(readActivation(config, "hidden_act", "silu", spec));
    BITLATHE_CHECK(readExpertCounts(config, std::array<std::string_view, 2>{"num_experts", "num_local_experts"}, spec));
    BITLATHE_TRY(spec.expertWeightsSumToOne, config.boolean("norm_topk_prob", false));
    BITLATHE_TRY(const std::int64_t width, config.integerIn("moe_intermediate_size", 1, kMaxWidth));
    BITLATHE_TRY(const bool bias, config.boolean("attention_bias", false));
    BITLATHE_TRY(const Sparsity sparsity, readSparsity(config));
    setLlamaNames(spec);
    BITLATHE_TRY(const std::int64_t blocks, readBlockCount(config));
    for (std::int64_t block = 0; block < blocks; ++block) {
        BlockBuilder builder(spec, fmt::format("model.layers.{}.", block));
        addLlamaAttention(builder, {bias, bias, false});
        if (sparsity.hasExperts(block)) {
            addExperts(builder, {"mlp.gate", "mlp.experts", "gate_proj", "up_proj", "down_proj"}, width);
        } else {
            addLlamaMlp(builder, {});
        }
    }
    addHeadNorms(spec);
    BITLATHE_CHECK(readQwenWindow(config, spec));
    return readRope(config, spec);
}

} // namespace bitlathe::model
