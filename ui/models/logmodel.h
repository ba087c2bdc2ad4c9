// SPDX-License-Identifier: GPL-3.0-or-later
// LogModel: the last lines of the log.
#pragma once

#include "core/base/log.h"

#include <QAbstractTableModel>

#include <deque>

namespace bitlathe::ui
{

/// A snapshot that pull() brings up to date; keeps as many lines as the engine's ring.
class LogModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Time, Level, Message, ColumnCount };
    static constexpr int OriginRole = Qt::UserRole + 1; ///< LogLine::origin.
    static constexpr std::size_t kKept = 20'000;

    explicit LogModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void pull(); ///< Appends lines that are new since the last call.
    const std::deque<LogLine>& lines() const { return m_lines; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::deque<LogLine> m_lines;
};

} // namespace bitlathe::ui
