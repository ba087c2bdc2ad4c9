// SPDX-License-Identifier: Apache-2.0
// WorkspaceWriter: writes the tensors of a LLaMA as a TurboMind workspace.
#include "core/format/workspacewriter.h"

#include "core/base/file.h"
#include "core/checkpoint/outputfolder.h"
#include "core/format/workspacefiles.h"

#include <algorithm>
#include <map>
#include <set>

namespace bitlathe::format
{

namespace fs = std::filesystem;

using checkpoint::TensorPlan;

namespace
{

/// In OUT.partial: tensors whose files wait for other tensors.
constexpr const char* kWaiting = ".bitlathe-waiting";

std::string_view textOf(std::span<const std::byte> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint64_t bytesOf(const TensorPlan& tensor)
{
    std::uint64_t bytes = checkpoint::dtypeBytes(tensor.dtype);
    for (const std::int64_t dimension : tensor.shape) {
        bytes *= static_cast<std::uint64_t>(dimension);
    }
    return bytes;
}

} // namespace

struct WorkspaceWriter::Data
{
    struct Slot
    {
        std::size_t file = 0;
        std::uint64_t bytes = 0;
    };

    checkpoint::OutputFolder folder;
    TurbomindConfig config;
    Options options;
    std::vector<MatrixLayout> matrices;
    std::vector<WorkspaceFile> files;
    std::vector<bool> isWritten; ///< One per file.
    std::map<std::string, Slot, std::less<>> slots;
    std::map<std::string, std::vector<std::byte>, std::less<>> waiting;
    std::set<std::string, std::less<>> saved; ///< Of waiting, those that sync() has written.
    bool isSealed = false;

