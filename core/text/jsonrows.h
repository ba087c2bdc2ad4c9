// SPDX-License-Identifier: Apache-2.0
// Rows of .jsonl and .json files.
#pragma once

#include "core/text/rowsink.h"

namespace bitlathe::text {

/// One JSON object or string a line; empty lines are passed over. Errors: FileInvalid.
Result<void> readJsonLines(std::string_view content, const std::string& file, const RowSink& sink);

/// An array of objects or strings, an object that holds such an array, one object, or, as many a .json file has it, one
/// object a line. Errors: FileInvalid.
Result<void> readJsonRows(std::string_view content, const std::string& file, const RowSink& sink);

} // namespace bitlathe::text
