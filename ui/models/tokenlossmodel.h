// SPDX-License-Identifier: GPL-3.0-or-later
// TokenLossModel: the tokens whose prediction a model changed most, in context.
#pragma once

#include "core/evaluate/tokenloss.h"

#include <QAbstractTableModel>

namespace bitlathe::ui
{

/// Raw values for sorting under Qt::UserRole.
class TokenLossModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Divergence, Before, Token, BaseSays, ModelSays, BaseProbability, ModelProbability, Place, ColumnCount };

    explicit TokenLossModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void setTokens(std::vector<evaluate::TokenLoss> tokens);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    static QVariant raw(Column column, const evaluate::TokenLoss& token);
    static QString text(Column column, const evaluate::TokenLoss& token);

    std::vector<evaluate::TokenLoss> m_tokens;
};

} // namespace bitlathe::ui
