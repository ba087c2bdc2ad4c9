// SPDX-License-Identifier: Apache-2.0
// A small model in memory for tests of scales: random weights, norms and biases in bf16, one input channel far out.
#pragma once

#include "core/calibrate/observer.h"
#include "core/model/model.h"
#include "core/quant/smoothing.h"
#include "kernels/quantize.h"

#include <bit>
#include <cstring>
#include <map>
#include <random>

namespace bitlathe::tests
{

struct StoredTensor
{
    checkpoint::DType dtype = checkpoint::DType::F32;
    checkpoint::Shape shape;
    std::vector<std::byte> bytes;
};

inline StoredTensor storedTensor(checkpoint::DType dtype, checkpoint::Shape shape, const std::vector<float>& values)
{
    StoredTensor tensor{dtype, std::move(shape), {}};
    const std::size_t width = checkpoint::dtypeBytes(dtype);
    tensor.bytes.resize(values.size() * width);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float rounded = kernels::roundToScaleType(values[i], kernels::ScaleType::Bf16);
        const auto half = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(rounded) >> 16);
        std::memcpy(tensor.bytes.data() + i * width,
                    dtype == checkpoint::DType::BF16 ? static_cast<const void*>(&half) : &values[i], width);
    }
    return tensor;
}

class MemorySource final : public model::WeightSource
{
public:
    std::map<std::string, StoredTensor> tensors;

    Result<checkpoint::TensorView> tensor(const std::string& name, const checkpoint::Shape& /*shape*/) const override
    {
        const StoredTensor& found = tensors.at(name);
        return checkpoint::TensorView{name, found.dtype, found.shape, found.bytes};
    }
    bool has(const std::string& name) const override { return tensors.contains(name); }
    Result<std::unique_ptr<model::Linear>> linear(const model::LinearSpec& spec, model::Compute compute) const override
    {
        BITLATHE_TRY(const auto view, tensor(spec.weightName(), {}));
        std::vector<float> bias;
        if (spec.hasBias) {
            BITLATHE_TRY(const auto stored, tensor(spec.biasName(), {}));
            bias = checkpoint::toF32(stored);
        }
        return model::makeDenseLinear(view, bias, compute);
    }
    Result<std::vector<float>> weights(const model::LinearSpec& spec) const override
    {
        BITLATHE_TRY(const auto view, tensor(spec.weightName(), {}));
        return checkpoint::toF32(view);
    }
    void release(const model::LinearSpec& /*spec*/) const override {}
};

struct MemoryModel
{
    model::ModelSpec spec;
    std::shared_ptr<MemorySource> source = std::make_shared<MemorySource>();
    std::vector<std::optional<quant::Scheme>> schemes;

    std::shared_ptr<const model::Model> runnable() const
    {
        return *model::Model::create(spec, source, {model::Compute::F32, model::Residency::Resident});
    }
};

inline std::vector<float> randomValues(std::mt19937& random, std::int64_t count, float mean, float sigma)
{
    std::normal_distribution<float> normal(mean, sigma);
    std::vector<float> values(static_cast<std::size_t>(count));
    std::ranges::generate(values, [&] { return normal(random); });
    return values;
}

constexpr std::int64_t kMemoryHidden = 64;
constexpr std::int64_t kMemoryVocabulary = 50;

