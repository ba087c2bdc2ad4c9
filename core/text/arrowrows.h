// SPDX-License-Identifier: Apache-2.0
// Rows of .arrow files, as the datasets library of Hugging Face stores them.
#pragma once

#include "core/text/rowsink.h"

namespace bitlathe::text {

/// The string columns of an Arrow IPC stream (or file: a stream between two marks). Each row becomes an object of
/// strings and nulls; columns of other types are passed over. Errors: FileInvalid, FileTruncated, NotSupported.
Result<void> readArrow(std::string_view content, const std::string& file, const RowSink& sink);

} // namespace bitlathe::text
