// SPDX-License-Identifier: Apache-2.0
// WorkspaceReader: a TurboMind workspace as the LLaMA that it was made from.
#pragma once

#include "core/checkpoint/checkpoint.h"
#include "core/format/turbomindconfig.h"

#include <filesystem>
#include <optional>

namespace bitlathe::format
{

/// The folder of config.ini and the weight files, where folder is a workspace, its triton_models, or that folder
/// itself.
std::optional<std::filesystem::path> workspaceWeights(const std::filesystem::path& folder);

/// Errors: FileMissing, FileUnreadable and those of readTurbomindConfig().
Result<TurbomindConfig> workspaceConfig(const std::filesystem::path& weights);

/// Opens a workspace: all ranks together, each layer under LLaMA's name, 4-bit layers in AWQ's gemm layout. What does
/// not lie so in the files is made when it is viewed. Errors: those of workspaceConfig() and Checkpoint::assemble(),
/// FileInvalid (files of more ranks than config.ini says).
Result<std::shared_ptr<const checkpoint::Checkpoint>> openWorkspace(const std::filesystem::path& folder);

} // namespace bitlathe::format