    fs::path weights() const { return folder.partial() / kWorkspaceWeights; }
    std::uint64_t bytesTotal() const;
    Result<void> place(const std::vector<TensorPlan>& plan);
    Result<void> makeFolders() const;
    bool areThere(const WorkspaceFile& file) const;
    std::vector<std::byte> make(const WorkspaceFile& file, std::int64_t rank, const Sources& parts) const;
    Result<void> writeWhole(std::size_t index);
};

std::uint64_t WorkspaceWriter::Data::bytesTotal() const
{
    std::uint64_t sum = 0;
    for (const WorkspaceFile& file : files) {
        sum += file.bytes * file.names.size();
    }
    return sum;
}

/// Finds every tensor's file. An output bias that only other projections have is zero.
Result<void> WorkspaceWriter::Data::place(const std::vector<TensorPlan>& plan)
{
    std::map<std::string_view, const TensorPlan*> planned;
    for (const TensorPlan& tensor : plan) {
        planned.emplace(tensor.name, &tensor);
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
        for (const std::string& name : files[i].tensors) {
            const auto found = planned.find(name);
            if (found != planned.end()) {
                slots.emplace(name, Slot{i, bytesOf(*found->second)});
            } else if (files[i].part == WorkspacePart::Bias && name.ends_with("o_proj.bias")) {
                slots.emplace(name, Slot{i, static_cast<std::uint64_t>(config.hidden()) * 2});
                waiting.emplace(name, std::vector<std::byte>(static_cast<std::size_t>(config.hidden()) * 2));
            } else {
                return fail(ErrorCode::TensorMissing, name, Text(BITLATHE_TEXT("a tensor for a TurboMind workspace")),
                            Text(BITLATHE_TEXT("no such tensor in the model")));
            }
        }
    }
    for (const TensorPlan& tensor : plan) {
        if (!slots.contains(tensor.name)) {
            return fail(ErrorCode::NotSupported, tensor.name,
                        Text(BITLATHE_TEXT("a tensor that a TurboMind workspace has")),
                        Text(BITLATHE_TEXT("one for which it has no place")));
        }
    }
    return {};
}

Result<void> WorkspaceWriter::Data::makeFolders() const
{
    for (const char* name : {kWorkspaceWeights, kWorkspaceTokenizer, kWaiting}) {
        std::error_code error;
        fs::create_directories(folder.partial() / name, error);
        if (error) {
            return Failure(writeError(folder.partial() / name, error.value()));
        }
    }
    const std::uint64_t free = freeBytes(folder.partial());
    std::uint64_t needed = 0;
    for (const WorkspaceFile& file : files) {
        needed += areThere(file) ? 0 : file.bytes * file.names.size();
    }
    if (needed > free) {
        return fail(ErrorCode::DiskFull, folder.out().string(), Text(BITLATHE_TEXT("%1 bytes of free space"), needed),
                    Text(BITLATHE_TEXT("%1"), free), Text(BITLATHE_TEXT("Free some space or choose another folder")));
    }
    return {};
}

bool WorkspaceWriter::Data::areThere(const WorkspaceFile& file) const
{
    return std::ranges::all_of(file.names, [&](const std::string& name) {
        std::error_code error;
        const auto size = fs::file_size(weights() / name, error);
        return !error && size == file.bytes;
    });
}

std::vector<std::byte> WorkspaceWriter::Data::make(const WorkspaceFile& file, std::int64_t rank,
                                                   const Sources& parts) const
{
    switch (file.part) {
    case WorkspacePart::Table: {
        std::vector<std::byte> bytes(file.bytes);
        std::ranges::copy(parts.front(), bytes.begin());
        return bytes;
    }
    case WorkspacePart::Norm: return {parts.front().begin(), parts.front().end()};
    case WorkspacePart::Weight: return rankWeights(matrices[file.matrix], rank, parts);
    case WorkspacePart::Bias: return rankBias(matrices[file.matrix], rank, parts);
    case WorkspacePart::Codes: return rankCodes(matrices[file.matrix], rank, parts);
    case WorkspacePart::Scales: {
        const auto middle = parts.begin() + std::ssize(parts) / 2;
        return rankScales(matrices[file.matrix], rank, config.groupSize, {parts.begin(), middle},
                          {middle, parts.end()});
    }
    }
    return {};
}

/// Writes a file's ranks if all its tensors are there, and drops them.
Result<void> WorkspaceWriter::Data::writeWhole(std::size_t index)
{
    const WorkspaceFile& file = files[index];
    Sources parts;
    for (const std::string& name : file.tensors) {
        const auto found = waiting.find(name);
        if (found == waiting.end()) {
            return {};
        }
        parts.emplace_back(found->second);
    }
    for (std::size_t rank = 0; rank < file.names.size(); ++rank) {
        const std::vector<std::byte> bytes = make(file, static_cast<std::int64_t>(rank), parts);
        BITLATHE_CHECK(writeFileAtomically(weights() / file.names[rank], textOf(bytes)));
    }
    isWritten[index] = true;
    for (const std::string& name : file.tensors) {
        waiting.erase(name);
    }
    return {};
}

WorkspaceWriter::WorkspaceWriter(std::unique_ptr<Data> data) : m_data(std::move(data)) {}
WorkspaceWriter::~WorkspaceWriter() = default;

Result<std::unique_ptr<WorkspaceWriter>> WorkspaceWriter::create(const fs::path& out,
                                                                 const std::vector<TensorPlan>& plan,
                                                                 const TurbomindConfig& config, Options options)
{
    auto data = std::make_unique<Data>();
    data->config = config;
    data->matrices = matrixLayouts(config);
    data->files = workspaceFiles(config, data->matrices);
    data->isWritten.resize(data->files.size());
    BITLATHE_CHECK(data->place(plan));
    BITLATHE_TRY(data->folder, checkpoint::OutputFolder::claim(out, options.resume, options.overwrite));
    if (auto ready = data->makeFolders(); !ready) {
        if (!options.resume) {
            data->folder.discard();
        }
        return Failure(std::move(ready).error());
    }
    data->options = std::move(options);
    return std::unique_ptr<WorkspaceWriter>(new WorkspaceWriter(std::move(data)));
}

Result<void> WorkspaceWriter::write(std::string_view name, std::span<const std::byte> bytes)
{
    const auto slot = m_data->slots.find(name);
    if (slot == m_data->slots.end() || m_data->isSealed || bytes.size() != slot->second.bytes) {
        return fail(ErrorCode::Internal, std::string(name),
                    Text(BITLATHE_TEXT("a tensor of the plan in its size, before the end")),
                    Text(BITLATHE_TEXT("a write of another one, or too late")));
    }
    m_data->waiting.insert_or_assign(std::string(name), std::vector<std::byte>(bytes.begin(), bytes.end()));
    m_data->saved.erase(std::string(name));
    return m_data->writeWhole(slot->second.file);
}

void WorkspaceWriter::markWritten(std::string_view name)
{
    const auto slot = m_data->slots.find(name);
    if (slot == m_data->slots.end()) {
        return;
    }
    const WorkspaceFile& file = m_data->files[slot->second.file];
    const fs::path kept = partialFolder() / kWaiting / name;
    auto content = readFile(kept, slot->second.bytes);
    if (content && content->size() == slot->second.bytes) {
        const auto bytes = std::as_bytes(std::span(*content));
        m_data->waiting.insert_or_assign(std::string(name), std::vector<std::byte>(bytes.begin(), bytes.end()));
        m_data->saved.emplace(name);
    } else if (m_data->areThere(file)) {
        m_data->isWritten[slot->second.file] = true;
    }
}

Result<void> WorkspaceWriter::sync()
{
    for (const auto& [name, bytes] : m_data->waiting) {
        if (!m_data->saved.contains(name)) {
            BITLATHE_CHECK(writeFileAtomically(partialFolder() / kWaiting / name, textOf(bytes)));
            m_data->saved.insert(name);
        }
    }
    return {}; // The files themselves are durable when they have their names.
}

Result<void> WorkspaceWriter::writeFile(const std::string& name, std::string_view content)
{
    const fs::path folder = name.starts_with(kWorkspaceWeights) ? m_data->weights() : partialFolder();
    return writeFileAtomically(folder / fs::path(name).filename(), content);
}

Result<void> WorkspaceWriter::writeModelFile(const std::string& name, std::string_view content)
{
    return writeFileAtomically(partialFolder() / kWorkspaceTokenizer / fs::path(name).filename(), content);
}

const fs::path& WorkspaceWriter::partialFolder() const
{
    return m_data->folder.partial();
}

std::uint64_t WorkspaceWriter::bytesTotal() const
{
    return m_data->bytesTotal();
}

Result<void> WorkspaceWriter::seal()
{
    for (std::size_t i = 0; i < m_data->files.size(); ++i) {
        if (!m_data->isWritten[i]) {
            BITLATHE_CHECK(m_data->writeWhole(i)); // Biases that the model lacks: nobody writes them.
        }
        if (!m_data->isWritten[i]) {
            return fail(ErrorCode::TensorMissing, partialFolder().string(),
                        Text(BITLATHE_TEXT("the file %1"), m_data->files[i].names.front()),
                        Text(BITLATHE_TEXT("it was never written")));
        }
    }
    BITLATHE_CHECK(writeFileAtomically(m_data->weights() / kWorkspaceConfig, writeTurbomindConfig(m_data->config)));
    BITLATHE_CHECK(syncFolder(partialFolder() / "triton_models"));
    BITLATHE_CHECK(syncFolder(partialFolder()));
    m_data->isSealed = true;
    return {};
}

Result<void> WorkspaceWriter::finish()
{
    if (!m_data->isSealed) {
        return fail(ErrorCode::Internal, partialFolder().string(), Text(BITLATHE_TEXT("a sealed folder")),
                    Text(BITLATHE_TEXT("an open one")));
    }
    return m_data->folder.publish();
}

void WorkspaceWriter::discard()
{
    m_data->folder.discard();
}

} // namespace bitlathe::format
