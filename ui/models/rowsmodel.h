// SPDX-License-Identifier: GPL-3.0-or-later
// RowsModel: what the tables of one thing a row have in common: roles, alignment, headers.
#pragma once

#include <QAbstractTableModel>

namespace bitlathe::ui
{

/// A subclass says what stands in its cells and above them; text is aligned left, numbers right. Raw values for sorting
/// under Qt::UserRole.
class RowsModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    int rowCount(const QModelIndex& parent = {}) const final;
    int columnCount(const QModelIndex& parent = {}) const final;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const final;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const final;

protected:
    virtual int rows() const = 0;
    virtual int columns() const = 0;
    virtual bool isNumber(int column) const = 0;
    virtual QString title(int column) const = 0;
    virtual QString help(int column) const = 0; ///< Of the column; empty: none.
    virtual QString text(int row, int column) const = 0;
    virtual QVariant raw(int row, int column) const = 0;
    /// Of other roles, such as icons; invalid: nothing.
    virtual QVariant extra(int /*row*/, int /*column*/, int /*role*/) const { return {}; }
};

} // namespace bitlathe::ui
