// SPDX-License-Identifier: Apache-2.0
// Writes small Arrow IPC streams for tests, straight after the published format and without the reader's code.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace bitlathe::tests
{

/// A FlatBuffer built from front to back: tables are filled in later through the places of their offsets.
class FlatWriter
{
public:
    template <typename T>
    std::size_t put(T value)
    {
        while (m_bytes.size() % sizeof value != 0) {
            m_bytes += '\0';
        }
        const std::size_t at = m_bytes.size();
        m_bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
        return at;
    }

    /// Lets the offset at a place lead to here.
    void link(std::size_t at)
    {
        while (m_bytes.size() % 8 != 0) {
            m_bytes += '\0';
        }
        linkTo(at, m_bytes.size());
    }
    void linkTo(std::size_t at, std::size_t target)
    {
        const auto offset = static_cast<std::uint32_t>(target - at);
        std::memcpy(m_bytes.data() + at, &offset, sizeof offset);
    }

    /// A table whose fields have 8 bytes each, at() tells where. Fields that are not used are left out.
    std::vector<std::size_t> table(std::size_t from, std::size_t fields, const std::vector<std::size_t>& used)
    {
        while (m_bytes.size() % 8 != 0) {
            m_bytes += '\0';
        }
        const std::size_t list = m_bytes.size();
        put(static_cast<std::uint16_t>(4 + 2 * fields));
        put(static_cast<std::uint16_t>(8 + 8 * used.size()));
        std::vector<std::uint16_t> offsets(fields, 0);
        for (std::size_t i = 0; i < used.size(); ++i) {
            offsets[used[i]] = static_cast<std::uint16_t>(8 + 8 * i);
        }
        for (const std::uint16_t offset : offsets) {
            put(offset);
        }
        link(from);
        const std::size_t at = m_bytes.size();
        put(static_cast<std::int32_t>(at - list));
        put(std::int32_t{0});
        std::vector<std::size_t> places(fields, 0);
        for (const std::size_t slot : used) {
            places[slot] = put(std::int64_t{0});
        }
        return places;
    }

    template <typename T>
    void set(std::size_t at, T value)
    {
        std::memcpy(m_bytes.data() + at, &value, sizeof value);
    }

    void string(std::size_t from, const std::string& text)
    {
        link(from);
        put(static_cast<std::uint32_t>(text.size()));
        m_bytes += text;
        m_bytes += '\0';
    }

    /// A vector of offsets; returns their places.
    std::vector<std::size_t> offsets(std::size_t from, std::size_t count)
    {
        link(from);
        put(static_cast<std::uint32_t>(count));
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < count; ++i) {
            places.push_back(put(std::uint32_t{0}));
        }
        return places;
    }

    /// A vector of pairs of 64-bit numbers.
    void pairs(std::size_t from, const std::vector<std::pair<std::int64_t, std::int64_t>>& values)
    {
        while (m_bytes.size() % 8 != 4) {
            m_bytes += '\0';
        }
        linkTo(from, m_bytes.size());
        put(static_cast<std::uint32_t>(values.size()));
        for (const auto& [first, second] : values) {
            put(first);
            put(second);
        }
    }

    std::string take()
    {
        while (m_bytes.size() % 8 != 0) {
            m_bytes += '\0';
        }
        return std::move(m_bytes);
    }

private:
    std::string m_bytes;
};

/// Arrow types as the union of Schema.fbs numbers them.
enum class ArrowType : std::uint8_t { Int = 2, Utf8 = 5, List = 12, LargeUtf8 = 20, Utf8View = 24 };

struct ArrowField
{
    std::string name;
    ArrowType type = ArrowType::Utf8;
};

using ArrowCells = std::vector<std::optional<std::string>>;

/// Builds a stream: schema, then batches. A list column holds lists of one int each; cells of other types than strings
/// give only their number.
class ArrowWriter
{
public:
    explicit ArrowWriter(std::vector<ArrowField> fields, bool isOldStyle = false)
        : m_fields(std::move(fields)), m_isOldStyle(isOldStyle)
    {
        FlatWriter writer;
        const std::size_t header = beginMessage(writer, 1, 0);
        const auto schema = writer.table(header, 4, {1});
        const auto places = writer.offsets(schema[1], m_fields.size());
        for (std::size_t i = 0; i < m_fields.size(); ++i) {
            putField(writer, places[i], m_fields[i]);
        }
        message(writer, "");
    }

