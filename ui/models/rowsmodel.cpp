// SPDX-License-Identifier: GPL-3.0-or-later
// RowsModel: what the tables of one thing a row have in common: roles, alignment, headers.
#include "ui/models/rowsmodel.h"

namespace bitlathe::ui
{

namespace
{

QVariant aligned(bool isNumber)
{
    return QVariant::fromValue(Qt::Alignment((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
}

} // namespace

int RowsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : rows();
}

int RowsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : columns();
}

QVariant RowsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    switch (role) {
    case Qt::DisplayRole: return text(index.row(), index.column());
    case Qt::UserRole: return raw(index.row(), index.column());
    case Qt::TextAlignmentRole: return aligned(isNumber(index.column()));
    default: return extra(index.row(), index.column(), role);
    }
}

QVariant RowsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    switch (role) {
    case Qt::DisplayRole: return title(section);
    case Qt::TextAlignmentRole: return aligned(isNumber(section));
    case Qt::ToolTipRole: {
        const QString sentence = help(section);
        return sentence.isEmpty() ? QVariant() : QVariant(sentence);
    }
    default: return {};
    }
}

} // namespace bitlathe::ui
