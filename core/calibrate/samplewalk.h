// SPDX-License-Identifier: Apache-2.0
// SampleWalk: all samples on their way through the blocks of a model, where the model computes.
#pragma once

#include "core/base/finding.h"
#include "core/base/progress.h"
#include "core/calibrate/hiddenstates.h"
#include "core/calibrate/observer.h"

#include <filesystem>
#include <vector>

namespace bitlathe::calibrate
{

/// Tokens of samples that pass a block of a device together, at most: more rows do not make its products faster.
inline constexpr std::int64_t kTokensTogetherOnDevice = 16384;

/// The hidden states of samples, block after block. On a device they stay in its memory where that holds them beside a
/// block, and pass with as many samples at a time as it holds; else fewer pass at a time, else the states wait on the
/// processor, each with a finding. Deterministic for any thread count. One thread at a time.
class SampleWalk
{
public:
    /// model outlives this. bytesMemoryMax, folder: as of HiddenStates; of a model on a device a quarter of the free
    /// memory at least. Errors: WriteFailed, DiskFull, DeviceFailed.
    static Result<SampleWalk> create(const model::Model& model, const std::vector<std::vector<model::TokenId>>& samples,
                                     std::uint64_t bytesMemoryMax, const std::filesystem::path& folder);

    HiddenStates& states() { return m_states; }
    /// Begins before the first block. Errors: those of Model::embed(), Cancelled, those of HiddenStates and of devices.
    Result<void> embed(const std::vector<std::vector<model::TokenId>>& samples, const WorkContext& work);
    /// Passes a block. observer: what sees the inputs and nothing before; null: nobody. keepsOutput: the states become
    /// those behind the block. Errors: those of Model::block(), WeightsNotFinite (names the block), Cancelled, those of
    /// HiddenStates, DeviceFailed, DeviceMemoryShort (there is no smaller way).
    Result<void> pass(std::int64_t block, StatsObserver* observer, bool keepsOutput, const WorkContext& work);
    /// What memory did not suffice for so far.
    const Findings& findings() const { return m_findings; }

private:
    SampleWalk(const model::Model& model, HiddenStates states) : m_model(&model), m_states(std::move(states)) {}
    void place();
    std::int64_t tokensOfLargestBatch() const;
    void planBatches(std::int64_t block, bool observed);
    Result<void> tryPass(std::int64_t block, StatsObserver* observer, bool keepsOutput, const WorkContext& work);
    Result<void> makeRoom(const Error& error);
    void note(Finding finding);

    const model::Model* m_model;
    HiddenStates m_states;
    std::int64_t m_tokensTogether = kTokensTogether;
    bool m_isPlanned = false;
    bool m_hasStored = false; ///< The pass that is going on has changed states.
    Findings m_findings;
};

} // namespace bitlathe::calibrate
