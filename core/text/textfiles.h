// SPDX-License-Identifier: Apache-2.0
// Text files: which ones a path stands for, unpacked, and their rows.
#pragma once

#include "core/text/rowsink.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::text
{

enum class TextFileKind { Text, JsonLines, Json, Csv, Arrow };

/// A file and what its name says of it.
struct TextFile
{
    std::filesystem::path path;
    TextFileKind kind = TextFileKind::Text;
    std::string packing; ///< ".gz", ".zst" or empty.
    std::string stem;    ///< Its name without the extensions.
};

/// A SPEC taken apart: "PATH#field".
struct SpecParts
{
    std::filesystem::path path;
    std::string field; ///< Empty where none is named.
};

/// A name that holds a # itself is taken as it stands.
SpecParts splitSpec(const std::string& spec);

/// The file of a path, or those of a folder by name; other kinds of files in a folder are passed over. Errors:
/// FileMissing, FileUnreadable, FileInvalid (a file of another kind, saying how a Parquet file is converted).
Result<std::vector<TextFile>> findTextFiles(const std::filesystem::path& path);

/// What a file holds, unpacked and, but for Arrow, known to be UTF-8 and without its byte order mark. Errors: those of
/// readFile(), FileInvalid naming the line, FileTruncated.
Result<std::string> readTextFile(const TextFile& file);

/// The rows in the content of a file; plain text has none. Errors: FileInvalid.
Result<void> readFileRows(const TextFile& file, std::string_view content, const RowSink& sink);

} // namespace bitlathe::text
