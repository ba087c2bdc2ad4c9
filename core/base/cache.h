// SPDX-License-Identifier: Apache-2.0
// The cache: what is kept to not be computed again. Where it lies, how much it may take, who uses what of it.
#pragma once

#include "core/base/descriptor.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bitlathe
{

/// What a user chose; the same for all programs.
struct CacheSettings
{
    static constexpr std::uint64_t kBytesUsual = 50'000'000'000;

    std::filesystem::path folder = {};    ///< Empty: $XDG_CACHE_HOME/bitlathe or its default.
    std::uint64_t bytesMax = kBytesUsual; ///< More than that goes when something new comes; 0: all of it stays.

    bool operator==(const CacheSettings&) const = default;
};

/// Usual ones where none were saved, or the file is damaged.
CacheSettings cacheSettings();
/// Errors: SettingInvalid (the folder is no absolute path), WriteFailed, DiskFull.
Result<void> saveCacheSettings(const CacheSettings& settings);

std::filesystem::path cacheFolder();

/// Something in the cache that comes and goes whole, such as the statistics of one calibration: a folder below one of
/// cacheKinds(). Whoever holds this keeps it from being removed, by another process, too.
class CacheEntry
{
public:
    /// Creates the folder where it is missing; then older entries go that leave no room (CacheSettings::bytesMax).
    /// Errors: WriteFailed, DiskFull.
    static Result<CacheEntry> open(const std::filesystem::path& folder);

private:
    explicit CacheEntry(Descriptor folder) : m_folder(std::move(folder)) {}
    Descriptor m_folder; ///< With a shared lock.
};

struct CacheKind
{
    std::string name; ///< Of its folder: "statistics", "evaluations", "fingerprints".
    std::int64_t entries = 0;
    std::uint64_t bytes = 0;
};

/// What there is of each kind below cacheFolder().
std::vector<CacheKind> cacheKinds();

struct CacheTrim
{
    std::uint64_t bytesFreed = 0;
    std::uint64_t bytesLeft = 0;
    std::int64_t inUse = 0; ///< Entries that would have gone, but somebody uses them.
};

/// Removes entries, those first that were not used for the longest, until all take no more than so many bytes; 0: all
/// of them. Never touches anything else in the folder.
CacheTrim trimCache(std::uint64_t bytesMax);

} // namespace bitlathe
