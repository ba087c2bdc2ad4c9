// SPDX-License-Identifier: Apache-2.0
// What the files of families are made of: readers of settings that many families share, and the builder of blocks.
#pragma once

#include "core/model/families/family.h"

#include <string_view>
#include <vector>

namespace bitlathe::model
{

inline constexpr std::int64_t kMaxWidth = 1 << 24;

/// How a family spells the settings that nearly all have. Those of LLaMA unless said otherwise.
struct SizeKeys
{
    std::string_view hidden = "hidden_size";
    std::string_view intermediate = "intermediate_size";
    std::string_view heads = "num_attention_heads";
    std::string_view positions = "max_position_embeddings";
    std::string_view epsilon = "rms_norm_eps";
    double epsilonDefault = 1e-6;
    bool tiedDefault = false;
    std::int64_t headDimDefault = 0;        ///< Where head_dim is absent; 0: hidden / heads.
    bool plainHeads = false;                ///< Neither head_dim nor num_key_value_heads mean anything.
    std::int64_t intermediatePerHidden = 0; ///< Where the key may be absent: so many times hidden.
};

/// Vocabulary, hidden, intermediate, heads, key heads, head size, positions, epsilon, tied head. Sets canRun.
Result<void> readSizes(const JsonObject& config, const SizeKeys& keys, ModelSpec& spec);
/// maxPositions of a model that has a row for each.
Result<void> readLearnedPositions(const JsonObject& config, std::string_view key, std::int64_t otherwise,
                                  ModelSpec& spec);
Result<std::int64_t> readBlockCount(const JsonObject& config, std::string_view key = "num_hidden_layers");
/// An activation that is not known marks the spec as not runnable.
Result<void> readActivation(const JsonObject& config, std::string_view key, std::string_view otherwise,
                            ModelSpec& spec);
/// The window of key "sliding_window" where there is one.
Result<void> readWindow(const JsonObject& config, ModelSpec& spec);
/// Which blocks slide, by "layer_types"; where that is absent by slidesByDefault(block).
Result<void> readLayerTypes(const JsonObject& config, bool (*slidesByDefault)(std::int64_t block), ModelSpec& spec);

/// Marks a spec as readable but not runnable.
void markNotRunnable(ModelSpec& spec, Text reason);
/// ConfigInvalid for a setting of config.json.
Failure wrongSetting(std::string_view key, Text expected, Text found);

/// rope_parameters of today's transformers, or rope_theta and rope_scaling of the classic ones, into spec.rope. A
/// scaling that is not known, and one that turns a part of each head only, mark the spec as not runnable.
Result<void> readRope(const JsonObject& config, ModelSpec& spec);
/// The same, for families that may turn a part of each head.
Result<void> readPartialRope(const JsonObject& config, double partDefault, ModelSpec& spec);
/// The same from an object of parameters, for families that have several.
Result<RopeSpec> readRopeParameters(const JsonObject& config, const JsonObject& parameters, double thetaDefault,
                                    ModelSpec& spec);

/// Adds one block to a spec, linear by linear in the order of the forward pass.
class BlockBuilder
{
public:
    /// prefix: of the block's tensors, with a dot at its end: "model.layers.0.".
    BlockBuilder(ModelSpec& spec, std::string prefix);

    BlockSpec& block() { return m_spec.blocks.back(); }
    ModelSpec& spec() { return m_spec; }
    std::string name(std::string_view rest) const { return m_prefix + std::string(rest); }

    struct Options
    {
        bool bias = false;
        std::int64_t expert = -1;
        bool transposed = false;
    };
    LayerId add(LinearRole role, std::string_view name, std::int64_t outFeatures, std::int64_t inFeatures,
                std::int64_t inputGroup, const Options& options);
    LayerId add(LinearRole role, std::string_view name, std::int64_t outFeatures, std::int64_t inFeatures,
                std::int64_t inputGroup)
    {
        return add(role, name, outFeatures, inFeatures, inputGroup, Options());
    }

    /// linears read what the norm gives.
    ScaleGroup& scaleAfterNorm(const std::string& norm, std::vector<LayerId> linears);
    /// linears read what rows of another linear give, from row on.
    void scaleAfterLinear(LayerId preceding, std::vector<LayerId> linears, std::int64_t row = 0);
    /// The output projection reads the values of a QueryKeyValue weight in the order FusedOrder::Grouped. Not under
    /// grouped keys: there one value channel feeds several output channels, and there is no single scale to divide by.
    void scaleAfterGroupedValues(LayerId fused, LayerId output);

private:
    ModelSpec& m_spec;
    std::string m_prefix;
};

/// Which linears of a LLaMA block carry a bias.
struct LlamaBiases
{
    bool queryKeyValue = false;
    bool output = false;
    bool mlp = false;
};

/// Names of embedding, norm and head as LLaMA has them.
void setLlamaNames(ModelSpec& spec);
/// The attention of a LLaMA block with its norms and scale groups.
void addLlamaAttention(BlockBuilder& builder, const LlamaBiases& biases);
/// The gated mlp of a LLaMA block with its scale groups.
void addLlamaMlp(BlockBuilder& builder, const LlamaBiases& biases);
/// Sizes, activation, names and blocks of a model that is laid out as LLaMA; rope is left to the caller.
Result<void> readLlamaLayout(const JsonObject& config, const SizeKeys& keys, const LlamaBiases& biases,
                             ModelSpec& spec);

/// Experts of a block with a router, all named PREFIX.N. and the names of their three linears.
struct ExpertNames
{
    std::string_view router;
    std::string_view experts;
    std::string_view gate;
    std::string_view up;
    std::string_view down;
};
void addExperts(BlockBuilder& builder, const ExpertNames& names, std::int64_t width);
/// Number of experts (the first key that is there) and of those per token.
Result<void> readExpertCounts(const JsonObject& config, std::span<const std::string_view> keys, ModelSpec& spec);

} // namespace bitlathe::model
