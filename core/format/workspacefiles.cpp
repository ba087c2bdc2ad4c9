// SPDX-License-Identifier: Apache-2.0
// WorkspaceFiles: the files of a TurboMind workspace, and of which tensors of a LLaMA each is made.
#include "core/format/workspacefiles.h"

#include "core/base/size.h"

#include <fmt/format.h>

namespace bitlathe::format
{

namespace
{

constexpr std::int64_t kBytes16 = 2;

WorkspaceFile plainFile(WorkspacePart part, std::string name, std::int64_t values, std::string tensor)
{
    return {part, {std::move(name)}, static_cast<std::uint64_t>(values * kBytes16), 0, {std::move(tensor)}};
}

/// Adds the files of one kind that a matrix of a block has.
void addFiles(const std::vector<MatrixLayout>& matrices, std::size_t index, std::int64_t block, WorkspacePart part,
              std::string_view ending, std::int64_t bytes, const std::vector<std::string_view>& suffixes,
              std::vector<WorkspaceFile>& files)
{
    const MatrixLayout& matrix = matrices[index];
    WorkspaceFile file{part, {}, static_cast<std::uint64_t>(bytes), index, {}};
    for (std::int64_t rank = 0; rank < matrix.ranks; ++rank) {
        file.names.push_back(fmt::format("layers.{}.{}.{}.{}", block, matrix.name, rank, ending));
    }
    for (const std::string_view suffix : suffixes) {
        for (const std::string& source : matrix.sources) {
            file.tensors.push_back(fmt::format("model.layers.{}.{}.{}", block, source, suffix));
        }
    }
    files.push_back(std::move(file));
}

void addBlock(const TurbomindConfig& config, const std::vector<MatrixLayout>& matrices, std::int64_t block,
              std::vector<WorkspaceFile>& files)
{
    files.push_back(plainFile(WorkspacePart::Norm, fmt::format("layers.{}.attention_norm.weight", block),
                              config.hidden(), fmt::format("model.layers.{}.input_layernorm.weight", block)));
    files.push_back(plainFile(WorkspacePart::Norm, fmt::format("layers.{}.ffn_norm.weight", block), config.hidden(),
                              fmt::format("model.layers.{}.post_attention_layernorm.weight", block)));
    for (std::size_t i = 0; i < matrices.size(); ++i) {
        const std::int64_t weights = matrices[i].inputsOfRank() * matrices[i].outputsOfRank();
        if (config.isInt4()) {
            addFiles(matrices, i, block, WorkspacePart::Codes, "qweight", weights / 2, {"qweight"}, files);
            addFiles(matrices, i, block, WorkspacePart::Scales, "scales_zeros",
                     weights / config.groupSize * 2 * kBytes16, {"qzeros", "scales"}, files);
        } else {
            addFiles(matrices, i, block, WorkspacePart::Weight, "weight", weights * kBytes16, {"weight"}, files);
        }
        if (matrices[i].hasBias) {
            addFiles(matrices, i, block, WorkspacePart::Bias, "bias", matrices[i].outputsOfRank() * kBytes16, {"bias"},
                     files);
        }
    }
}

} // namespace

std::vector<WorkspaceFile> workspaceFiles(const TurbomindConfig& config, const std::vector<MatrixLayout>& matrices)
{
    const std::int64_t table = ceilDivide(config.vocabulary, config.ranks) * config.ranks * config.hidden();
    std::vector<WorkspaceFile> files{
        plainFile(WorkspacePart::Table, "tok_embeddings.weight", table, "model.embed_tokens.weight"),
        plainFile(WorkspacePart::Norm, "norm.weight", config.hidden(), "model.norm.weight"),
        plainFile(WorkspacePart::Table, "output.weight", table, "lm_head.weight")};
    for (std::int64_t block = 0; block < config.blocks; ++block) {
        addBlock(config, matrices, block, files);
    }
    return files;
}

} // namespace bitlathe::format
