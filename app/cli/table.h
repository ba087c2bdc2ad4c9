// SPDX-License-Identifier: Apache-2.0
// Table: columns of text, aligned, printed whole or row by row.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bitlathe::cli
{

/// Columns that text takes on a terminal: characters, wide ones (such as Chinese) counted as two.
std::size_t displayWidth(std::string_view text);

struct Column
{
    std::string title;
    bool right = false;    ///< Numbers.
    std::size_t width = 0; ///< At least this; needed where rows are printed before all are known.
};

/// Rows of cells under a header. Rows are printed with the widths known when they are printed.
class Table
{
public:
    explicit Table(std::vector<Column> columns);

    void add(std::vector<std::string> cells);
    std::string header() const;
    std::string row(const std::vector<std::string>& cells) const;
    std::string text() const; ///< Header and all rows.

private:
    std::string line(const std::vector<std::string>& cells) const;

    std::vector<Column> m_columns;
    std::vector<std::vector<std::string>> m_rows;
};

} // namespace bitlathe::cli
