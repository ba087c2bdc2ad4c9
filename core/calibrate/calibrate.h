// SPDX-License-Identifier: Apache-2.0
// Calibration: samples through the model block by block, observed.
#pragma once

#include "core/base/finding.h"
#include "core/base/progress.h"
#include "core/calibrate/statsstore.h"
#include "core/model/model.h"

#include <functional>

namespace bitlathe::calibrate
{

struct CalibrationOptions
{
    bool hessian = true;
    Findings* findings = nullptr;         ///< Where what a device's memory did not suffice for is added; may be null.
    std::filesystem::path cacheRoot = {}; ///< Empty: the cache folder's "statistics".
    std::uint64_t bytesActivationsMax = 64ULL
                                        << 20; ///< Hidden states above this lie in a temporary file, not in memory.
};

/// Runs samples (token ids) through the model block by block: each block is loaded once, all samples pass it, its
/// statistics are written, it is dropped. A store that has the blocks already is returned at once. Deterministic for
/// any thread count. onBlock (may be empty) is called after each block is in the store. Of a model on a device (Model::
/// backend()) samples pass and statistics are summed there; a block is written while the next one passes. The store is
/// the same for all devices: they differ by the order of sums, as processors do, which is far below what other samples
/// of the same text change.
/// Errors: TextInvalid (no samples), Cancelled, WriteFailed, DiskFull, WeightsNotFinite (activations became NaN: names
/// the block), DeviceMemoryShort, DeviceFailed. Finished blocks stay in the store.
Result<std::shared_ptr<StatsStore>> calibrate(const model::Model& model, const std::string& modelFingerprint,
                                              const std::vector<std::vector<model::TokenId>>& samples,
                                              const CalibrationOptions& options, const WorkContext& work = {},
                                              const std::function<void(std::int64_t block)>& onBlock = {});

} // namespace bitlathe::calibrate
