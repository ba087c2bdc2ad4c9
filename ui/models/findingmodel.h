// SPDX-License-Identifier: GPL-3.0-or-later
// FindingModel: what a run or comparison found out that must not be missed.
#pragma once

#include "core/base/finding.h"

#include <QAbstractTableModel>

namespace bitlathe::ui
{

/// Worst first stays with the caller: rows are in the given order. Severity under Qt::UserRole.
class FindingModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { SeverityColumn, Subject, Message, Advice, ColumnCount };

    explicit FindingModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void setFindings(Findings findings);
    void append(const Finding& finding);
    const Findings& findings() const { return m_findings; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    Findings m_findings;
};

} // namespace bitlathe::ui
