// SPDX-License-Identifier: Apache-2.0
// Calibration as several commands need it.
#pragma once

#include "app/cli/recipeoptions.h"
#include "core/calibrate/calibrate.h"
#include "core/run/rundevice.h"

namespace bitlathe::cli
{

/// Samples of options.data.
Result<std::vector<std::vector<model::TokenId>>> samplesOf(const format::OpenedModel& opened,
                                                           const RecipeOptions& options);

/// Opens the device of a command with addDeviceOptions(); where it does not suffice, the console says so.
Result<run::RunDevice> openedDevice(Session& session, const ComputeOptions& options);

/// Statistics of a model on samples, made or taken from the store below root (empty: the cache folder).
Result<std::shared_ptr<calibrate::StatsStore>> calibrateModel(Session& session, const format::OpenedModel& opened,
                                                              run::RunDevice& device,
                                                              const std::vector<std::vector<model::TokenId>>& samples,
                                                              const std::filesystem::path& root = {});

} // namespace bitlathe::cli
