// SPDX-License-Identifier: GPL-3.0-or-later
// BudgetModel: the layers of a budget search with the scheme that each gets and what it costs the model.
#pragma once

#include "ui/bridge/session.h"
#include "ui/models/rowsmodel.h"

namespace bitlathe::ui
{

/// Raw values for sorting under Qt::UserRole, the LayerId under LayerRole: of experts that get one scheme the first's.
class BudgetModel : public RowsModel
{
    Q_OBJECT

public:
    enum Column { Name, Weights, Bits, GroupSize, OutputError, Divergence, Share, ColumnCount };
    static constexpr int LayerRole = Qt::UserRole + 1;

    explicit BudgetModel(QObject* parent = nullptr) : RowsModel(parent) {}

    /// search null: no rows. schemes: of every linear, from a choice of this search.
    void setChoice(BudgetSearchPtr search, const format::LinearSchemes& schemes);
    QModelIndex indexOf(LayerId layer) const;

protected:
    int rows() const override { return static_cast<int>(m_rows.size()); }
    int columns() const override { return ColumnCount; }
    bool isNumber(int column) const override;
    QString title(int column) const override;
    QString help(int column) const override;
    QString text(int row, int column) const override;
    QVariant raw(int row, int column) const override;
    QVariant extra(int row, int column, int role) const override;

private:
    /// A layer of the search and which of its schemes it got.
    struct Row
    {
        const evaluate::LayerSensitivity* layer = nullptr;
        const quant::Scheme* scheme = nullptr;
        evaluate::SchemeEffect effect;
    };

    BudgetSearchPtr m_search;
    std::vector<Row> m_rows;
    double m_total = 0; ///< Divergences of all rows, nats.
};

} // namespace bitlathe::ui
