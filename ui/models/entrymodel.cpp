// SPDX-License-Identifier: GPL-3.0-or-later
// EntryModel: short lists of things to open, each with a second line of facts.
#include "ui/models/entrymodel.h"

namespace bitlathe::ui
{

void EntryModel::setEntries(std::vector<Entry> entries)
{
    if (entries == m_entries) {
        return; // keeps the selection
    }
    beginResetModel();
    m_entries = std::move(entries);
    endResetModel();
}

int EntryModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

QVariant EntryModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount()) {
        return {};
    }
    const Entry& entry = m_entries[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole: return entry.title;
    case Qt::ToolTipRole: return entry.toolTip;
    case Qt::AccessibleTextRole: return QString(entry.title + QStringLiteral(", ") + entry.facts);
    case PayloadRole: return entry.payload;
    case FactsRole: return entry.facts;
    case KeyRole: return entry.key;
    case IconRole: return entry.icon;
    case ProblemRole: return entry.problem;
    default: return {};
    }
}

Qt::ItemFlags EntryModel::flags(const QModelIndex& index) const
{
    const Qt::ItemFlags plain = QAbstractListModel::flags(index);
    return index.isValid() ? plain | Qt::ItemNeverHasChildren : plain;
}

} // namespace bitlathe::ui
