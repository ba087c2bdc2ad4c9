// SPDX-License-Identifier: Apache-2.0
// KeyValueRanges: ranges of keys and values of all layers, and the files that hold them.
#pragma once

#include "core/calibrate/statsstore.h"
#include "core/model/modelspec.h"

namespace bitlathe::calibrate
{

/// Every vector of the layers is [kvHeads, headDim].
struct KeyValueRanges
{
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    std::vector<KeyValueStats> layers;
    std::vector<std::string> names; ///< Of the layers: "model.layers.0".
};

/// Of a finished calibration. Errors: those of StatsStore::blockSummary, WeightsNotFinite.
Result<KeyValueRanges> keyValueRanges(const StatsStore& store, const model::ModelSpec& spec);

/// Whether a folder holds what readKeyValueRanges() reads: key_stats.pth or key_stats.safetensors.
bool holdsKeyValueRanges(const std::filesystem::path& folder);

/// From key_stats and value_stats of a folder, each .pth as lmdeploy writes them (a dictionary max, min, absmax of
/// dictionaries of tensors [kvHeads, headDim] by layer) or .safetensors (the same tensors as "max/model.layers.0").
/// Errors: FileMissing, FileInvalid, TensorMissing, TensorInvalid, WeightsNotFinite, each with the file.
Result<KeyValueRanges> readKeyValueRanges(const std::filesystem::path& folder);

/// "model.layers.3" of a block, from the name of one of its linears.
std::string blockName(const model::ModelSpec& spec, std::int64_t block);

/// Writes key_stats.safetensors, value_stats.safetensors and inputs_stats.safetensors of a finished calibration, F16,
/// named "max/model.layers.0" and "mean/model.layers.0.self_attn.q_proj". Errors: as above, DiskFull, WriteFailed.
Result<void> writeStatsTables(const std::filesystem::path& folder, const StatsStore& store,
                              const model::ModelSpec& spec);

} // namespace bitlathe::calibrate
