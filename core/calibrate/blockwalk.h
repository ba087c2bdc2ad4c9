// SPDX-License-Identifier: Apache-2.0
// BlockWalk: calibration samples on their way through a model whose blocks change while they pass.
#pragma once

#include "core/base/progress.h"
#include "core/calibrate/hiddenstates.h"
#include "core/calibrate/layerstats.h"
#include "core/model/model.h"

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace bitlathe::calibrate
{

/// The hidden states of all samples in front of one block. A block is asked of the model each time that it is needed, so
/// a source that gives other weights meanwhile is seen: statistics of a layer can come from what the quantized layers
/// before it give. Holds one block and the hidden states (in a file where they are large). Deterministic for any number
/// of threads. One thread at a time.
class BlockWalk
{
public:
    struct Options
    {
        std::uint64_t bytesActivationsMax = 64ULL << 20; ///< Hidden states above this lie in a temporary file.
        std::filesystem::path folder;                    ///< Where that file lies.
    };

    /// In front of the first block. model must outlive the walk. Errors: TextInvalid (no samples), Cancelled, DiskFull.
    static Result<BlockWalk> start(const model::Model& model, const std::vector<std::vector<model::TokenId>>& samples,
                                   const Options& options, const WorkContext& work = {});
    /// In front of a later block, with the states that save() wrote there. Errors: FileMissing, FileInvalid (of other
    /// samples, or damaged).
    static Result<BlockWalk> resume(const model::Model& model, const std::vector<std::vector<model::TokenId>>& samples,
                                    const Options& options, std::int64_t block, const std::filesystem::path& file);

    std::int64_t block() const { return m_block; }
    /// Statistics, Hessian included, of the block's inputs that one of these linears reads; the samples go no farther
    /// than that. Errors: WeightsNotFinite (activations became NaN), Cancelled.
    Result<BlockStats> observe(std::span<const LayerId> linears, const WorkContext& work = {}) const;
    /// All samples through the block. Errors: as observe().
    Result<void> advance(const WorkContext& work = {});
    /// Writes the states atomically. Errors: DiskFull, WriteFailed.
    Result<void> save(const std::filesystem::path& file) const;

private:
    BlockWalk(const model::Model& model, HiddenStates states) : m_model(&model), m_states(std::move(states)) {}
    Result<void> pass(model::BlockObserver* observer, const std::function<bool()>& finite, HiddenStates* keep,
                      const WorkContext& work) const;

    const model::Model* m_model;
    HiddenStates m_states;
    std::int64_t m_block = 0;
};

} // namespace bitlathe::calibrate
