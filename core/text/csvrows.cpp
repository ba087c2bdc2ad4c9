// SPDX-License-Identifier: Apache-2.0
// Rows of .csv files.
#include "core/text/csvrows.h"

#include <algorithm>

namespace bitlathe::text
{

namespace
{

/// Takes records off the front of a file.
class CsvReader
{
public:
    CsvReader(std::string_view content, const std::string& file) : m_rest(content), m_file(file) {}

    bool atEnd() const { return m_rest.empty(); }
    std::int64_t line() const { return m_line; } ///< Of the next record.

    /// The fields of the next record.
    Result<std::vector<std::string>> record()
    {
        std::vector<std::string> fields;
        for (;;) {
            fields.emplace_back();
            if (m_rest.starts_with('"')) {
                BITLATHE_CHECK(readQuoted(fields.back()));
            } else {
                readPlain(fields.back());
            }
            if (!m_rest.starts_with(',')) {
                break;
            }
            m_rest.remove_prefix(1);
        }
        BITLATHE_CHECK(endLine());
        return fields;
    }

private:
    void readPlain(std::string& field)
    {
        const std::size_t end = std::min(m_rest.find_first_of(",\r\n"), m_rest.size());
        field = m_rest.substr(0, end);
        m_rest.remove_prefix(end);
    }

    Result<void> readQuoted(std::string& field)
    {
        const std::int64_t begin = m_line;
        m_rest.remove_prefix(1);
        for (;;) {
            const std::size_t quote = m_rest.find('"');
            if (quote == std::string_view::npos) {
                return fail(ErrorCode::FileInvalid, RowPlace{m_file, begin}.name(),
                            Text(BITLATHE_TEXT("a closing quotation mark")), Text(BITLATHE_TEXT("the end of the file")),
                            Text(BITLATHE_TEXT("Write a quotation mark inside a quoted field twice")));
            }
            field += m_rest.substr(0, quote);
            m_line += std::count(m_rest.begin(), m_rest.begin() + static_cast<std::ptrdiff_t>(quote), '\n');
            m_rest.remove_prefix(quote + 1);
            if (!m_rest.starts_with('"')) {
                return {};
            }
            field += '"';
            m_rest.remove_prefix(1);
        }
    }

    Result<void> endLine()
    {
        if (m_rest.starts_with("\r\n")) {
            m_rest.remove_prefix(2);
        } else if (m_rest.starts_with('\n') || m_rest.starts_with('\r')) {
            m_rest.remove_prefix(1);
        } else if (!m_rest.empty()) {
            return fail(ErrorCode::FileInvalid, RowPlace{m_file, m_line}.name(),
                        Text(BITLATHE_TEXT("a comma or the end of the line after a quoted field")),
                        Text(BITLATHE_TEXT("more text")),
                        Text(BITLATHE_TEXT("Write a quotation mark inside a quoted field twice")));
        }
        ++m_line;
        return {};
    }

    std::string_view m_rest;
    const std::string& m_file;
    std::int64_t m_line = 1;
};

Result<void> checkHeader(const std::vector<std::string>& header, const std::string& file)
{
    for (auto it = header.begin(); it != header.end(); ++it) {
        if (std::find(header.begin(), it, *it) != it) {
            return fail(ErrorCode::FileInvalid, RowPlace{file, 1}.name(),
                        Text(BITLATHE_TEXT("a header line with different names")),
                        Text(BITLATHE_TEXT("\"%1\" twice"), *it),
                        Text(BITLATHE_TEXT("Put a line with the names of the columns first")));
        }
    }
    return {};
}

} // namespace

Result<void> readCsvRecords(std::string_view content, const std::string& file, const RecordSink& sink)
{
    CsvReader reader(content, file);
    while (!reader.atEnd()) {
        const RowPlace place{file, reader.line()};
        BITLATHE_TRY(std::vector<std::string> fields, reader.record());
        BITLATHE_CHECK(sink(std::move(fields), place));
    }
    return {};
}

Result<void> readCsv(std::string_view content, const std::string& file, const RowSink& sink)
{
    std::vector<std::string> header;
    return readCsvRecords(content, file, [&](std::vector<std::string> fields, const RowPlace& place) -> Result<void> {
        if (header.empty()) {
            header = std::move(fields);
            return checkHeader(header, file);
        }
        if (fields.size() == 1 && fields.front().empty()) {
            return {}; // An empty line.
        }
        if (fields.size() != header.size()) {
            return fail(ErrorCode::FileInvalid, place.name(),
                        Text(BITLATHE_TEXT("%1 fields as in the header"), header.size()),
                        Text(BITLATHE_TEXT("%1"), fields.size()),
                        Text(BITLATHE_TEXT("Put text that holds commas into quotation marks")));
        }
        Json row = Json::object();
        for (std::size_t i = 0; i < header.size(); ++i) {
            row[header[i]] = std::move(fields[i]);
        }
        return sink(row, place);
    });
}

} // namespace bitlathe::text
