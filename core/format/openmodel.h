// SPDX-License-Identifier: Apache-2.0
// openModel: the one door through which any folder, quantized or not, becomes a runnable model.
#pragma once

#include "core/format/format.h"
#include "core/model/model.h"
#include "core/text/tokenizer.h"

#include <filesystem>
#include <memory>

namespace bitlathe::format
{

/// An opened model folder with all that is known about it. Opening reads headers, configuration and tokenizer, no
/// weights. Immutable; any thread.
struct OpenedModel
{
    std::shared_ptr<const checkpoint::Checkpoint> checkpoint;
    model::ModelSpec spec;
    const Format* format = nullptr;                   ///< Null: not quantized.
    LinearSchemes schemes;                            ///< One per spec.linears.
    checkpoint::DType dtype = checkpoint::DType::F32; ///< Of most parameters that are not quantized.
    std::shared_ptr<const model::WeightSource> source;
    std::shared_ptr<const text::Tokenizer> tokenizer; ///< Null where there is none that can be used.
    std::optional<Error> tokenizerError;              ///< Why tokenizer is null.
    std::int64_t parameters = 0;                      ///< Weights of the model, a quantized one counted as one.
    std::vector<LayerId>
        owners;        ///< One per tensor of checkpoint: the linear whose weight it is a part of; else invalid.
    Findings findings; ///< Of the checkpoint and of its format.

    std::filesystem::path folder() const { return checkpoint->folder(); }
    std::string name() const; ///< The folder's name.
    bool isQuantized() const { return format != nullptr; }
    double bitsPerWeight() const;       ///< Average over the quantizable linears.
    std::uint64_t bytesLinears() const; ///< Stored bytes of the quantizable linears.
    std::uint64_t bytesFiles() const;   ///< Of the tensor files.
    /// Tells the system that the pages of a linear's tensors are not needed for now.
    void release(const model::LinearSpec& linear) const;
};

/// Errors: those of Checkpoint::open and readModelSpec, TensorMissing, TensorInvalid, NotSupported (a quantization that
/// no format reads: names its method). A tokenizer that can't be used is no error here.
Result<std::shared_ptr<const OpenedModel>> openModel(const std::filesystem::path& folder);

/// The model ready to run.
Result<std::shared_ptr<const model::Model>> runnable(const OpenedModel& opened, const model::Model::Options& options,
                                                     const WorkContext& work = {});

} // namespace bitlathe::format
