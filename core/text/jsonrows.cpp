// SPDX-License-Identifier: Apache-2.0
// Rows of .jsonl and .json files.
#include "core/text/jsonrows.h"

#include "core/text/utf8.h"

namespace bitlathe::text
{

namespace
{

constexpr std::string_view kWhiteSpace = " \t\r\n";

bool isBlank(std::string_view text)
{
    return text.find_first_not_of(kWhiteSpace) == std::string_view::npos;
}

/// Cuts the first line off content, without its line break.
std::string_view takeLine(std::string_view& content)
{
    const std::size_t end = content.find('\n');
    const std::string_view line = content.substr(0, end);
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    return line;
}

Result<void> handOver(const Json& row, const RowPlace& place, const RowSink& sink)
{
    if (!row.is_object() && !row.is_string()) {
        return fail(ErrorCode::FileInvalid, place.name(), Text(BITLATHE_TEXT("a JSON object or string")),
                    Text(BITLATHE_TEXT("a value of type %1"), row.type_name()));
    }
    return sink(row, place);
}

Result<void> handOverAll(const Json& rows, const std::string& file, const RowSink& sink)
{
    std::int64_t number = 0;
    for (const Json& row : rows) {
        BITLATHE_CHECK(handOver(row, {file, number++, false}, sink));
    }
    return {};
}

/// The line of a syntax error, which parseJson() gives as a byte of the whole document; nothing for other errors.
std::optional<std::size_t> lineOfSyntaxError(std::string_view content)
{
    try {
        const Json ignored = Json::parse(content);
    } catch (const Json::parse_error& error) {
        return lineOfByte(content, error.byte == 0 ? 0 : error.byte - 1);
    } catch (const Json::exception&) {
        return std::nullopt;
    }
    return std::nullopt;
}

/// True where the first line is an object by itself and another line follows.
bool looksLikeLines(std::string_view content)
{
    std::string_view line;
    while (isBlank(line) && !content.empty()) {
        line = takeLine(content);
    }
    return !isBlank(content) && Json::accept(line);
}

} // namespace

Result<void> readJsonLines(std::string_view content, const std::string& file, const RowSink& sink)
{
    for (std::int64_t number = 1; !content.empty(); ++number) {
        const std::string_view line = takeLine(content);
        if (isBlank(line)) {
            continue;
        }
        const RowPlace place{file, number};
        auto row = parseJson(line, file);
        if (!row) {
            row.error().subject = place.name();
            return Failure(std::move(row).error());
        }
        BITLATHE_CHECK(handOver(*row, place, sink));
    }
    return {};
}

Result<void> readJsonRows(std::string_view content, const std::string& file, const RowSink& sink)
{
    if (looksLikeLines(content)) {
        return readJsonLines(content, file, sink);
    }
    auto document = parseJson(content, file);
    if (!document) {
        if (const std::optional<std::size_t> line = lineOfSyntaxError(content)) {
            document.error().subject = RowPlace{file, static_cast<std::int64_t>(*line)}.name();
        }
        return Failure(std::move(document).error());
    }
    if (document->is_array()) {
        return handOverAll(*document, file, sink);
    }
    if (document->is_object()) {
        // A wrapper such as {"version": "1", "data": [{...}, ...]}.
        for (const Json& value : *document) {
            if (value.is_array() && !value.empty() && value.front().is_object() && !document->contains("messages") &&
                !document->contains("conversations")) {
                return handOverAll(value, file, sink);
            }
        }
    }
    return handOver(*document, {file, 0, false}, sink);
}

} // namespace bitlathe::text
