// SPDX-License-Identifier: GPL-3.0-or-later
// LogDock: the log with a filter.
#pragma once

#include <QDockWidget>

class QComboBox;
class QLineEdit;
class QSortFilterProxyModel;
class QTableView;
class QTimer;

namespace bitlathe::ui
{

class LogModel;

class LogDock : public QDockWidget
{
    Q_OBJECT

public:
    explicit LogDock(QWidget* parent = nullptr);

private:
    void pull();
    void copy();

    LogModel* m_model;
    QSortFilterProxyModel* m_proxy;
    QTableView* m_table;
    QLineEdit* m_filter;
    QComboBox* m_level;
    QTimer* m_timer;
};

} // namespace bitlathe::ui
