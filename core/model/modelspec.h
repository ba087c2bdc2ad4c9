// SPDX-License-Identifier: Apache-2.0
// ModelSpec: what config.json means, independent of the model's family.
#pragma once

#include "core/base/ids.h"
#include "core/base/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bitlathe::model
{

enum class NormKind { Rms, Layer };
enum class ActivationKind { Silu, GeluTanh, Gelu, Relu };
enum class LinearRole { Query, Key, Value, Output, Gate, Up, Down };
enum class RopeScaling { None, Linear, Llama3, Yarn };

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

    std::string weightName() const { return name + ".weight"; }
    std::string biasName() const { return name + ".bias"; }
};

/// Linears that share an input, and what comes before it: AWQ and SmoothQuant divide the one and multiply the others.
struct ScaleGroup
{
    std::int64_t block = 0;
    std::string precedingName;      ///< Norm ("....input_layernorm") or linear ("....v_proj").
    bool precedingIsNorm = true;
    std::vector<LayerId> linears;
};

struct RopeSpec
{
    double theta = 10000.0;
    RopeScaling scaling = RopeScaling::None;
    double factor = 1.0;
    double lowFrequencyFactor = 1.0;   ///< llama3
    double highFrequencyFactor = 4.0;  ///< llama3
    double attentionFactor = 1.0;      ///< yarn
    double betaFast = 32.0;            ///< yarn
    double betaSlow = 1.0;             ///< yarn
    std::int64_t originalPositions = 0;
};

/// Names of a block's tensors that are not quantizable linears.
struct BlockSpec
{
    std::string inputNorm;         ///< Without ".weight".
    std::string postAttentionNorm;
    std::vector<LayerId> linears;  ///< In the order of the forward pass.
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
    NormKind norm = NormKind::Rms;
    ActivationKind activation = ActivationKind::Silu;
    RopeSpec rope;
    std::optional<std::int64_t> slidingWindow;
    bool tiedHead = false;
    double embeddingScale = 1.0; ///< Multiplies embeddings (MiniCPM).
    double residualScale = 1.0;  ///< Multiplies what attention and mlp add to the hidden state (MiniCPM).
    double logitScale = 1.0;     ///< Multiplies the head's input (MiniCPM).
    std::vector<std::int64_t> eosIds; ///< From config.json and generation_config.json.
    std::optional<std::int64_t> bosId;

    std::string embeddingName; ///< With ".weight".
    std::string finalNormName; ///< With ".weight".
    std::string headName;      ///< With ".weight"; that of the embedding where tied.
    std::vector<BlockSpec> blocks;
    std::vector<LinearSpec> linears;
    std::vector<ScaleGroup> scaleGroups;

    std::int64_t blockCount() const { return static_cast<std::int64_t>(blocks.size()); }
    const LinearSpec& linear(LayerId id) const { return linears[id.index()]; }
    const LinearSpec* findLinear(std::string_view name) const;
    /// K and V bytes of one token over all blocks, for elements of this many bytes.
    std::int64_t kvBytesPerToken(std::int64_t bytesElement) const { return 2 * kvHeads * headDim * blockCount() * bytesElement; }
};

/// What config says. generationConfig may be an empty object. Errors: ConfigInvalid naming the key. Reads nothing else:
/// tensors are checked when a Model is made. An unknown model_type gives a spec with canRun = false and no linears.
Result<ModelSpec> readModelSpec(const Json& config, const Json& generationConfig, const std::string& subject);

/// Model types whose forward pass is known, for messages.
std::vector<std::string> knownModelTypes();

} // namespace bitlathe::model
