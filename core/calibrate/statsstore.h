// SPDX-License-Identifier: Apache-2.0
// StatsStore: calibration statistics on disk, one file per block, named by what they were computed from.
#pragma once

#include "core/base/cache.h"
#include "core/calibrate/statsfile.h"

#include <filesystem>
#include <memory>

namespace bitlathe::calibrate
{

/// What statistics depend on; equal keys give equal statistics.
struct StatsKey
{
    std::string modelFingerprint;
    std::string samplesHash; ///< Of the token ids.
    std::string compute;     ///< "f32" or "bf16".
    bool hessian = true;

    std::string digest() const; ///< Names the folder in the cache.
};

/// A folder with key.json and block-00000.safetensors ... Written block by block, each file atomically, so that an
/// interrupted calibration goes on at the next block. Any thread may read.
class StatsStore
{
public:
    /// The store of this key below the root (created where missing).
    static Result<std::shared_ptr<StatsStore>> open(const std::filesystem::path& root, const StatsKey& key,
                                                    std::int64_t blocks);
    /// An existing store by its own folder, for reading. Errors: FileMissing (no folder, or no block in it).
    static Result<std::shared_ptr<StatsStore>> openFolder(const std::filesystem::path& folder);

    const std::filesystem::path& folder() const { return m_folder; }
    std::int64_t blockCount() const { return m_blocks; }
    bool hasBlock(std::int64_t block) const;
    bool complete() const;
    /// Loads a block; a damaged file is a FileInvalid error.
    Result<std::shared_ptr<BlockStats>> block(std::int64_t block) const;
    /// As block() but without the Hessians: small, for maps over all layers.
    Result<std::shared_ptr<const BlockStats>> blockSummary(std::int64_t block) const;
    Result<void> writeBlock(const BlockStats& stats);
    /// The same, not published yet.
    Result<WrittenStats> beginBlock(const BlockStats& stats);

private:
    StatsStore(std::filesystem::path folder, CacheEntry entry, std::int64_t blocks)
        : m_folder(std::move(folder)), m_entry(std::move(entry)), m_blocks(blocks)
    {}
    std::filesystem::path m_folder;
    CacheEntry m_entry; ///< So that nobody removes it meanwhile.
    std::int64_t m_blocks;
};

} // namespace bitlathe::calibrate
