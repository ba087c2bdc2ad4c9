// SPDX-License-Identifier: Apache-2.0
// Opens text sets: finds the files of a SPEC, unpacks them and hands their rows to RowText.
#include "core/text/textset.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/text/arrowrows.h"
#include "core/text/compressed.h"
#include "core/text/csvrows.h"
#include "core/text/datafolder.h"
#include "core/text/jsonrows.h"
#include "core/text/rowtext.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <array>
#include <limits>

namespace bitlathe::text {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxTextBytes = 8'000'000'000;
constexpr std::string_view kIdsPrefix = "ids:";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kKinds = ".txt, .jsonl, .json, .csv, .arrow, each also .gz or .zst";

enum class FileKind
{
    Text,
    JsonLines,
    Json,
    Csv,
    Arrow
};

/// What a file's name says of it.
struct NamedKind
{
    FileKind kind = FileKind::Text;
    std::string packing; ///< ".gz", ".zst" or empty.
};

std::optional<NamedKind> kindOf(const fs::path& file)
{
    constexpr std::array<std::pair<std::string_view, FileKind>, 5> kExtensions{{{".txt", FileKind::Text},
                                                                                {".jsonl", FileKind::JsonLines},
                                                                                {".json", FileKind::Json},
                                                                                {".csv", FileKind::Csv},
                                                                                {".arrow", FileKind::Arrow}}};
    NamedKind named;
    fs::path name = file.filename();
    if (name.extension() == ".gz" || name.extension() == ".zst") {
        named.packing = name.extension().string();
        name.replace_extension();
    }
    for (const auto& [extension, kind] : kExtensions) {
        if (name.extension() == extension) {
            named.kind = kind;
            return named;
        }
    }
    return std::nullopt;
}

/// A SPEC taken apart.
struct Source
{
    fs::path path;
    std::string field;
};

/// A name that holds a # itself is taken as it stands.
Source parseSpec(const std::string& spec)
{
    std::error_code ignored;
    const std::size_t mark = spec.rfind('#');
    if (mark == std::string::npos || fs::exists(spec, ignored)) {
        return {spec, {}};
    }
    return {spec.substr(0, mark), spec.substr(mark + 1)};
}

Result<std::string> readUnpacked(const fs::path& file, const std::string& packing)
{
    BITLATHE_TRY(std::string content, readFile(file, kMaxTextBytes));
    if (packing == ".gz") {
        return unpackGzip(content, file.string(), kMaxTextBytes);
    }
    if (packing == ".zst") {
        return unpackZstd(content, file.string(), kMaxTextBytes);
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

/// Appends the rows of one file.
Result<void> readRows(const fs::path& file, const NamedKind& named, RowText& rowText, std::vector<std::string>& rows)
{
    BITLATHE_TRY(std::string unpacked, readUnpacked(file, named.packing));
    const std::string name = file.string();
    const RowSink sink = [&](const Json& row, const RowPlace& place) -> Result<void> {
        BITLATHE_TRY(std::string text, rowText.text(row, place));
        rows.push_back(std::move(text));
        return {};
    };
    if (named.kind == FileKind::Arrow) {
        return readArrow(unpacked, name, sink);
    }
    std::string_view content = unpacked;
    if (content.starts_with(kByteOrderMark)) {
        content.remove_prefix(kByteOrderMark.size());
    }
    BITLATHE_CHECK(checkUtf8(content, name));
    switch (named.kind) {
    case FileKind::JsonLines:
        return readJsonLines(content, name, sink);
    case FileKind::Json:
        return readJsonRows(content, name, sink);
    case FileKind::Csv:
        return readCsv(content, name, sink);
    case FileKind::Arrow:
    case FileKind::Text:
        break;
    }
    if (content.size() < unpacked.size()) {
        unpacked.erase(0, kByteOrderMark.size());
    }
    rows.push_back(std::move(unpacked));
    return {};
}

/// What the datasets library puts beside .arrow files.
bool describesDataset(const fs::path& file)
{
    const fs::path name = file.filename();
    return name == "dataset_info.json" || name == "dataset_dict.json" || name == "state.json";
}

/// The text files of a folder by name; those of other kinds are passed over.
Result<std::vector<fs::path>> filesOfFolder(const fs::path& folder)
{
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        const fs::path& file = it->path();
        if (it->is_regular_file(ignored) && kindOf(file) && !describesDataset(file) &&
            !file.filename().string().starts_with('.')) {
            files.push_back(file);
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
    std::sort(files.begin(), files.end());
    return files;
}

Result<std::vector<fs::path>> filesOf(const fs::path& path)
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
    if (!kindOf(path)) {
        return fail(ErrorCode::FileInvalid, path.string(), Text(BITLATHE_TEXT("a text file (%1)"), kKinds),
                    Text(BITLATHE_TEXT("another extension")),
                    Text(BITLATHE_TEXT("Rename the file after what it holds")));
    }
    return std::vector{path};
}

/// A set is of documents or of lines. One .txt is neither; several files of it are a document each.
Result<void> chooseShape(const std::vector<fs::path>& files, TextSet& set)
{
    std::size_t arrows = 0;
    std::size_t texts = 0;
    for (const fs::path& file : files) {
        const FileKind kind = kindOf(file)->kind;
        arrows += kind == FileKind::Arrow ? 1 : 0;
        texts += kind == FileKind::Text ? 1 : 0;
    }
    if (arrows > 0 && arrows < files.size()) {
        return fail(ErrorCode::TextInvalid, files.front().parent_path().string(),
                    Text(BITLATHE_TEXT("only .arrow files or none of them in a folder")),
                    Text(BITLATHE_TEXT("%1 of %2"), arrows, files.size()),
                    Text(BITLATHE_TEXT("Put files of different kinds into folders of their own")));
    }
    set.rowsAreLines = arrows > 0;
    set.rowsAreDocuments = arrows == 0 && (files.size() > 1 || texts == 0);
    return {};
}

bool isBlank(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

Result<TextSet> openRows(const std::string& spec, const fs::path& modelFolder)
{
    BITLATHE_TRY(const std::string resolved, resolvePreset(spec, modelFolder));
    const Source source = parseSpec(resolved);
    BITLATHE_TRY(const std::vector<fs::path> files, filesOf(source.path));
    TextSet set;
    set.spec = spec;
    BITLATHE_CHECK(chooseShape(files, set));
    RowText rowText(source.field, modelFolder);
    for (const fs::path& file : files) {
        BITLATHE_CHECK(readRows(file, *kindOf(file), rowText, set.rows));
    }
    set.chats = rowText.chats();
    set.chatsAreRendered = rowText.rendersChats();
    if (std::all_of(set.rows.begin(), set.rows.end(), isBlank)) {
        return fail(ErrorCode::TextInvalid, source.path.string(), Text(BITLATHE_TEXT("text")),
                    set.rows.empty() ? Text(BITLATHE_TEXT("no row")) : Text(BITLATHE_TEXT("only white space")),
                    Text(BITLATHE_TEXT("Choose a file that holds text")));
    }
    FastHash hash;
    hash.add(set.rowsAreDocuments ? 1 : 0).add(set.rowsAreLines ? 1 : 0);
    for (const std::string& row : set.rows) {
        hash.add(std::string_view(row));
    }
    set.hash = hash.digest();
    return set;
}

Failure noIds(const fs::path& file, std::string_view found)
{
    return fail(ErrorCode::FileInvalid, file.string(),
                Text(BITLATHE_TEXT("a JSON array of token ids, or an object with one as input_ids")),
                Text(BITLATHE_TEXT("%1"), found));
}

Result<TextSet> openIds(const std::string& spec)
{
    const fs::path file = spec.substr(kIdsPrefix.size());
    BITLATHE_TRY(const Json json, readJson(file, kMaxTextBytes));
    const Json* ids = &json;
    if (json.is_object()) {
        const auto it = json.find("input_ids");
        if (it == json.end()) {
            return noIds(file, "an object without input_ids");
        }
        ids = &*it;
    }
    if (!ids->is_array()) {
        return noIds(file, ids->type_name());
    }
    if (ids->empty()) {
        return fail(ErrorCode::TextInvalid, file.string(), Text(BITLATHE_TEXT("token ids")),
                    Text(BITLATHE_TEXT("an empty array")));
    }
    TextSet set;
    set.spec = spec;
    FastHash hash;
    for (const Json& id : *ids) {
        const bool isId = id.is_number_unsigned() &&
                          id.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<TokenId>::max());
        if (!isId) {
            return noIds(file, id.is_number() ? id.dump() : std::string(id.type_name()));
        }
        set.ids.push_back(id.get<TokenId>());
        hash.add(std::int64_t{set.ids.back()});
    }
    set.hash = hash.digest();
    return set;
}

} // namespace

Result<TextSet> openTextSet(const std::string& spec, const fs::path& modelFolder)
{
    return spec.starts_with(kIdsPrefix) ? openIds(spec) : openRows(spec, modelFolder);
}

std::vector<std::string> previewRows(const TextSet& set, std::size_t count)
{
    return {set.rows.begin(), set.rows.begin() + static_cast<std::ptrdiff_t>(std::min(count, set.rows.size()))};
}

} // namespace bitlathe::text
