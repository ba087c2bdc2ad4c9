// SPDX-License-Identifier: Apache-2.0
// The schema of an Arrow stream, as far as reading its string columns needs it.
#include "core/text/arrowschema.h"

#include "core/text/utf8.h"

#include <array>

namespace bitlathe::text {

namespace {

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxFields = 10'000; ///< A damaged schema can list one field any number of times.
constexpr int kVersion4 = 3;

/// Slots of the tables of Arrow's Schema.fbs.
namespace schema {
constexpr std::size_t kEndianness = 0;
constexpr std::size_t kFields = 1;
} // namespace schema
namespace field {
constexpr std::size_t kName = 0;
constexpr std::size_t kTypeKind = 2;
constexpr std::size_t kType = 3;
constexpr std::size_t kDictionary = 4;
constexpr std::size_t kChildren = 5;
} // namespace field

/// How the columns of a type are laid out. Nested types have the buffers of their children behind their own.
struct TypeLayout
{
    std::string_view name;
    std::size_t buffers = 0;
    bool isReadable = true; ///< False: the number of buffers is not fixed.
};

constexpr std::uint8_t kUtf8 = 5;
constexpr std::uint8_t kUnion = 14;
constexpr std::uint8_t kLargeUtf8 = 20;

/// In order of the union Type of Schema.fbs.
constexpr std::array<TypeLayout, 27> kTypes{{
    {"none", 0, false},
    {"null", 0},
    {"int", 2},
    {"float", 2},
    {"binary", 3},
    {"utf8", 3},
    {"bool", 2},
    {"decimal", 2},
    {"date", 2},
    {"time", 2},
    {"timestamp", 2},
    {"interval", 2},
    {"list", 2},
    {"struct", 1},
    {"union", 1},
    {"fixed size binary", 2},
    {"fixed size list", 1},
    {"map", 2},
    {"duration", 2},
    {"large binary", 3},
    {"large utf8", 3},
    {"large list", 2},
    {"run-end encoded", 0},
    {"binary view", 0, false},
    {"utf8 view", 0, false},
    {"list view", 3},
    {"large list view", 3},
}};

Failure damagedSchema(const std::string& file)
{
    return fail(ErrorCode::FileInvalid, file, Text(BITLATHE_TEXT("an Arrow schema")),
                Text(BITLATHE_TEXT("damaged bytes")), Text(BITLATHE_TEXT("Copy or download the file again")));
}

/// Walks the fields depth first, in which order their nodes and buffers stand in a record batch.
class SchemaReader
{
public:
    SchemaReader(FlatBuffer& buffer, int metadataVersion, const std::string& file)
        : m_buffer(buffer), m_version(metadataVersion), m_file(file)
    {}

    Result<std::vector<ArrowColumn>> read(const FlatTable& table)
    {
        if (table.number<std::int16_t>(schema::kEndianness, 0) != 0) {
            return fail(ErrorCode::NotSupported, m_file, Text(BITLATHE_TEXT("little-endian Arrow data")),
                        Text(BITLATHE_TEXT("big-endian data")),
                        Text(BITLATHE_TEXT("Write the file on another machine")));
        }
        std::vector<ArrowColumn> columns;
        const FlatVector fields = table.vector(schema::kFields, sizeof(std::uint32_t));
        for (std::size_t i = 0; i < fields.count; ++i) {
            const FlatTable fieldTable(m_buffer, m_buffer.follow(fields.begin + i * sizeof(std::uint32_t)));
            ArrowColumn column;
            column.name = fieldTable.string(field::kName);
            if (firstInvalidByte(column.name)) {
                m_buffer.markBroken();
            }
            column.node = m_nodes;
            column.buffer = m_buffers;
            const auto kind = fieldTable.number<std::uint8_t>(field::kTypeKind, 0);
            const bool isEncoded = fieldTable.has(field::kDictionary);
            column.isString = (kind == kUtf8 || kind == kLargeUtf8) && !isEncoded;
            column.hasWideOffsets = kind == kLargeUtf8;
            column.type = isEncoded ? "dictionary" : kind < kTypes.size() ? kTypes[kind].name : "unknown";
            BITLATHE_CHECK(pass(fieldTable, 0));
            columns.push_back(std::move(column));
        }
        if (m_buffer.isBroken()) {
            return damagedSchema(m_file);
        }
        return columns;
    }

private:
    /// Counts the nodes and buffers of a field and of those inside it.
    Result<void> pass(const FlatTable& fieldTable, int depth)
    {
        if (depth > kMaxDepth || ++m_fields > kMaxFields || m_buffer.isBroken()) {
            return damagedSchema(m_file);
        }
        const auto kind = fieldTable.number<std::uint8_t>(field::kTypeKind, 0);
        if (kind >= kTypes.size() || !kTypes[kind].isReadable) {
            return fail(ErrorCode::NotSupported, m_file, Text(BITLATHE_TEXT("columns of the usual Arrow types")),
                        kind < kTypes.size() ? Text(BITLATHE_TEXT("one of type %1"), kTypes[kind].name)
                                             : Text(BITLATHE_TEXT("one of type number %1"), kind),
                        Text(BITLATHE_TEXT("Write the text as .jsonl or as a plain string column")));
        }
        ++m_nodes;
        if (fieldTable.has(field::kDictionary)) {
            m_buffers += 2; // Of the indices; the values stand in a batch of their own.
            return {};
        }
        m_buffers += kTypes[kind].buffers;
        if (kind == kUnion) {
            const bool isDense = fieldTable.table(field::kType).number<std::int16_t>(0, 0) == 1;
            m_buffers += (isDense ? 1U : 0U) + (m_version <= kVersion4 ? 1U : 0U);
        }
        const FlatVector children = fieldTable.vector(field::kChildren, sizeof(std::uint32_t));
        for (std::size_t i = 0; i < children.count; ++i) {
            const FlatTable child(m_buffer, m_buffer.follow(children.begin + i * sizeof(std::uint32_t)));
            BITLATHE_CHECK(pass(child, depth + 1));
        }
        return {};
    }

    FlatBuffer& m_buffer;
    int m_version;
    const std::string& m_file;
    std::size_t m_nodes = 0;
    std::size_t m_buffers = 0;
    std::size_t m_fields = 0;
};

} // namespace

Result<std::vector<ArrowColumn>> readArrowSchema(FlatBuffer& buffer, const FlatTable& schema, int metadataVersion,
                                                 const std::string& file)
{
    return SchemaReader(buffer, metadataVersion, file).read(schema);
}

} // namespace bitlathe::text
