// SPDX-License-Identifier: Apache-2.0
// Checkpoint: an opened model folder.
#pragma once

#include "core/base/finding.h"
#include "core/base/json.h"
#include "core/checkpoint/tensor.h"

#include <filesystem>
#include <memory>
#include <string_view>

namespace bitlathe::checkpoint
{

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
    ~Checkpoint();
    Checkpoint(const Checkpoint&) = delete;
    Checkpoint& operator=(const Checkpoint&) = delete;

    const std::filesystem::path& folder() const;
    const Json& config() const;                              ///< config.json; an empty object where there is none.
    const std::vector<std::filesystem::path>& files() const; ///< The tensor files.
    const std::vector<TensorEntry>& entries() const;         ///< In file order, then by offset.
    const Findings& findings() const;                        ///< Tensors of unknown dtype, files left aside, ...

    const TensorEntry* find(std::string_view name) const; ///< nullptr: no such tensor.
    TensorView view(const TensorEntry& entry) const;
    Result<TensorView> tensor(std::string_view name) const; ///< TensorMissing where there is none.
    /// As tensor(), but an error unless the shape is the given one.
    Result<TensorView> tensor(std::string_view name, const Shape& shape) const;

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
/// config.json and index files are not among them.
std::vector<std::filesystem::path> companionFiles(const std::filesystem::path& folder);

} // namespace bitlathe::checkpoint
