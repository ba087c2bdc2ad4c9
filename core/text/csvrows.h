// SPDX-License-Identifier: Apache-2.0
// Rows of .csv files.
#pragma once

#include "core/text/rowsink.h"

namespace bitlathe::text {

/// Comma-separated values after RFC 4180, with a header line; quoted fields may hold commas, quotes and line breaks.
/// Each row becomes an object of strings. Errors: FileInvalid.
Result<void> readCsv(std::string_view content, const std::string& file, const RowSink& sink);

} // namespace bitlathe::text