/// Two blocks with biases everywhere. kvHeads of 4 heads.
inline MemoryModel memoryModel(std::int64_t kvHeads, const quant::Scheme& scheme, unsigned seed = 3)
{
    using checkpoint::DType;
    MemoryModel model;
    const Json config = {{"model_type", "llama"},
                         {"architectures", {"LlamaForCausalLM"}},
                         {"hidden_size", kMemoryHidden},
                         {"intermediate_size", 96},
                         {"num_hidden_layers", 2},
                         {"num_attention_heads", 4},
                         {"num_key_value_heads", kvHeads},
                         {"vocab_size", kMemoryVocabulary},
                         {"max_position_embeddings", 128},
                         {"attention_bias", true},
                         {"mlp_bias", true},
                         {"hidden_act", "silu"},
                         {"rms_norm_eps", 1e-5},
                         {"tie_word_embeddings", true}};
    model.spec = *model::readModelSpec(config, Json::object(), "config.json");
    std::mt19937 random(seed);
    auto& tensors = model.source->tensors;
    tensors[model.spec.embeddingName] = storedTensor(DType::F32, {kMemoryVocabulary, kMemoryHidden},
                                                     randomValues(random, kMemoryVocabulary * kMemoryHidden, 0, 1));
    std::vector<std::string> norms{model.spec.finalNormName};
    for (const model::BlockSpec& block : model.spec.blocks) {
        norms.push_back(block.inputNorm + ".weight");
        norms.push_back(block.postAttentionNorm + ".weight");
    }
    for (const std::string& name : norms) {
        std::vector<float> values = randomValues(random, kMemoryHidden, 1, 0.3F);
        values[5] = 20; // An outlier, as models have them.
        tensors[name] = storedTensor(DType::BF16, {kMemoryHidden}, values);
    }
    for (const model::LinearSpec& linear : model.spec.linears) {
        const std::int64_t count = linear.outFeatures * linear.inFeatures;
        tensors[linear.weightName()] =
            storedTensor(DType::F32, {linear.outFeatures, linear.inFeatures}, randomValues(random, count, 0, 0.15F));
        tensors[linear.biasName()] =
            storedTensor(DType::BF16, {linear.outFeatures}, randomValues(random, linear.outFeatures, 0, 0.1F));
    }
    model.schemes.assign(model.spec.linears.size(), scheme);
    return model;
}

inline std::vector<model::TokenId> memoryTokens(unsigned seed, std::size_t count = 100)
{
    std::mt19937 random(seed);
    std::vector<model::TokenId> tokens(count);
    std::ranges::generate(tokens, [&] { return static_cast<model::TokenId>(random() % kMemoryVocabulary); });
    return tokens;
}

/// Statistics of all blocks over one sample.
inline std::vector<calibrate::BlockStats> memoryStats(const MemoryModel& model)
{
    const auto runnable = model.runnable();
    model::Activations hidden = *runnable->embed(memoryTokens(1));
    std::vector<calibrate::BlockStats> all;
    for (std::int64_t block = 0; block < model.spec.blockCount(); ++block) {
        calibrate::StatsObserver observer(model.spec, block, true);
        (*runnable->block(block))->forward(hidden, nullptr, &observer);
        all.push_back(observer.take());
    }
    return all;
}

inline std::vector<float> logitsOf(const MemoryModel& model, unsigned seed = 2)
{
    const auto runnable = model.runnable();
    const model::Activations normed = *runnable->forward(memoryTokens(seed));
    std::vector<float> logits(static_cast<std::size_t>(normed.rows * kMemoryVocabulary));
    runnable->logits(normed, 0, normed.rows, logits);
    return logits;
}

/// The model with the scales of all blocks folded in.
inline MemoryModel foldedModel(const MemoryModel& model, const std::vector<quant::BlockScales>& scales)
{
    MemoryModel folded = model;
    folded.source = std::make_shared<MemorySource>(*model.source);
    auto& tensors = folded.source->tensors;
    for (const model::LinearSpec& linear : model.spec.linears) {
        std::vector<float> weights = *model.source->weights(linear);
        quant::foldWeights(model.spec, scales[static_cast<std::size_t>(linear.block)], linear, weights);
        tensors[linear.weightName()] =
            storedTensor(checkpoint::DType::F32, {linear.outFeatures, linear.inFeatures}, weights);
    }
    for (const quant::BlockScales& block : scales) {
        const auto changed = quant::foldedTensors(model.spec, block, *model.source);
        for (const quant::FoldedTensor& tensor : *changed) {
            const StoredTensor before = tensors.at(tensor.name);
            tensors[tensor.name] = storedTensor(before.dtype, before.shape, tensor.values);
        }
    }
    return folded;
}

} // namespace bitlathe::tests
