// SPDX-License-Identifier: Apache-2.0
// Calibration as several commands need it.
#pragma once

#include "app/cli/recipeoptions.h"
#include "core/calibrate/calibrate.h"

namespace bitlathe::cli
{

/// Statistics of a model on options.data, made or taken from the store below root (empty: the cache folder).
/// tokens (may be null) receives the number of calibration tokens.
Result<std::shared_ptr<calibrate::StatsStore>> calibrateModel(Session& session, const format::OpenedModel& opened,
                                                              const RecipeOptions& options,
                                                              const std::filesystem::path& root, std::int64_t* tokens);

} // namespace bitlathe::cli
