// SPDX-License-Identifier: Apache-2.0
// Unpacking of .gz and .zst files.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace bitlathe::text {

/// Unpacks all members of a gzip file. subject names it in errors. Errors: FileInvalid, FileTruncated.
Result<std::string> unpackGzip(std::string_view packed, const std::string& subject, std::uint64_t maxBytes);

/// Unpacks all frames of a Zstandard file.
Result<std::string> unpackZstd(std::string_view packed, const std::string& subject, std::uint64_t maxBytes);

} // namespace bitlathe::text
