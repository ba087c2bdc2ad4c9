// SPDX-License-Identifier: GPL-3.0-or-later
// PlotPanel: a plot with its table twin, one key apart.
#include "ui/plots/plotpanel.h"

#include "ui/plots/plotwidget.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QHeaderView>
#include <QLocale>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace bitlathe::ui
{

void fillTable(QTableWidget& table, const PlotTable& numbers)
{
    constexpr qsizetype kRowsMax = 5000;
    const auto rows = static_cast<int>(std::min(numbers.rows.size(), kRowsMax));
    table.setColumnCount(static_cast<int>(numbers.header.size()));
    table.setHorizontalHeaderLabels(numbers.header);
    table.setRowCount(rows);
    for (int row = 0; row < rows; ++row) {
        for (int column = 0; column < numbers.rows[row].size(); ++column) {
            const QVariant& value = numbers.rows[row][column];
            auto* item = new QTableWidgetItem;
            if (value.typeId() == QMetaType::Double) {
                item->setText(QLocale().toString(value.toDouble(), 'g', 5));
                item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            } else if (value.typeId() == QMetaType::LongLong) {
                item->setText(QLocale().toString(value.toLongLong()));
                item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            } else {
                item->setText(value.toString());
            }
            table.setItem(row, column, item);
        }
    }
    table.resizeColumnsToContents();
}

PlotPanel::PlotPanel(PlotWidget* plot, QWidget* parent)
    : QWidget(parent), m_plot(plot), m_table(new QTableWidget(this)), m_switch(new QToolButton(this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_plot, 1);
    layout->addWidget(m_table, 1);
    auto* action = new QAction(tr("Show as table"), this);
    action->setCheckable(true);
    action->setShortcut(QKeySequence(QStringLiteral("Ctrl+T")));
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    addAction(action);
    m_switch->setDefaultAction(action);
    m_switch->setAutoRaise(true);
    m_switch->setToolButtonStyle(Qt::ToolButtonTextOnly);
    layout->addWidget(m_switch, 0, Qt::AlignRight);

    m_table->hide();
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->verticalHeader()->hide();
    m_table->setAlternatingRowColors(true);
    connect(action, &QAction::toggled, this, &PlotPanel::setShowsTable);
    connect(m_table, &QTableWidget::cellActivated, m_plot, [this](int row) { m_plot->activateRow(row); });
    connect(m_plot, &PlotWidget::tableChanged, this, [this] {
        m_stale = true;
        if (showsTable()) {
            refill();
        }
    });
}

bool PlotPanel::showsTable() const
{
    return m_switch->defaultAction()->isChecked();
}

void PlotPanel::setShowsTable(bool table)
{
    m_switch->defaultAction()->setChecked(table);
    if (table && m_stale) {
        refill();
    }
    m_table->setAccessibleName(m_plot->title());
    m_table->setVisible(table);
    m_plot->setVisible(!table);
}

void PlotPanel::refill()
{
    fillTable(*m_table, m_plot->table());
    m_stale = false;
}

} // namespace bitlathe::ui
