// SPDX-License-Identifier: Apache-2.0
// Rows of .arrow files, as the datasets library of Hugging Face stores them.
#include "core/text/arrowrows.h"

#include "core/text/arrowschema.h"
#include "core/text/utf8.h"

#include <limits>

namespace bitlathe::text {

namespace {

constexpr std::string_view kFileMark("ARROW1\0\0", 8);
constexpr std::uint32_t kContinuation = 0xFFFFFFFFU;

/// Slots of the tables of Arrow's Message.fbs.
namespace message {
constexpr std::size_t kVersion = 0;
constexpr std::size_t kHeaderKind = 1;
constexpr std::size_t kHeader = 2;
constexpr std::size_t kBodyLength = 3;
} // namespace message
namespace batch {
constexpr std::size_t kLength = 0;
constexpr std::size_t kNodes = 1;
constexpr std::size_t kBuffers = 2;
constexpr std::size_t kCompression = 3;
} // namespace batch

/// Values of the union MessageHeader.
enum class HeaderKind : std::uint8_t
{
    None = 0,
    Schema = 1,
    DictionaryBatch = 2,
    RecordBatch = 3
};

/// One string column of a record batch, checked: row i is data[offset(i) ... offset(i + 1)).
class StringColumn
{
public:
    static std::optional<StringColumn> make(std::string_view validity, std::string_view offsets, std::string_view data,
                                            bool isWide, std::size_t rows)
    {
        StringColumn column;
        column.m_isWide = isWide;
        column.m_validity = validity;
        column.m_offsets = offsets;
        column.m_data = data;
        const std::size_t bytesOffset = isWide ? sizeof(std::int64_t) : sizeof(std::int32_t);
        if (rows > 0 && offsets.size() / bytesOffset <= rows) {
            return std::nullopt;
        }
        if (!validity.empty() && validity.size() < rows / 8 + (rows % 8 != 0 ? 1 : 0)) {
            return std::nullopt;
        }
        std::int64_t last = 0;
        for (std::size_t i = 0; rows > 0 && i <= rows; ++i) {
            const std::int64_t offset = column.offset(i);
            if (offset < last) {
                return std::nullopt;
            }
            last = offset;
        }
        return static_cast<std::uint64_t>(last) > data.size() ? std::nullopt : std::optional(column);
    }

    /// The text of a row; nothing where it is null.
    std::optional<std::string_view> row(std::size_t i) const
    {
        if (!m_validity.empty() && (static_cast<unsigned char>(m_validity[i / 8]) >> (i % 8) & 1U) == 0) {
            return std::nullopt;
        }
        const auto begin = static_cast<std::size_t>(offset(i));
        return m_data.substr(begin, static_cast<std::size_t>(offset(i + 1)) - begin);
    }

private:
    template <typename T>
    std::int64_t read(std::size_t i) const
    {
        T value{};
        std::memcpy(&value, m_offsets.data() + i * sizeof value, sizeof value);
        return value;
    }
    std::int64_t offset(std::size_t i) const { return m_isWide ? read<std::int64_t>(i) : read<std::int32_t>(i); }

    std::string_view m_validity; ///< Empty: no row is null.
    std::string_view m_offsets;
    std::string_view m_data;
    bool m_isWide = false;
};

class ArrowReader
{
public:
    ArrowReader(std::string_view content, const std::string& file, const RowSink& sink)
        : m_rest(content), m_file(file), m_sink(sink)
    {
        if (m_rest.starts_with(kFileMark)) {
            m_rest.remove_prefix(kFileMark.size());
        }
    }

    Result<void> read()
    {
        for (;;) {
            BITLATHE_TRY(const std::string_view metadata, takeMetadata());
            if (metadata.empty()) {
                return m_hasSchema ? Result<void>() : damaged("no schema");
            }
            BITLATHE_CHECK(readMessage(metadata));
        }
    }

private:
    Failure damaged(std::string_view reason) const
    {
        return fail(ErrorCode::FileInvalid, m_file, Text(BITLATHE_TEXT("an Arrow stream")),
                    Text(BITLATHE_TEXT("%1"), reason), Text(BITLATHE_TEXT("Copy or download the file again")));
    }

    Result<std::string_view> take(std::uint64_t count)
    {
        if (count > m_rest.size()) {
            return fail(ErrorCode::FileTruncated, m_file, Text(BITLATHE_TEXT("%1 more bytes"), count),
                        Text(BITLATHE_TEXT("%1 before the end of the file"), m_rest.size()),
                        Text(BITLATHE_TEXT("Copy or download the file again")));
        }
        const std::string_view taken = m_rest.substr(0, count);
        m_rest.remove_prefix(count);
        return taken;
    }

    Result<std::uint32_t> takeLength()
    {
        BITLATHE_TRY(const std::string_view bytes, take(sizeof(std::uint32_t)));
        std::uint32_t length = 0;
        std::memcpy(&length, bytes.data(), sizeof length);
        return length;
    }

    /// The metadata of the next message; empty at the end of the stream.
    Result<std::string_view> takeMetadata()
    {
        if (m_rest.empty()) {
            return std::string_view();
        }
        BITLATHE_TRY(std::uint32_t length, takeLength());
        if (length == kContinuation) { // Streams of old writers go without.
            BITLATHE_TRY(length, takeLength());
        }
        if (length > static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max())) {
            return damaged("a length that is negative");
        }
        return take(length);
    }

