// SPDX-License-Identifier: Apache-2.0
// Memory of a running model by batch and context: weights, keys and values, activations.
#pragma once

#include "core/model/modelspec.h"
#include "core/quant/kvscheme.h"
#include "core/quant/scheme.h"

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace bitlathe::format
{
struct OpenedModel;
}

namespace bitlathe::evaluate
{

/// What memory depends on, known without reading a weight.
struct MemoryModel
{
    std::string name;
    model::ModelSpec spec;
    std::int64_t parameters = 0;
    std::uint64_t bytesWeights = 0; ///< Of the tensors as they are stored.
};

/// Of an opened model; reads nothing more.
MemoryModel memoryModel(const format::OpenedModel& opened);
/// From a model folder, quantized or not, or from a config.json without tensors, whose weights then are counted in the
/// type that it names. Errors: those of openModel() and readModelSpec().
Result<MemoryModel> memoryModel(const std::filesystem::path& folder);

/// Weights and biases of a model of this spec.
std::int64_t parameterCount(const model::ModelSpec& spec);

/// Weights and biases with all linears that can be quantized stored by a scheme and the rest in 16 bits; no scheme: all
/// in 16 bits.
std::uint64_t weightBytes(const model::ModelSpec& spec, const std::optional<quant::Scheme>& scheme);

/// Weights in some number of bits, as a table of memory shows them.
struct WeightForm
{
    std::string_view name;               ///< "fp16", "int8", "int4".
    std::optional<quant::Scheme> scheme; ///< Nothing: 16 bits.
};

/// 16 bits, 8 bits with a scale for each row, 4 bits in groups of 128 with zero points.
const std::vector<WeightForm>& weightForms();
/// UnknownName (with the known names) where there is no such form.
Result<WeightForm> findWeightForm(std::string_view name);
/// The model with its weights in a form, for memoryUses().
MemoryModel withWeights(MemoryModel model, const WeightForm& form);

/// Keys and values of batch sequences of context tokens. A block that slides keeps no more than its window.
std::uint64_t kvCacheBytes(const model::ModelSpec& spec, std::int64_t batch, std::int64_t context,
                           const quant::KvScheme& scheme);

/// What one step of one token for each of batch sequences computes with: its widest layer, two hidden states, queries,
/// keys and values in 16 bits, and logits in f32.
std::uint64_t activationBytes(const model::ModelSpec& spec, std::int64_t batch);

struct MemoryUse
{
    std::int64_t batch = 1;
    std::int64_t context = 0;
    quant::KvScheme kv;
    std::uint64_t bytesWeights = 0;
    std::uint64_t bytesKv = 0;
    std::uint64_t bytesActivations = 0;

    std::uint64_t bytes() const { return bytesWeights + bytesKv + bytesActivations; }
};

/// Every batch with every context with every scheme, in this order.
std::vector<MemoryUse> memoryUses(const MemoryModel& model, const std::vector<std::int64_t>& batches,
                                  const std::vector<std::int64_t>& contexts,
                                  const std::vector<quant::KvScheme>& schemes);

/// 1, 2, 4 ... 64.
std::vector<std::int64_t> usualBatches();
/// 1024, 2048, 4096 ... and the longest context of the model; from 128 where that is no longer than 2048.
std::vector<std::int64_t> usualContexts(const model::ModelSpec& spec);

} // namespace bitlathe::evaluate
