// SPDX-License-Identifier: Apache-2.0
// Grids of keys and values that travel with a model: those that an export takes along, those that a folder holds.
#pragma once

#include "core/format/openmodel.h"
#include "core/quant/quantizedkvstore.h"

#include <filesystem>

namespace bitlathe::format
{

/// In place of a folder: the statistics of the run that exports.
inline constexpr const char* kKvParamsAuto = "auto";

/// The grids of a folder for ExportOptions::kv, with this model's layer names; nothing for an empty one. Under
/// kKvParamsAuto, grids of the right number that Exporter::setKv() replaces. Errors: NotSupported (a format without a
/// place for any, or for these), SettingInvalid (those of another model or number of ranks), those of readKvParams().
Result<std::optional<quant::KvParams>> kvForExport(const model::ModelSpec& spec, const Format& format,
                                                   const std::filesystem::path& folder,
                                                   const WorkspaceOptions& workspace);

/// The cache whose grids a folder holds for the program that loads it: a TurboMind workspace with a quant_policy, a
/// compressed-tensors folder with a kv_cache_scheme. Not quantized where it holds none. Errors: those of readKvParams()
/// and checkKvParams().
Result<quant::KvCache> ownKvCache(const OpenedModel& opened);

} // namespace bitlathe::format
