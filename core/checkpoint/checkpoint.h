// SPDX-License-Identifier: Apache-2.0
// Checkpoint: an opened model folder.
#pragma once

#include "core/base/finding.h"
#include "core/base/json.h"
#include "core/checkpoint/mappedfile.h"
#include "core/checkpoint/tensor.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

namespace bitlathe::checkpoint
{

/// A tensor of a folder that is not a model folder: it lies in a file as it is, or is made from files when it is
/// viewed.
struct PlacedTensor
{
    using Make = std::function<std::vector<std::byte>(std::span<const MappedFile> files)>;

    TensorEntry entry; ///< Where it is made: file is the first one that it needs, offset unused.
    Make make;         ///< Gives entry.bytes bytes; any thread. Null: it lies at entry.offset of entry.file.
};

/// A folder of another layout, described as a model folder.
struct CheckpointParts
{
    struct File
    {
        std::filesystem::path path;
        std::uint64_t bytes = 0; ///< What it must have.
    };

    std::filesystem::path folder;
    std::filesystem::path companionFolder; ///< Where the tokenizer lies.
    std::filesystem::path configFile;      ///< From which config was made.
    Json config;                           ///< As a config.json would say it.
    std::vector<File> files;
    std::vector<PlacedTensor> tensors;
    Findings findings;
};

/// An opened model folder: its config.json, its tensors by name, zero-copy views of their bytes, its other files.
/// Immutable; any thread. Opening maps the files and reads headers only. Tensors that PyTorch stored out of row-major
/// order are copied when they are first viewed.
class Checkpoint
{
public:
    /// folder: a model folder, a tensor file in it (.safetensors, or one that torch.save wrote), or its index.json.
    /// Checks every header rule, that all shards are there and complete, and that index and shards agree. Nothing that
    /// a file holds is ever run. Errors: FileMissing, FileTruncated, FileInvalid, NotSupported, TensorInvalid (element
    /// types without a place here), ConfigInvalid.
    static Result<std::shared_ptr<const Checkpoint>> open(const std::filesystem::path& folder);
    /// A folder of another layout. Errors: FileMissing, FileTruncated (a file has not the bytes that it must have),
    /// FileInvalid.
    static Result<std::shared_ptr<const Checkpoint>> assemble(CheckpointParts parts);
    ~Checkpoint();
    Checkpoint(const Checkpoint&) = delete;
    Checkpoint& operator=(const Checkpoint&) = delete;

    const std::filesystem::path& folder() const;
    const std::filesystem::path& companionFolder() const;    ///< Of tokenizer and generation config.
    const std::filesystem::path& configFile() const; ///< config.json, whether it is there or not, or what stands for it.
    const Json& config() const;                              ///< config.json; an empty object where there is none.
    const std::vector<std::filesystem::path>& files() const; ///< The tensor files.
    const std::vector<TensorEntry>& entries() const;         ///< In file order, then by offset.
    const Findings& findings() const;                        ///< Tensors of unknown dtype, files left aside, ...

    const TensorEntry* find(std::string_view name) const; ///< nullptr: no such tensor.
    TensorView view(const TensorEntry& entry) const;
    Result<TensorView> tensor(std::string_view name) const; ///< TensorMissing where there is none.
    /// As tensor(), but an error unless the shape is the given one.
    Result<TensorView> tensor(std::string_view name, const Shape& shape) const;
    /// The same without a look at its bytes.
    Result<const TensorEntry*> entry(std::string_view name, const Shape& shape) const;

    /// Tells the system that these pages are not needed for now, to keep resident memory small.
    void release(const TensorEntry& entry) const;

    std::uint64_t bytesTensors() const;
    /// A hash of config.json and of the tensors' names, shapes, dtypes and content. Reads every byte the first time
    /// (then kept beside the folder's path, size and times in the cache folder).
    std::string fingerprint() const;

private:
    struct Data;
    explicit Checkpoint(std::unique_ptr<Data> data);
    std::unique_ptr<Data> m_data;
};

/// Files of a model folder that are not tensors and travel with it: tokenizer, generation config, licence, templates.
/// config.json and index files are not among them. FileInvalid where one is a link to something that is of no model: what
/// lies elsewhere on this machine must not get into a result because a download says so.
Result<std::vector<std::filesystem::path>> companionFiles(const std::filesystem::path& folder);

} // namespace bitlathe::checkpoint
