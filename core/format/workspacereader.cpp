// SPDX-License-Identifier: Apache-2.0
// WorkspaceReader: a TurboMind workspace as the LLaMA that it was made from.
#include "core/format/workspacereader.h"

#include "core/base/file.h"
#include "core/format/workspacefiles.h"

#include <fmt/format.h>

#include <algorithm>

namespace bitlathe::format
{

namespace fs = std::filesystem;

using checkpoint::CheckpointParts;
using checkpoint::DType;
using checkpoint::MappedFile;
using checkpoint::PlacedTensor;
using checkpoint::Shape;
using checkpoint::TensorEntry;

namespace
{

/// The matrices of a config.ini, shared by the tensors that are made by them.
struct Layouts
{
    TurbomindConfig config;
    std::vector<MatrixLayout> matrices;
};

std::uint64_t bytesOf(DType dtype, const Shape& shape)
{
    std::uint64_t bytes = checkpoint::dtypeBytes(dtype);
    for (const std::int64_t dimension : shape) {
        bytes *= static_cast<std::uint64_t>(dimension);
    }
    return bytes;
}

DType floatType(const TurbomindConfig& config)
{
    return config.weightType == "bf16" ? DType::BF16 : DType::F16;
}

/// Adds a tensor that lies at the beginning of a file.
void addPlain(std::size_t file, std::string name, DType dtype, Shape shape, CheckpointParts& parts)
{
    const std::uint64_t bytes = bytesOf(dtype, shape);
    parts.tensors.push_back({TensorEntry{std::move(name), dtype, std::move(shape), file, 0, bytes}, nullptr});
}

using MakeLayer = std::vector<std::byte> (*)(const Layouts&, const MatrixLayout&, std::size_t source, const RankFiles&);

/// Adds a tensor that is made of the files of all ranks.
void addMade(const std::shared_ptr<const Layouts>& layouts, const WorkspaceFile& file, std::size_t firstFile,
             std::size_t tensor, DType dtype, Shape shape, MakeLayer make, CheckpointParts& parts)
{
    const std::size_t source = tensor % layouts->matrices[file.matrix].sources.size();
    const auto view = [layouts, matrix = file.matrix, ranks = file.names.size(), firstFile, source,
                       make](std::span<const MappedFile> files) {
        RankFiles ranked;
        for (const MappedFile& each : files.subspan(firstFile, ranks)) {
            ranked.push_back(each.bytes());
        }
        return make(*layouts, layouts->matrices[matrix], source, ranked);
    };
    const std::uint64_t bytes = bytesOf(dtype, shape);
    parts.tensors.push_back({TensorEntry{file.tensors[tensor], dtype, std::move(shape), firstFile, 0, bytes}, view});
}

/// The tensors of a matrix's files.
void addMatrix(const std::shared_ptr<const Layouts>& layouts, const WorkspaceFile& file, std::size_t firstFile,
               CheckpointParts& parts)
{
    constexpr std::int64_t kCodesPerWord = 8;
    const TurbomindConfig& config = layouts->config;
    const MatrixLayout& matrix = layouts->matrices[file.matrix];
    for (std::size_t i = 0; i < file.tensors.size(); ++i) {
        const std::int64_t outputs = matrix.outputsOf(i % matrix.sources.size());
        const std::int64_t groups = config.isInt4() ? matrix.inputs / config.groupSize : 0;
        const auto add = [&](DType dtype, Shape shape, MakeLayer make) {
            addMade(layouts, file, firstFile, i, dtype, std::move(shape), make, parts);
        };
        if (file.part == WorkspacePart::Weight) {
            add(floatType(config), {outputs, matrix.inputs},
                [](const Layouts&, const MatrixLayout& of, std::size_t source, const RankFiles& files) {
                    return layerWeights(of, source, files);
                });
        } else if (file.part == WorkspacePart::Bias) {
            add(floatType(config), {outputs},
                [](const Layouts&, const MatrixLayout& of, std::size_t source, const RankFiles& files) {
                    return layerBias(of, source, files);
                });
        } else if (file.part == WorkspacePart::Codes) {
            add(DType::I32, {matrix.inputs, outputs / kCodesPerWord},
                [](const Layouts&, const MatrixLayout& of, std::size_t source, const RankFiles& files) {
                    return layerCodes(of, source, files);
                });
        } else if (i < matrix.sources.size()) {
            add(DType::I32, {groups, outputs / kCodesPerWord},
                [](const Layouts& all, const MatrixLayout& of, std::size_t source, const RankFiles& files) {
                    return layerZeros(of, source, all.config.groupSize, files);
                });
        } else {
            add(DType::F16, {groups, outputs},
                [](const Layouts& all, const MatrixLayout& of, std::size_t source, const RankFiles& files) {
                    return layerScales(of, source, all.config.groupSize, files);
                });
        }
    }
}

void addFile(const std::shared_ptr<const Layouts>& layouts, const fs::path& weights, const WorkspaceFile& file,
             CheckpointParts& parts)
{
    const TurbomindConfig& config = layouts->config;
    const std::size_t firstFile = parts.files.size();
    for (const std::string& name : file.names) {
        parts.files.push_back({weights / name, file.bytes});
    }
    switch (file.part) {
    case WorkspacePart::Table:
        addPlain(firstFile, file.tensors.front(), floatType(config), {config.vocabulary, config.hidden()}, parts);
        break;
    case WorkspacePart::Norm:
        addPlain(firstFile, file.tensors.front(), floatType(config), {config.hidden()}, parts);
        break;
    case WorkspacePart::Weight:
    case WorkspacePart::Bias:
    case WorkspacePart::Codes:
    case WorkspacePart::Scales: addMatrix(layouts, file, firstFile, parts); break;
    }
}

/// Files of a rank that config.ini does not have would silently leave a part of the model away.
Result<void> checkRanks(const TurbomindConfig& config, const std::vector<WorkspaceFile>& files, const fs::path& weights)
{
    for (const WorkspaceFile& file : files) {
        if (file.part != WorkspacePart::Weight && file.part != WorkspacePart::Codes) {
            continue;
        }
        const std::string& last = file.names.back();
        const std::size_t ending = last.rfind('.');
        const std::string stem = last.substr(0, last.rfind('.', ending - 1));
        const fs::path more = weights / fmt::format("{}.{}{}", stem, config.ranks, last.substr(ending));
        std::error_code error;
        if (fs::exists(more, error)) {
            return fail(
                ErrorCode::FileInvalid, more.string(),
                Text(BITLATHE_TEXT("%1 files of each matrix, as config.ini says in tensor_para_size"), config.ranks),
                Text(BITLATHE_TEXT("a file of one more")),
                Text(BITLATHE_TEXT("Check that all files are of one conversion and complete")));
        }
    }
    return {};
}

Findings findingsOf(const TurbomindConfig& config, const fs::path& file)
{
    Findings findings{
        {Severity::Note, "workspace", file.string(),
         Text(BITLATHE_TEXT("a TurboMind workspace of %1 ranks for the chat template %2, read as the LLaMA "
                            "that computes the same"),
              config.ranks, config.modelName),
         Text()}};
    if (config.scalesLongQueries) {
        findings.push_back({Severity::Note, "long-queries-scaled", file.string(),
                            Text(BITLATHE_TEXT("scales queries beyond %1 tokens (use_logn_attn), which programs that "
                                               "load a LLaMA do not"),
                                 config.maxPositions),
                            Text()});
    }
    return findings;
}

} // namespace

std::optional<fs::path> workspaceWeights(const fs::path& folder)
{
    for (const fs::path& weights : {folder / kWorkspaceWeights, folder / "weights", folder}) {
        std::error_code error;
        if (fs::is_regular_file(weights / kWorkspaceConfig, error)) {
            return weights;
        }
    }
    return std::nullopt;
}

Result<TurbomindConfig> workspaceConfig(const fs::path& weights)
{
    constexpr std::uint64_t kBytesMax = 1 << 20;
    const fs::path file = weights / kWorkspaceConfig;
    BITLATHE_TRY(const std::string text, readFile(file, kBytesMax));
    return readTurbomindConfig(text, file.string());
}

Result<std::shared_ptr<const checkpoint::Checkpoint>> openWorkspace(const fs::path& folder)
{
    const fs::path weights = workspaceWeights(folder).value_or(folder / kWorkspaceWeights);
    auto layouts = std::make_shared<Layouts>();
    BITLATHE_TRY(layouts->config, workspaceConfig(weights));
    layouts->matrices = matrixLayouts(layouts->config);
    const fs::path config = weights / kWorkspaceConfig;
    CheckpointParts parts{folder, weights.parent_path() / "tokenizer", config, llamaConfig(layouts->config), {},
                          {},     findingsOf(layouts->config, config)};
    const std::vector<WorkspaceFile> files = workspaceFiles(layouts->config, layouts->matrices);
    BITLATHE_CHECK(checkRanks(layouts->config, files, weights));
    for (const WorkspaceFile& file : files) {
        addFile(layouts, weights, file, parts);
    }
    return checkpoint::Checkpoint::assemble(std::move(parts));
}

} // namespace bitlathe::format
