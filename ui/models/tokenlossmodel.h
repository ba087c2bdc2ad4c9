// SPDX-License-Identifier: GPL-3.0-or-later
// TokenLossModel: the tokens whose prediction a model changed most, in context.
#pragma once

#include "core/evaluate/tokenloss.h"
#include "ui/models/rowsmodel.h"

namespace bitlathe::ui
{

/// Raw values for sorting under Qt::UserRole.
class TokenLossModel : public RowsModel
{
    Q_OBJECT

public:
    enum Column { Divergence, Before, Token, BaseSays, ModelSays, BaseProbability, ModelProbability, Place, ColumnCount };

    explicit TokenLossModel(QObject* parent = nullptr) : RowsModel(parent) {}

    void setTokens(std::vector<evaluate::TokenLoss> tokens);

protected:
    int rows() const override { return static_cast<int>(m_tokens.size()); }
    int columns() const override { return ColumnCount; }
    bool isNumber(int column) const override;
    QString title(int column) const override;
    QString help(int column) const override;
    QString text(int row, int column) const override;
    QVariant raw(int row, int column) const override;
    QVariant extra(int row, int column, int role) const override;

private:
    std::vector<evaluate::TokenLoss> m_tokens;
};

} // namespace bitlathe::ui
