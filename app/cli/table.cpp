// SPDX-License-Identifier: Apache-2.0
// Table: columns of text, aligned, printed whole or row by row.
#include "app/cli/table.h"

#include <algorithm>

namespace bitlathe::cli
{

namespace
{

/// Whether a code point takes two columns: CJK, kana, hangul, full-width forms.
bool isWide(char32_t c)
{
    return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
           (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
}

} // namespace

std::size_t displayWidth(std::string_view text)
{
    std::size_t width = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        char32_t point = length == 1 ? lead : lead & (0x7FU >> length);
        for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
            point = (point << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
        }
        width += isWide(point) ? 2 : 1;
        i += length;
    }
    return width;
}

Table::Table(std::vector<Column> columns) : m_columns(std::move(columns))
{
    for (Column& column : m_columns) {
        column.width = std::max(column.width, displayWidth(column.title));
    }
}

void Table::add(std::vector<std::string> cells)
{
    cells.resize(m_columns.size());
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        m_columns[i].width = std::max(m_columns[i].width, displayWidth(cells[i]));
    }
    m_rows.push_back(std::move(cells));
}

std::string Table::line(const std::vector<std::string>& cells) const
{
    std::string text;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        const std::string cell = i < cells.size() ? cells[i] : std::string();
        const std::size_t used = displayWidth(cell);
        const std::string gap(m_columns[i].width > used ? m_columns[i].width - used : 0, ' ');
        text += (i == 0 ? "" : "  ") + (m_columns[i].right ? gap + cell : cell + gap);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + '\n';
}

std::string Table::header() const
{
    std::vector<std::string> titles;
    std::size_t width = 2 * (m_columns.size() - 1);
    for (const Column& column : m_columns) {
        titles.push_back(column.title);
        width += column.width;
    }
    std::string rule;
    for (std::size_t i = 0; i < width; ++i) {
        rule += "─";
    }
    return line(titles) + rule + '\n';
}

std::string Table::row(const std::vector<std::string>& cells) const
{
    return line(cells);
}

std::string Table::text() const
{
    std::string all = header();
    for (const auto& cells : m_rows) {
        all += line(cells);
    }
    return all;
}

} // namespace bitlathe::cli
