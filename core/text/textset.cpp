// SPDX-License-Identifier: Apache-2.0
// Opens text sets: finds the files of a SPEC and hands their rows to RowText.
#include "core/text/textset.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/text/datafolder.h"
#include "core/text/rowtext.h"
#include "core/text/textfiles.h"

#include <algorithm>
#include <limits>

namespace bitlathe::text
{

namespace fs = std::filesystem;

namespace
{

constexpr std::uint64_t kMaxTextBytes = 8'000'000'000;
constexpr std::string_view kIdsPrefix = "ids:";

/// Appends the rows of one file.
Result<void> readRows(const TextFile& file, RowText& rowText, std::vector<std::string>& rows)
{
    BITLATHE_TRY(std::string content, readTextFile(file));
    if (file.kind == TextFileKind::Text) {
        rows.push_back(std::move(content));
        return {};
    }
    return readFileRows(file, content, [&](const Json& row, const RowPlace& place) -> Result<void> {
        BITLATHE_TRY(std::string text, rowText.text(row, place));
        rows.push_back(std::move(text));
        return {};
    });
}

/// A set is of documents or of lines. One .txt is neither; several files of it are a document each.
Result<void> chooseShape(const std::vector<TextFile>& files, TextSet& set)
{
    std::size_t arrows = 0;
    std::size_t texts = 0;
    for (const TextFile& file : files) {
        arrows += file.kind == TextFileKind::Arrow ? 1 : 0;
        texts += file.kind == TextFileKind::Text ? 1 : 0;
    }
    if (arrows > 0 && arrows < files.size()) {
        return fail(ErrorCode::TextInvalid, files.front().path.parent_path().string(),
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
    const SpecParts source = splitSpec(resolved);
    BITLATHE_TRY(const std::vector<TextFile> files, findTextFiles(source.path));
    TextSet set;
    set.spec = spec;
    BITLATHE_CHECK(chooseShape(files, set));
    RowText rowText(source.field, modelFolder);
    for (const TextFile& file : files) {
        BITLATHE_CHECK(readRows(file, rowText, set.rows));
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
