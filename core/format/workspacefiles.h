// SPDX-License-Identifier: Apache-2.0
// WorkspaceFiles: the files of a TurboMind workspace, and of which tensors of a LLaMA each is made.
#pragma once

#include "core/format/turbomindlayout.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace bitlathe::format
{

enum class WorkspacePart {
    Table,  ///< Embedding and head: rows of the vocabulary, padded with zeros to a multiple of the ranks.
    Norm,   ///< As it is.
    Weight, ///< The others are those of MatrixLayout.
    Bias,
    Codes,
    Scales, ///< Of all sources first the zero points, then the scales.
};

/// A file, or one for each rank.
struct WorkspaceFile
{
    WorkspacePart part = WorkspacePart::Norm;
    std::vector<std::string> names; ///< Below weights/, one a rank.
    std::uint64_t bytes = 0;        ///< Of each.
    std::size_t matrix = 0;         ///< Index into matrixLayouts().
    std::vector<std::string> tensors;
};

/// Below a workspace's folder.
inline constexpr const char* kWorkspaceWeights = "triton_models/weights";
inline constexpr const char* kWorkspaceTokenizer = "triton_models/tokenizer";
inline constexpr const char* kWorkspaceConfig = "config.ini";

std::vector<WorkspaceFile> workspaceFiles(const TurbomindConfig& config, const std::vector<MatrixLayout>& matrices);

} // namespace bitlathe::format
