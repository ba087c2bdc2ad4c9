// SPDX-License-Identifier: Apache-2.0
// Text files: which ones a path stands for, unpacked, and their rows.
#include "core/text/textfiles.h"

#include "core/base/file.h"
#include "core/text/arrowrows.h"
#include "core/text/compressed.h"
#include "core/text/csvrows.h"
#include "core/text/jsonrows.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <array>

namespace bitlathe::text
{

namespace fs = std::filesystem;

namespace
{

constexpr std::uint64_t kMaxFileBytes = 8'000'000'000;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kKinds = ".txt, .jsonl, .json, .csv, .arrow, each also .gz or .zst";

/// What a file's name says of it; nothing for other kinds of files.
std::optional<TextFile> named(const fs::path& path)
{
    constexpr std::array<std::pair<std::string_view, TextFileKind>, 5> kExtensions{{{".txt", TextFileKind::Text},
                                                                                    {".jsonl", TextFileKind::JsonLines},
                                                                                    {".json", TextFileKind::Json},
                                                                                    {".csv", TextFileKind::Csv},
                                                                                    {".arrow", TextFileKind::Arrow}}};
    TextFile file;
    file.path = path;
    fs::path name = path.filename();
    if (name.extension() == ".gz" || name.extension() == ".zst") {
        file.packing = name.extension().string();
        name.replace_extension();
    }
    file.stem = name.stem().string();
    for (const auto& [extension, kind] : kExtensions) {
        if (name.extension() == extension) {
            file.kind = kind;
            return file;
        }
    }
    return std::nullopt;
}

Result<std::string> readUnpacked(const fs::path& file, const std::string& packing)
{
    BITLATHE_TRY(std::string content, readFile(file, kMaxFileBytes));
    if (packing == ".gz") {
        return unpackGzip(content, file.string(), kMaxFileBytes);
    }
    if (packing == ".zst") {
        return unpackZstd(content, file.string(), kMaxFileBytes);
    }
    return content;
}

Result<void> checkUtf8(std::string_view content, const std::string& file)
{
    const std::optional<std::size_t> at = firstInvalidByte(content);
    if (!at) {
        return {};
    }
    return fail(ErrorCode::FileInvalid, RowPlace{file, static_cast<std::int64_t>(lineOfByte(content, *at))}.name(),
                Text(BITLATHE_TEXT("UTF-8 text")),
                Text(BITLATHE_TEXT("the byte 0x%1"), fmt::format("{:02X}", static_cast<unsigned char>(content[*at]))),
                Text(BITLATHE_TEXT("Save the file as UTF-8")));
}

/// What the datasets library puts beside .arrow files.
bool describesDataset(const fs::path& file)
{
    const fs::path name = file.filename();
    return name == "dataset_info.json" || name == "dataset_dict.json" || name == "state.json";
}

/// The text files of a folder by name; those of other kinds are passed over.
Result<std::vector<TextFile>> filesOfFolder(const fs::path& folder)
{
    std::vector<TextFile> files;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        const fs::path& path = it->path();
        const std::optional<TextFile> file = named(path);
        if (it->is_regular_file(ignored) && file && !describesDataset(path) &&
            !path.filename().string().starts_with('.')) {
            files.push_back(*file);
        }
    }
    if (error) {
        return fail(ErrorCode::FileUnreadable, folder.string(), Text(BITLATHE_TEXT("a readable folder")),
                    Text(BITLATHE_TEXT("%1"), error.message()), Text(BITLATHE_TEXT("Check the folder's permissions")));
    }
    if (files.empty()) {
        return fail(ErrorCode::FileMissing, folder.string(), Text(BITLATHE_TEXT("text files (%1)"), kKinds),
                    Text(BITLATHE_TEXT("none in the folder")),
                    Text(BITLATHE_TEXT("Name a file or a folder with such files")));
    }
    std::ranges::sort(files, {}, &TextFile::path);
    return files;
}

} // namespace

SpecParts splitSpec(const std::string& spec)
{
    std::error_code ignored;
    const std::size_t mark = spec.rfind('#');
    if (mark == std::string::npos || std::filesystem::exists(spec, ignored)) {
        return {spec, {}};
    }
    return {spec.substr(0, mark), spec.substr(mark + 1)};
}

Result<std::vector<TextFile>> findTextFiles(const fs::path& path)
{
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        return filesOfFolder(path);
    }
    if (!fs::exists(path, ignored)) {
        return fail(ErrorCode::FileMissing, path.string(), Text(BITLATHE_TEXT("a text file or a folder of them")),
                    Text(BITLATHE_TEXT("nothing of that name")), Text(BITLATHE_TEXT("Check the path")));
    }
    if (path.extension() == ".parquet") {
        return fail(ErrorCode::FileInvalid, path.string(), Text(BITLATHE_TEXT("a text file (%1)"), kKinds),
                    Text(BITLATHE_TEXT("a Parquet file")),
                    Text(BITLATHE_TEXT("Convert it: python -c \"import pandas; pandas.read_parquet('%1').to_json('%2', "
                                       "orient='records', lines=True)\""),
                         path.string(), fs::path(path).replace_extension(".jsonl").string()));
    }
    const std::optional<TextFile> file = named(path);
    if (!file) {
        return fail(ErrorCode::FileInvalid, path.string(), Text(BITLATHE_TEXT("a text file (%1)"), kKinds),
                    Text(BITLATHE_TEXT("another extension")),
                    Text(BITLATHE_TEXT("Rename the file after what it holds")));
    }
    return std::vector{*file};
}

Result<std::string> readTextFile(const TextFile& file)
{
    BITLATHE_TRY(std::string content, readUnpacked(file.path, file.packing));
    if (file.kind == TextFileKind::Arrow) {
        return content;
    }
    if (content.starts_with(kByteOrderMark)) {
        content.erase(0, kByteOrderMark.size());
    }
    BITLATHE_CHECK(checkUtf8(content, file.path.string()));
    return content;
}

Result<void> readFileRows(const TextFile& file, std::string_view content, const RowSink& sink)
{
    const std::string name = file.path.string();
    switch (file.kind) {
    case TextFileKind::JsonLines: return readJsonLines(content, name, sink);
    case TextFileKind::Json: return readJsonRows(content, name, sink);
    case TextFileKind::Csv: return readCsv(content, name, sink);
    case TextFileKind::Arrow: return readArrow(content, name, sink);
    case TextFileKind::Text: break;
    }
    return {};
}

} // namespace bitlathe::text
