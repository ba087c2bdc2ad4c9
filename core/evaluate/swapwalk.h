// SPDX-License-Identifier: Apache-2.0
// SwapWalk: what a model predicts where the weights of single layers are swapped for others, many such swaps in one
// walk.
#pragma once

#include "core/base/progress.h"
#include "core/calibrate/hiddenstates.h"
#include "core/format/openmodel.h"

#include <map>
#include <memory>
#include <vector>

namespace bitlathe::evaluate
{

/// Weights [outFeatures, inFeatures] of layers of one block.
using SwappedWeights = std::map<LayerId, std::vector<float>>;

/// Windows of tokens on their way through the blocks: as the model has them, and once for every swap. Each block is
/// loaded once and once more for each of its swaps; a swap costs nothing before its own block. Hidden states lie in a
/// temporary file where they are many. Computes in f32: what bf16 rounds would hide what 6 bits and more do. One thread
/// at a time; deterministic for any thread count.
class SwapWalk
{
public:
    /// swaps: how many there will be at most. folder: where a temporary file may lie. Errors: those of
    /// Model::create() and Model::embed(), WriteFailed, DiskFull.
    static Result<std::unique_ptr<SwapWalk>> create(const format::OpenedModel& opened,
                                                    const std::vector<std::vector<model::TokenId>>& windows,
                                                    std::size_t swaps, const std::filesystem::path& folder);
    ~SwapWalk();

    /// Begins the next swap, with these layers of the current block.
    Result<void> swap(const SwappedWeights& weights);
    /// The swap of all layers of the model: its layers of the current block.
    Result<void> swapWhole(const SwappedWeights& weights);
    /// Everything but what was swapped here goes through the current block.
    Result<void> passBlock(const WorkContext& work = {});

    /// Mean KL divergence over all tokens to the model as it is, nats.
    struct Divergences
    {
        std::vector<double> ofSwaps;
        double whole = 0; ///< 0 where there was no swap of all layers.
    };
    /// Behind the last block.
    Result<Divergences> divergences(const WorkContext& work = {}) const;

private:
    struct Data;
    explicit SwapWalk(std::unique_ptr<Data> data);
    std::unique_ptr<Data> m_data;
};

} // namespace bitlathe::evaluate
