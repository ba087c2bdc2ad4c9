// SPDX-License-Identifier: Apache-2.0
// Rows of .csv files.
#pragma once

#include "core/text/rowsink.h"

namespace bitlathe::text
{

/// Takes the fields of one record. An error ends the reading and is what the reader returns.
using RecordSink = std::function<Result<void>(std::vector<std::string> fields, const RowPlace& place)>;

/// The records of comma-separated values after RFC 4180, a header being one of them; an empty line is a record of one
/// empty field. Errors: FileInvalid.
Result<void> readCsvRecords(std::string_view content, const std::string& file, const RecordSink& sink);

/// Comma-separated values after RFC 4180, with a header line; quoted fields may hold commas, quotes and line breaks.
/// Each row becomes an object of strings. Errors: FileInvalid.
Result<void> readCsv(std::string_view content, const std::string& file, const RowSink& sink);

} // namespace bitlathe::text
