// SPDX-License-Identifier: GPL-3.0-or-later
// LogView: lines of the log with a filter; the dock that shows all of them.
#pragma once

#include <QDockWidget>

#include <cstdint>
#include <optional>

class QComboBox;
class QLineEdit;
class QTableView;
class QTimer;

namespace bitlathe::ui
{

class LogFilter;
class LogModel;

/// Follows the log while it is seen.
class LogView : public QWidget
{
    Q_OBJECT

public:
    explicit LogView(const QString& accessibleName, QWidget* parent = nullptr);

    /// Only lines of this origin, such as a job's number; nothing: all.
    void setOrigin(std::optional<std::int64_t> origin);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void pull();
    void copy();

    LogModel* m_model;
    LogFilter* m_proxy;
    QTableView* m_table;
    QLineEdit* m_filter;
    QComboBox* m_level;
    QTimer* m_timer;
};

class LogDock : public QDockWidget
{
    Q_OBJECT

public:
    explicit LogDock(QWidget* parent = nullptr);
};

} // namespace bitlathe::ui
