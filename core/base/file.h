// SPDX-License-Identifier: Apache-2.0
// Files: whole reads, atomic whole writes, durable renames, free space.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace bitlathe {

/// Reads a whole file. Errors: missing, unreadable (also a pipe or device that is not named as one below /dev), larger than
/// maxBytes.
Result<std::string> readFile(const std::filesystem::path& file, std::uint64_t maxBytes = UINT64_MAX);

/// Writes a file so that, whatever happens, either the old or the new content is there: temporary name, fsync, rename.
Result<void> writeFileAtomically(const std::filesystem::path& file, std::string_view content);

/// Makes the names in a folder durable.
Result<void> syncFolder(const std::filesystem::path& folder);

/// Turns errno of a failed open or read of a file into an Error with FileMissing or FileUnreadable.
Error readError(const std::filesystem::path& file, int errorNumber);
/// Turns errno of a failed write on a file into an Error with DiskFull or WriteFailed.
Error writeError(const std::filesystem::path& file, int errorNumber);

/// Free bytes for this user on the file system that holds path, or would hold it.
std::uint64_t freeBytes(const std::filesystem::path& path);

/// $XDG_CACHE_HOME/bitlathe, $XDG_DATA_HOME/bitlathe, $XDG_CONFIG_HOME/bitlathe or their defaults; a temporary folder where
/// HOME is unset. A user may have chosen another cache: cacheFolder() of core/base/cache.h.
std::filesystem::path usualCacheFolder();
std::filesystem::path dataFolder();
std::filesystem::path configFolder();

/// A text with "~" in place of the user's home folder: what is passed on, such as records and reports, does not name its user.
std::string withoutHome(std::string_view text);
/// A path or data set ("ids:" before it) with the home folder in place of a "~" at its beginning.
std::string withHome(const std::string& path);

} // namespace bitlathe
