// SPDX-License-Identifier: Apache-2.0
// Speed: several folders loaded side by side, and how fast each reads prompts and writes tokens.
#pragma once

#include "core/evaluate/kvcaches.h"
#include "core/evaluate/throughput.h"
#include "core/model/device.h"

#include <filesystem>

namespace bitlathe::evaluate
{

struct SpeedOptions
{
    ThroughputOptions throughput;
    model::Compute compute = model::Compute::F32;
    /// Each gives every model one more row, with its keys and values kept so.
    std::vector<quant::KvScheme> kv = {};
    KvSource kvSource = {}; ///< Of their grids.
    model::Device device = {};
};

/// A model, with one way of keeping its keys and values.
struct MeasuredSpeed
{
    std::filesystem::path path;
    quant::KvScheme kv;
    Throughput throughput;
    std::uint64_t bytesPeakVram = 0; ///< Of a GPU's memory, of all models together; 0 on the processor.
    std::uint64_t bytesPeakRss = 0;  ///< While this model alone was loaded and ran, less what was resident before.
    Findings findings;               ///< Of the folder and of its measurement.
};

/// Loads all folders and measures them in turn, the first being the base; on the processor, with a Finding, where the
/// memory of a device does not hold all of them. Errors: those of checkThroughputOptions(),
/// openModel(), kvCachesOf() and measureThroughput(), SettingInvalid (no folder).
Result<std::vector<MeasuredSpeed>> measureSpeed(const std::vector<std::filesystem::path>& folders,
                                                const SpeedOptions& options, const WorkContext& work = {});

} // namespace bitlathe::evaluate