    Result<void> readMessage(std::string_view metadata)
    {
        FlatBuffer buffer(metadata);
        const FlatTable table = FlatTable::root(buffer);
        const auto version = table.number<std::int16_t>(message::kVersion, 0);
        const auto kind = static_cast<HeaderKind>(table.number<std::uint8_t>(message::kHeaderKind, 0));
        const FlatTable header = table.table(message::kHeader);
        const auto bodyLength = table.number<std::int64_t>(message::kBodyLength, 0);
        if (buffer.isBroken() || bodyLength < 0) {
            return damaged("a damaged message");
        }
        BITLATHE_TRY(const std::string_view body, take(static_cast<std::uint64_t>(bodyLength)));
        switch (kind) {
        case HeaderKind::Schema:
            return readSchema(buffer, header, version);
        case HeaderKind::RecordBatch:
            return readBatch(buffer, header, body);
        case HeaderKind::DictionaryBatch:
            return {}; // Dictionary-encoded columns are passed over.
        case HeaderKind::None:
            break;
        }
        return damaged("a message of an unknown kind");
    }

    Result<void> readSchema(FlatBuffer& buffer, const FlatTable& header, int version)
    {
        BITLATHE_TRY(const std::vector<ArrowColumn> columns, readArrowSchema(buffer, header, version, m_file));
        std::string all;
        m_columns.clear();
        for (const ArrowColumn& column : columns) {
            all += fmt::format("{}{} ({})", all.empty() ? "" : ", ", column.name, column.type);
            if (column.isString) {
                m_columns.push_back(column);
            }
        }
        if (m_columns.empty()) {
            return fail(ErrorCode::TextInvalid, m_file, Text(BITLATHE_TEXT("a column of strings")),
                        Text(BITLATHE_TEXT("the columns %1"), all.empty() ? "none" : all),
                        Text(BITLATHE_TEXT("Write the text as .jsonl or as a plain string column")));
        }
        m_hasSchema = true;
        return {};
    }

    Result<void> readBatch(FlatBuffer& buffer, const FlatTable& header, std::string_view body)
    {
        if (!m_hasSchema) {
            return damaged("a record batch before the schema");
        }
        if (header.has(batch::kCompression)) {
            return fail(
                ErrorCode::NotSupported, m_file, Text(BITLATHE_TEXT("Arrow buffers without compression")),
                Text(BITLATHE_TEXT("compressed ones")),
                Text(BITLATHE_TEXT("Write the file without compression, or compress the whole file to .arrow.zst")));
        }
        const auto rows = header.number<std::int64_t>(batch::kLength, 0);
        std::vector<StringColumn> columns;
        for (const ArrowColumn& column : m_columns) {
            const std::optional<StringColumn> made = makeColumn(buffer, header, body, column, rows);
            if (!made || buffer.isBroken()) {
                return damaged(fmt::format("a damaged column {}", column.name));
            }
            columns.push_back(*made);
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i) {
            BITLATHE_CHECK(handOver(columns, i));
        }
        return {};
    }

    /// Finds the buffers of a column. Nothing where they don't hold what the batch says.
    static std::optional<StringColumn> makeColumn(FlatBuffer& buffer, const FlatTable& header, std::string_view body,
                                                  const ArrowColumn& column, std::int64_t rows)
    {
        constexpr std::size_t kPair = 2 * sizeof(std::int64_t); // Nodes and buffers are pairs of numbers.
        const FlatVector nodes = header.vector(batch::kNodes, kPair);
        const FlatVector buffers = header.vector(batch::kBuffers, kPair);
        if (rows < 0 || column.node >= nodes.count || buffers.count < 3 || column.buffer > buffers.count - 3) {
            return std::nullopt;
        }
        const std::size_t node = nodes.begin + column.node * kPair;
        const auto nulls = buffer.read<std::int64_t>(node + sizeof(std::int64_t));
        if (buffer.read<std::int64_t>(node) != rows || nulls < 0) {
            return std::nullopt;
        }
        std::string_view parts[3];
        for (std::size_t i = 0; i < 3; ++i) {
            const std::size_t at = buffers.begin + (column.buffer + i) * kPair;
            const auto begin = buffer.read<std::uint64_t>(at);
            const auto length = buffer.read<std::uint64_t>(at + sizeof begin);
            if (begin > body.size() || length > body.size() - begin) {
                return std::nullopt;
            }
            parts[i] = body.substr(begin, length);
        }
        if (nulls > 0 && parts[0].empty()) {
            return std::nullopt;
        }
        return StringColumn::make(nulls == 0 ? std::string_view() : parts[0], parts[1], parts[2], column.hasWideOffsets,
                                  static_cast<std::size_t>(rows));
    }

    Result<void> handOver(const std::vector<StringColumn>& columns, std::size_t index)
    {
        const RowPlace place{m_file, m_row++, false};
        Json row = Json::object();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const std::optional<std::string_view> text = columns[i].row(index);
            if (text && firstInvalidByte(*text)) {
                return fail(ErrorCode::FileInvalid, place.name(),
                            Text(BITLATHE_TEXT("UTF-8 text in column %1"), m_columns[i].name),
                            Text(BITLATHE_TEXT("other bytes")), Text(BITLATHE_TEXT("Write the text as UTF-8")));
            }
            row[m_columns[i].name] = text ? Json(*text) : Json();
        }
        return m_sink(row, place);
    }

    std::string_view m_rest;
    const std::string& m_file;
    const RowSink& m_sink;
    std::vector<ArrowColumn> m_columns; ///< Those of strings.
    bool m_hasSchema = false;
    std::int64_t m_row = 0;
};

} // namespace

Result<void> readArrow(std::string_view content, const std::string& file, const RowSink& sink)
{
    return ArrowReader(content, file, sink).read();
}

} // namespace bitlathe::text
