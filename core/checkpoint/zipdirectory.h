// SPDX-License-Identifier: Apache-2.0
// The entries of a ZIP file whose data can be viewed where it lies.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace bitlathe::checkpoint
{

/// Where the data of an entry lies in the file.
struct ZipEntry
{
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
};

/// Whether a file begins as ZIP files do.
bool isZip(std::span<const std::byte> file);

/// Reads the directory at the end of a whole file, ZIP64 too, and checks it against the header before each entry.
/// Entries must be stored, neither compressed nor encrypted, and have names of their own. What lies in no entry is not
/// looked at. subject names the file in errors: FileTruncated (no directory), FileInvalid, NotSupported (compressed).
Result<std::map<std::string, ZipEntry>> readZipDirectory(std::span<const std::byte> file, const std::string& subject);

} // namespace bitlathe::checkpoint
