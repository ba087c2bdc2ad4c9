// SPDX-License-Identifier: Apache-2.0
// SequentialInputs: statistics of a layer's inputs as the layers before it give them once they are quantized.
#pragma once

#include "core/calibrate/layerstats.h"
#include "core/calibrate/samplewalk.h"
#include "core/format/openmodel.h"
#include "core/model/device.h"
#include "core/quant/quantizedtensor.h"

#include <filesystem>
#include <map>
#include <memory>
#include <vector>

namespace bitlathe::run
{

/// The layers of a block in the order in which they can be quantized one after the other, those side by side whose
/// inputs do not depend on each other: q, k, v; o; gate, up; down. Experts go side by side.
std::vector<std::vector<LayerId>> quantizingSteps(const model::ModelSpec& spec, std::int64_t block);

/// Walks all samples through the model, block by block, with what is quantized in the place of the original. The hidden
/// states before the block that is next lie in the folder too, so that another process can go on there. One thread at a
/// time.
class SequentialInputs
{
public:
    /// firstBlock: where to begin; above 0 it is where an earlier process ended in this folder.
    SequentialInputs(std::shared_ptr<const format::OpenedModel> opened, model::Compute compute,
                     std::vector<std::vector<model::TokenId>> samples, std::filesystem::path folder,
                     std::int64_t firstBlock);
    ~SequentialInputs();
    /// Begins to compute on a device (empty: the processor), or goes on there: what was kept stays. Before all that
    /// follows. Errors: those of Model::create, FileMissing and FileInvalid (the folder's states), DiskFull,
    /// WriteFailed, Cancelled.
    Result<void> computeOn(const model::Device& device, const WorkContext& work);
    /// Whether computeOn() was last called for this one.
    bool computesOn(const model::Device& device) const;

    // All that pass samples have the errors of SampleWalk::pass().

    /// Statistics of the inputs of one step of the block that is next, from a pass through it.
    Result<calibrate::BlockStats> observe(const std::vector<LayerId>& step, const WorkContext& work);
    /// A layer of the block that is next is quantized.
    void keep(LayerId layer, std::shared_ptr<const quant::QuantizedTensor> tensor);
    /// Passes through the whole block and makes its output durable.
    Result<void> endBlock(const WorkContext& work);
    /// What a process that began at an earlier block would need may go.
    void dropEarlier() const;
    /// What a device's memory did not suffice for since computeOn().
    const Findings& findings() const { return m_walk->findings(); }

private:
    std::filesystem::path stateFile(std::int64_t block) const;

    std::shared_ptr<const format::OpenedModel> m_opened;
    model::Compute m_compute;
    std::vector<std::vector<model::TokenId>> m_samples;
    std::filesystem::path m_folder;
    std::int64_t m_block;
    std::shared_ptr<const kernels::Backend> m_device;                           ///< Null: the processor.
    std::map<LayerId, std::shared_ptr<const quant::QuantizedTensor>> m_tensors; ///< Of the block that is next.
    std::shared_ptr<const model::Model> m_model;
    std::optional<calibrate::SampleWalk> m_walk;
};

} // namespace bitlathe::run
