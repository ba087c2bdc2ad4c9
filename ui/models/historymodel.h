// SPDX-License-Identifier: GPL-3.0-or-later
// HistoryModel: all runs of this user.
#pragma once

#include "core/run/history.h"

#include <QAbstractTableModel>

namespace bitlathe::ui
{

/// Raw values for sorting under Qt::UserRole. Tags and notes can be edited: the signals ask for them
/// to be kept.
class HistoryModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column {
        Started,
        State,
        Model,
        Method,
        SchemeColumn,
        BitsPerWeight,
        Perplexity,
        KlMean,
        Findings,
        Duration,
        Tags,
        Note,
        ColumnCount
    };

    explicit HistoryModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void setEntries(std::vector<run::HistoryEntry> entries);
    const run::HistoryEntry* at(const QModelIndex& index) const;
    QModelIndex indexOf(RunId id) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

Q_SIGNALS:
    void noteEdited(bitlathe::RunId id, const QString& before, const QString& note);
    void tagsEdited(bitlathe::RunId id, const QString& before, const QString& tags);

private:
    std::vector<run::HistoryEntry> m_entries;
};

/// "Done", "Failed", ... in the window's language.
QString runStateText(run::RunState state);

} // namespace bitlathe::ui
