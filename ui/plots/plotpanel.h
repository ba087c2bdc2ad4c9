// SPDX-License-Identifier: GPL-3.0-or-later
// PlotPanel: a plot with its table twin, one key apart.
#pragma once

#include <QWidget>

class QTableWidget;
class QToolButton;

namespace bitlathe::ui
{

class PlotWidget;
struct PlotTable;

/// Numbers in the locale, right-aligned; no more than 5000 rows.
void fillTable(QTableWidget& table, const PlotTable& numbers);

/// Shows a plot, or its numbers as a table. The button (and Ctrl+T while the focus is inside) switches.
class PlotPanel : public QWidget
{
    Q_OBJECT

public:
    explicit PlotPanel(PlotWidget* plot, QWidget* parent = nullptr);
    bool showsTable() const;
    void setShowsTable(bool table);
    PlotWidget* plot() const { return m_plot; }

private:
    void refill();

    PlotWidget* m_plot;
    QTableWidget* m_table;
    QToolButton* m_switch;
    bool m_stale = true;
};

} // namespace bitlathe::ui
