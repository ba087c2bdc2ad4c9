// SPDX-License-Identifier: Apache-2.0
// LlamaForm: the tensors of LLaMA-shaped models of other families under LLaMA's names, one matrix a projection.
#include "core/format/llamaform.h"

#include "core/format/floatbytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace bitlathe::format
{

using checkpoint::DType;
using checkpoint::TensorPlan;
using checkpoint::TensorView;
using model::LinearRole;
using model::LinearSpec;
using model::ModelSpec;

namespace
{

constexpr std::string_view kEmbedding = "model.embed_tokens.weight";
constexpr std::string_view kHead = "lm_head.weight";

struct Rows
{
    std::int64_t first = 0;
    std::int64_t count = 0;
};

/// A tensor that another one becomes. Rows: outputs of a linear that it takes, in this order; none: all.
struct Part
{
    std::string name;
    std::vector<Rows> rows;
};

/// A linear's projections.
struct Projection
{
    std::string_view name;
    std::vector<Rows> rows;
};

std::vector<Projection> fusedProjections(const ModelSpec& spec)
{
    const std::int64_t queries = spec.heads * spec.headDim;
    const std::int64_t keys = spec.kvHeads * spec.headDim;
    if (spec.fusedOrder == model::FusedOrder::Stacked) {
        return {{"self_attn.q_proj", {{0, queries}}},
                {"self_attn.k_proj", {{queries, keys}}},
                {"self_attn.v_proj", {{queries + keys, keys}}}};
    }
    std::vector<Projection> all{{"self_attn.q_proj", {}}, {"self_attn.k_proj", {}}, {"self_attn.v_proj", {}}};
    const std::int64_t perGroup = queries / spec.kvHeads;
    for (std::int64_t group = 0; group < spec.kvHeads; ++group) {
        const std::int64_t first = group * (perGroup + 2 * spec.headDim);
        all[0].rows.push_back({first, perGroup});
        all[1].rows.push_back({first + perGroup, spec.headDim});
        all[2].rows.push_back({first + perGroup + spec.headDim, spec.headDim});
    }
    return all;
}

std::vector<Projection> projectionsOf(const ModelSpec& spec, const LinearSpec& linear)
{
    switch (linear.role) {
    case LinearRole::Query: return {{"self_attn.q_proj", {}}};
    case LinearRole::Key: return {{"self_attn.k_proj", {}}};
    case LinearRole::Value: return {{"self_attn.v_proj", {}}};
    case LinearRole::Output: return {{"self_attn.o_proj", {}}};
    case LinearRole::Gate: return {{"mlp.gate_proj", {}}};
    case LinearRole::Up: return {{"mlp.up_proj", {}}};
    case LinearRole::Down: return {{"mlp.down_proj", {}}};
    case LinearRole::QueryKeyValue: return fusedProjections(spec);
    case LinearRole::GateUp:
        return {{"mlp.gate_proj", {{0, spec.intermediate}}}, {"mlp.up_proj", {{spec.intermediate, spec.intermediate}}}};
    case LinearRole::Other: break;
    }
    return {};
}

std::vector<Part> partsOf(const ModelSpec& spec, const std::string& name)
{
    if (name == spec.embeddingName) {
        std::vector<Part> parts{{std::string(kEmbedding), {}}};
        if (spec.tiedHead) {
            parts.push_back({std::string(kHead), {}});
        }
        return parts;
    }
    if (name == spec.headName) {
        return {{std::string(kHead), {}}};
    }
    if (name == spec.finalNormName) {
        return {{"model.norm.weight", {}}};
    }
    const std::size_t dot = std::min(name.rfind('.'), name.size());
    const std::string stem = name.substr(0, dot);
    const std::string suffix = name.substr(dot);
    if (const LinearSpec* linear = spec.findLinear(stem)) {
        std::vector<Part> parts;
        for (Projection& projection : projectionsOf(spec, *linear)) {
            parts.push_back({fmt::format("model.layers.{}.{}{}", linear->block, projection.name, suffix),
                             std::move(projection.rows)});
        }
        return parts;
    }
    for (std::size_t block = 0; block < spec.blocks.size(); ++block) {
        if (stem == spec.blocks[block].inputNorm) {
            return {{fmt::format("model.layers.{}.input_layernorm{}", block, suffix), {}}};
        }
        if (stem == spec.blocks[block].postAttentionNorm) {
            return {{fmt::format("model.layers.{}.post_attention_layernorm{}", block, suffix), {}}};
        }
    }
    return {};
}

/// Outputs that one element along a tensor's axis of outputs holds.
std::int64_t outputsPerElement(const std::string& name)
{
    constexpr std::int64_t kCodesPerWord = 8;
    return name.ends_with(".qweight") || name.ends_with(".qzeros") ? kCodesPerWord : 1;
}

/// AWQ's tensors have the outputs last.
bool hasOutputsLast(const std::string& name)
{
    return outputsPerElement(name) != 1 || name.ends_with(".scales");
}

TensorPlan planOf(const Part& part, const TensorPlan& tensor, DType dtype)
{
    TensorPlan plan{part.name, checkpoint::isFloat(tensor.dtype) ? dtype : tensor.dtype, tensor.shape};
    if (!part.rows.empty() && !plan.shape.empty()) {
        std::int64_t outputs = 0;
        for (const Rows& rows : part.rows) {
            outputs += rows.count;
        }
        std::int64_t& axis = hasOutputsLast(tensor.name) ? plan.shape.back() : plan.shape.front();
        axis = outputs / outputsPerElement(tensor.name);
    }
    return plan;
}

/// The bytes of some outputs.
std::vector<std::byte> takeRows(const TensorView& tensor, const Part& part)
{
    const bool last = hasOutputsLast(tensor.name);
    const std::int64_t lines = last ? tensor.shape.front() : 1;
    const std::size_t lineBytes = tensor.bytes.size() / static_cast<std::size_t>(std::max<std::int64_t>(1, lines));
    const std::int64_t outputs = last ? tensor.shape.back() : tensor.shape.front();
    const std::size_t elementBytes = lineBytes / static_cast<std::size_t>(std::max<std::int64_t>(1, outputs));
    std::vector<std::byte> bytes;
    for (std::int64_t line = 0; line < lines; ++line) {
        for (const Rows& rows : part.rows) {
            const auto first = static_cast<std::size_t>(rows.first / outputsPerElement(tensor.name)) * elementBytes;
            const auto count = static_cast<std::size_t>(rows.count / outputsPerElement(tensor.name)) * elementBytes;
            const auto from = tensor.bytes.subspan(static_cast<std::size_t>(line) * lineBytes + first, count);
            bytes.insert(bytes.end(), from.begin(), from.end());
        }
    }
    return bytes;
}

} // namespace

Result<void> checkLlamaShaped(const ModelSpec& spec, std::string_view subject)
{
    const auto refuse = [&](Text found) {
        return fail(ErrorCode::NotSupported, spec.modelType,
                    Text(BITLATHE_TEXT("what a LLaMA computes, for %1"), subject), std::move(found),
                    Text(BITLATHE_TEXT("Choose another format")));
    };
    if (!spec.canRun) {
        return refuse(spec.whyNot);
    }
    const model::BlockSpec& block = spec.blocks.front();
    const bool plainNorms = spec.norm == model::NormKind::Rms && spec.normOffset == 0 && block.queryNorm.empty() &&
                            block.keyNorm.empty() && block.attentionOutputNorm.empty() && block.mlpOutputNorm.empty();
    if (!plainNorms) {
        return refuse(Text(BITLATHE_TEXT("other norms")));
    }
    if (spec.residual != model::ResidualForm::PreNorm || spec.embeddingScale != 1 || spec.residualScale != 1 ||
        spec.logitScale != 1 || spec.attentionScale || spec.attentionSoftCap != 0 || spec.logitSoftCap != 0) {
        return refuse(Text(BITLATHE_TEXT("other sums or scales of the hidden state")));
    }
    if (spec.experts > 0 || spec.activation != model::ActivationKind::Silu || !block.router.empty()) {
        return refuse(Text(BITLATHE_TEXT("another mlp")));
    }
    const bool plainRope = spec.rope.scaling == model::RopeScaling::None ||
                           spec.rope.scaling == model::RopeScaling::Dynamic ||
                           spec.rope.scaling == model::RopeScaling::Doubling;
    const bool wholeHeads = spec.rope.dims == 0 || spec.rope.dims == spec.headDim;
    if (!spec.positionsName.empty() || spec.slidingWindow || spec.localRope || !plainRope || !wholeHeads) {
        return refuse(Text(BITLATHE_TEXT("other positions or a window")));
    }
    if (spec.hidden != spec.heads * spec.headDim || spec.vocabularyWidth() != spec.hidden) {
        return refuse(Text(BITLATHE_TEXT("heads that do not make up the hidden size")));
    }
    const auto biasOfMlp = [](const LinearSpec& linear) {
        return linear.hasBias && (linear.role == LinearRole::Gate || linear.role == LinearRole::Up ||
                                  linear.role == LinearRole::Down || linear.role == LinearRole::GateUp);
    };
    if (std::ranges::any_of(spec.linears, biasOfMlp)) {
        return refuse(Text(BITLATHE_TEXT("biases in the mlp")));
    }
    return {};
}

std::vector<TensorPlan> llamaPlan(const ModelSpec& spec, const TensorPlan& tensor, DType dtype)
{
    std::vector<TensorPlan> plans;
    for (const Part& part : partsOf(spec, tensor.name)) {
        plans.push_back(planOf(part, tensor, dtype));
    }
    return plans;
}

std::vector<EncodedTensor> llamaTensors(const ModelSpec& spec, const TensorView& tensor, DType dtype)
{
    std::vector<EncodedTensor> tensors;
    for (const Part& part : partsOf(spec, tensor.name)) {
        EncodedTensor made{planOf(part, {tensor.name, tensor.dtype, tensor.shape}, dtype), {}};
        made.bytes = part.rows.empty() ? std::vector(tensor.bytes.begin(), tensor.bytes.end()) : takeRows(tensor, part);
        if (made.plan.dtype != tensor.dtype) {
            const TensorView source{tensor.name, tensor.dtype, made.plan.shape, made.bytes};
            std::vector<std::byte> stored(made.bytes.size() / checkpoint::dtypeBytes(tensor.dtype) *
                                          checkpoint::dtypeBytes(dtype));
            storeFloats(dtype, checkpoint::toF32(source), stored);
            made.bytes = std::move(stored);
        }
        tensors.push_back(std::move(made));
    }
    return tensors;
}

} // namespace bitlathe::format