    ArrowWriter& batch(const std::vector<ArrowCells>& columns, bool isCompressed = false)
    {
        std::string body;
        std::vector<std::pair<std::int64_t, std::int64_t>> nodes;
        std::vector<std::pair<std::int64_t, std::int64_t>> buffers;
        const auto add = [&](const std::string& bytes) {
            buffers.emplace_back(body.size(), bytes.size());
            body += bytes;
            body.resize((body.size() + 7) / 8 * 8);
        };
        const auto rows = static_cast<std::int64_t>(columns.front().size());
        for (std::size_t i = 0; i < columns.size(); ++i) {
            putColumn(m_fields[i].type, columns[i], nodes, add);
        }
        FlatWriter writer;
        const std::size_t header = beginMessage(writer, 3, static_cast<std::int64_t>(body.size()));
        std::vector<std::size_t> used{0, 1, 2};
        if (isCompressed) {
            used.push_back(3);
        }
        const auto places = writer.table(header, 4, used);
        writer.set(places[0], rows);
        writer.pairs(places[1], nodes);
        writer.pairs(places[2], buffers);
        if (isCompressed) {
            writer.table(places[3], 2, {});
        }
        message(writer, body);
        return *this;
    }

    /// The stream with its end mark.
    std::string stream() const { return m_stream + std::string("\xFF\xFF\xFF\xFF\0\0\0\0", 8); }
    std::string withoutEnd() const { return m_stream; }

private:
    static std::size_t beginMessage(FlatWriter& writer, std::uint8_t kind, std::int64_t bytesBody)
    {
        const std::size_t root = writer.put(std::uint32_t{0});
        const auto places = writer.table(root, 5, {0, 1, 2, 3});
        writer.set(places[0], std::int16_t{4});
        writer.set(places[1], kind);
        writer.set(places[3], bytesBody);
        return places[2];
    }

    static void putField(FlatWriter& writer, std::size_t from, const ArrowField& field)
    {
        std::vector<std::size_t> used{0, 1, 2, 3};
        if (field.type == ArrowType::List) {
            used.push_back(5);
        }
        const auto places = writer.table(from, 7, used);
        writer.set(places[1], std::uint8_t{1});
        writer.set(places[2], static_cast<std::uint8_t>(field.type));
        writer.string(places[0], field.name);
        writer.table(places[3], 2, {});
        if (field.type == ArrowType::List) {
            putField(writer, writer.offsets(places[5], 1).front(), {"item", ArrowType::Int});
        }
    }

    template <typename Add>
    static void putColumn(ArrowType type, const ArrowCells& cells,
                          std::vector<std::pair<std::int64_t, std::int64_t>>& nodes, const Add& add)
    {
        std::string validity((cells.size() + 7) / 8, '\0');
        std::string offsets;
        std::string data;
        std::int64_t nulls = 0;
        const auto putOffset = [&](std::size_t value) {
            if (type == ArrowType::LargeUtf8) {
                const auto wide = static_cast<std::int64_t>(value);
                offsets.append(reinterpret_cast<const char*>(&wide), sizeof wide);
            } else {
                const auto narrow = static_cast<std::int32_t>(value);
                offsets.append(reinterpret_cast<const char*>(&narrow), sizeof narrow);
            }
        };
        putOffset(0);
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (cells[i]) {
                validity[i / 8] = static_cast<char>(validity[i / 8] | 1 << i % 8);
                data += *cells[i];
            } else {
                ++nulls;
            }
            putOffset(type == ArrowType::List ? i + 1 : data.size());
        }
        const auto rows = static_cast<std::int64_t>(cells.size());
        nodes.emplace_back(rows, nulls);
        add(nulls == 0 ? std::string() : validity);
        const std::string numbers(cells.size() * sizeof(std::int32_t), '\7');
        if (type == ArrowType::Int) {
            add(numbers);
            return;
        }
        add(offsets);
        if (type == ArrowType::List) {
            nodes.emplace_back(rows, 0);
            add("");
            add(numbers);
            return;
        }
        add(data);
    }

    void message(FlatWriter& writer, const std::string& body)
    {
        const std::string metadata = writer.take();
        const auto length = static_cast<std::uint32_t>(metadata.size());
        if (!m_isOldStyle) {
            m_stream += "\xFF\xFF\xFF\xFF";
        }
        m_stream.append(reinterpret_cast<const char*>(&length), sizeof length);
        m_stream += metadata;
        m_stream += body;
    }

    std::vector<ArrowField> m_fields;
    bool m_isOldStyle;
    std::string m_stream;
};

} // namespace bitlathe::tests
