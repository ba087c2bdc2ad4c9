// SPDX-License-Identifier: GPL-3.0-or-later
// BudgetModel: the layers of a budget search with the scheme that each gets and what it costs the model.
#pragma once

#include "ui/bridge/session.h"

#include <QAbstractTableModel>

namespace bitlathe::ui
{

/// Raw values for sorting under Qt::UserRole, the LayerId under LayerRole: of experts that get one scheme the first's.
class BudgetModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, Weights, Bits, GroupSize, OutputError, Divergence, Share, ColumnCount };
    static constexpr int LayerRole = Qt::UserRole + 1;

    explicit BudgetModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    /// search null: no rows. schemes: of every linear, from a choice of this search.
    void setChoice(BudgetSearchPtr search, const format::LinearSchemes& schemes);
    QModelIndex indexOf(LayerId layer) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    /// A layer of the search and which of its schemes it got.
    struct Row
    {
        const evaluate::LayerSensitivity* layer = nullptr;
        const quant::Scheme* scheme = nullptr;
        evaluate::SchemeEffect effect;
    };

    QVariant raw(Column column, const Row& row) const;
    QString text(Column column, const Row& row) const;

    BudgetSearchPtr m_search;
    std::vector<Row> m_rows;
    double m_total = 0; ///< Divergences of all rows, nats.
};

} // namespace bitlathe::ui
