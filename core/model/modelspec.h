// SPDX-License-Identifier: Apache-2.0
// ModelSpec: what config.json means, independent of the model's family.
#pragma once

#include "core/base/ids.h"
#include "core/base/json.h"
#include "kernels/activation.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bitlathe::model
{

using ActivationKind = kernels::Activation;
enum class NormKind { Rms, Layer };
/// QueryKeyValue and GateUp are several projections in one tensor. An mlp without a gate has Up and Down. Other: of a family
/// whose forward pass is not known.
enum class LinearRole { Query, Key, Value, Output, Gate, Up, Down, QueryKeyValue, GateUp, Other };
/// Dynamic: plain up to originalPositions, and beyond them other frequencies for every length. Doubling: others for
/// every doubling of originalPositions, and a sequence keeps those of the pass that began it (Qwen). LongRope: one set
/// of divisors up to originalPositions and one beyond.
enum class RopeScaling { None, Linear, Llama3, Yarn, Dynamic, Doubling, LongRope };
/// How the rows of a QueryKeyValue weight lie.
enum class FusedOrder {
    Stacked, ///< All queries, all keys, all values.
    Grouped, ///< For every key head: its queries, its key, its value.
};
/// Where norms stand and what a block adds to the hidden state h.
enum class ResidualForm {
    PreNorm,  ///< h += attention(norm(h)), then h += mlp(norm(h)).
    Parallel, ///< h += attention(norm(h)) + mlp(norm'(h)), both of the block's input.
    PostNorm, ///< h = norm(h + attention(h)), then h = norm(h + mlp(h)).
};

std::string_view linearRoleName(LinearRole role);

/// A linear that quantizers may replace: y = x W' + b with W of shape [outFeatures, inFeatures].
struct LinearSpec
{
    LayerId id;              ///< Its place in ModelSpec::linears.
    std::string name;        ///< Without ".weight": "model.layers.0.self_attn.q_proj".
    std::int64_t block = 0;
    LinearRole role = LinearRole::Query;
    std::int64_t outFeatures = 0;
    std::int64_t inFeatures = 0;
    bool hasBias = false;
    std::int64_t inputGroup = 0; ///< Linears of one block with the same number read the same input.
    std::int64_t expert = -1;    ///< The expert it belongs to, which sees the tokens routed to it only; -1: none.
    bool transposed = false;     ///< The file holds [inFeatures, outFeatures]; only WeightSource and writers need to know.

    std::string weightName() const { return name + ".weight"; }
    std::string biasName() const { return name + ".bias"; }
    /// Of the unquantized weight in a file.
    std::vector<std::int64_t> fileShape() const
    {
        return transposed ? std::vector{inFeatures, outFeatures} : std::vector{outFeatures, inFeatures};
    }
};

/// Linears that share an input, and what comes before it: AWQ and SmoothQuant divide the one and multiply the others.
struct ScaleGroup
{
    std::int64_t block = 0;
    std::string precedingName;      ///< Norm ("....input_layernorm") or linear ("....v_proj").
    bool precedingIsNorm = true;
    std::vector<LayerId> linears;
    std::int64_t precedingRow = 0;         ///< Of a preceding linear, the first of the rows that feed the group.
    std::vector<std::string> otherReaders; ///< Weights [out, in] (full names) of routers, which read the same input.
    std::int64_t runRows = 0;   ///< So many rows lie side by side; 0: all.
    std::int64_t runStride = 0; ///< From the first row of a run to that of the next.

    /// The row of the preceding linear that feeds a channel.
    std::int64_t rowOf(std::int64_t channel) const
    {
        return runRows == 0 ? precedingRow + channel
                            : precedingRow + channel / runRows * runStride + channel % runRows;
    }
};

struct RopeSpec
{
    double theta = 10000.0;
    RopeScaling scaling = RopeScaling::None;
    double factor = 1.0;
    double lowFrequencyFactor = 1.0;   ///< llama3
    double highFrequencyFactor = 4.0;  ///< llama3
    double attentionFactor = 1.0;      ///< yarn, longrope
    double betaFast = 32.0;            ///< yarn
    double betaSlow = 1.0;             ///< yarn
    std::vector<double> divisors;     ///< Of the frequency of each pair; empty: 1.
    std::vector<double> longDivisors; ///< longrope: those of sequences beyond originalPositions.
    std::int64_t originalPositions = 0;
    std::int64_t dims = 0; ///< Of each head, those that are turned: the first ones; 0: all.
};

/// Names of a block's tensors that are not quantizable linears, without ".weight"; empty: the block has none.
struct BlockSpec
{
    std::string inputNorm;           ///< Of the attention.
    std::string postAttentionNorm;   ///< Of the mlp.
    std::string attentionOutputNorm; ///< Applied to what attention adds.
    std::string mlpOutputNorm;       ///< Applied to what the mlp adds.
    std::string queryNorm;           ///< Of every query head, before rope.
    std::string keyNorm;
    std::string router;           ///< Weights [experts, hidden] that choose the experts of a token.
    bool slides = true;           ///< Attends within ModelSpec::slidingWindow, where there is one.
    std::vector<LayerId> linears; ///< In the order of the forward pass.
};

struct ModelSpec
{
    std::string architecture; ///< "LlamaForCausalLM"
    std::string modelType;    ///< "llama"
    bool canRun = false;      ///< False: an unknown family, good for inspection and round-to-nearest only.
    Text whyNot;              ///< What is not known, where canRun is false: a part of an error's "found".

    std::int64_t vocabulary = 0;
    std::int64_t hidden = 0;
    std::int64_t intermediate = 0;
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    std::int64_t maxPositions = 0;
    double normEpsilon = 1e-5;
    double normOffset = 0.0; ///< Added to stored norm weights (Gemma: 1).
    NormKind norm = NormKind::Rms;
    ResidualForm residual = ResidualForm::PreNorm;
    ActivationKind activation = ActivationKind::Silu;
    FusedOrder fusedOrder = FusedOrder::Stacked;
    RopeSpec rope; ///< Unused where positions are learned.
    std::optional<RopeSpec> localRope; ///< Of blocks that slide, where theirs differs.
    std::optional<std::int64_t> slidingWindow;
    std::optional<double> attentionScale; ///< Of scores, where it is not 1 / sqrt(headDim).
    /// n: the query of a position p from n on is multiplied by log(p + 1) / log(n) (Qwen); 0: none is.
    std::int64_t longQueriesFrom = 0;
    double attentionSoftCap = 0.0;        ///< c: scores s become c tanh(s / c); 0: they stay.
    double logitSoftCap = 0.0;
    std::int64_t experts = 0; ///< Of a block with a router.
    std::int64_t expertsPerToken = 0;
    bool expertWeightsSumToOne = false; ///< The chosen experts' weights are divided by their sum.
    bool tiedHead = false;
    double embeddingScale = 1.0; ///< Multiplies embeddings (MiniCPM).
    double residualScale = 1.0;  ///< Multiplies what attention and mlp add to the hidden state (MiniCPM).
    double logitScale = 1.0;     ///< Multiplies the head's input (MiniCPM).
    std::vector<std::int64_t> eosIds; ///< From config.json and generation_config.json.
    std::optional<std::int64_t> bosId;

    std::string embeddingName; ///< With ".weight".
    std::string positionsName; ///< Learned positions, with ".weight"; empty: rope.
    std::int64_t positionsOffset = 0;   ///< Row of position 0.
    std::int64_t embeddingWidth = 0;    ///< Where it is not hidden; then there are both projections.
    std::string projectInName;          ///< [hidden, embeddingWidth], with ".weight"; empty: none.
    std::string projectOutName;         ///< [embeddingWidth, hidden], before the head.
    std::string finalNormName; ///< With ".weight"; empty: none.
    std::string headName;      ///< With ".weight"; that of the embedding where tied.
    std::vector<BlockSpec> blocks;
    std::vector<LinearSpec> linears;
    std::vector<ScaleGroup> scaleGroups;

    std::int64_t blockCount() const { return static_cast<std::int64_t>(blocks.size()); }
    const LinearSpec& linear(LayerId id) const { return linears[id.index()]; }
    const LinearSpec* findLinear(std::string_view name) const;
    /// Of embedding and head.
    std::int64_t vocabularyWidth() const { return embeddingWidth > 0 ? embeddingWidth : hidden; }
    /// Positions that a block's token sees, itself included; 0: all.
    std::int64_t windowOf(std::int64_t block) const
    {
        return blocks[static_cast<std::size_t>(block)].slides ? slidingWindow.value_or(0) : 0;
    }
    /// Tokens of a sequence beyond which the forward pass is not defined; none: no limit.
    std::optional<std::int64_t> positionLimit() const;
    /// Tokens of a sequence that the model was trained for or stretched to, by its settings; none: any.
    std::optional<std::int64_t> trainedLength() const;
    /// K and V bytes of one token over all blocks, for elements of this many bytes.
    std::int64_t kvBytesPerToken(std::int64_t bytesElement) const { return 2 * kvHeads * headDim * blockCount() * bytesElement; }
};

/// What config says. generationConfig may be an empty object. Errors: ConfigInvalid naming the key. Reads nothing else:
/// tensors are checked when a Model is made. An unknown model_type gives a spec with canRun = false and no linears.
Result<ModelSpec> readModelSpec(const Json& config, const Json& generationConfig, const std::string& subject);

/// Model types whose forward pass is known, for messages.
std::vector<std::string> knownModelTypes();

} // namespace bitlathe::model
