// SPDX-License-Identifier: GPL-3.0-or-later
// TokenLossModel: the tokens whose prediction a model changed most, in context.
#include "ui/models/tokenlossmodel.h"

#include "ui/bridge/numbers.h"

namespace bitlathe::ui
{

namespace
{

/// A piece of text on one line, what cannot be seen made visible.
QString pieceText(const std::string& piece)
{
    QString text = QString::fromStdString(piece);
    text.replace(QLatin1Char('\n'), QStringLiteral("\u21b5"));
    text.replace(QLatin1Char('\t'), QStringLiteral("\u21e5"));
    text.replace(QLatin1Char('\r'), QStringLiteral("\u240d"));
    return text;
}

/// As pieceText() where blanks at the ends count, too.
QString tokenText(const std::string& token)
{
    return QStringLiteral("\u201c%1\u201d").arg(pieceText(token));
}

Qt::Alignment sideOf(int column)
{
    const bool isText = column >= TokenLossModel::Token && column <= TokenLossModel::ModelSays;
    return (isText ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter;
}

} // namespace

void TokenLossModel::setTokens(std::vector<evaluate::TokenLoss> tokens)
{
    beginResetModel();
    m_tokens = std::move(tokens);
    endResetModel();
}

int TokenLossModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_tokens.size());
}

int TokenLossModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant TokenLossModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const evaluate::TokenLoss& token = m_tokens[static_cast<std::size_t>(index.row())];
    const auto column = static_cast<Column>(index.column());
    switch (role) {
    case Qt::DisplayRole: return text(column, token);
    case Qt::ToolTipRole: return column == Before ? QVariant(pieceText(token.before)) : QVariant();
    case Qt::UserRole: return raw(column, token);
    case Qt::TextAlignmentRole: return QVariant::fromValue(sideOf(column));
    default: return {};
    }
}

QVariant TokenLossModel::raw(Column column, const evaluate::TokenLoss& token)
{
    switch (column) {
    case Divergence: return token.kl;
    case BaseProbability: return token.baseProbability;
    case ModelProbability: return token.modelProbability;
    case Place: return static_cast<qlonglong>((token.window << 24) + token.position);
    default: return text(column, token);
    }
}

QString TokenLossModel::text(Column column, const evaluate::TokenLoss& token)
{
    switch (column) {
    case Divergence: return formatNumber(token.kl, 3);
    case Before: return QStringLiteral("\u2026") + pieceText(token.before);
    case Token: return tokenText(token.token);
    case BaseSays: return tokenText(token.baseTop);
    case ModelSays: return tokenText(token.modelTop);
    case BaseProbability: return formatPercent(token.baseProbability);
    case ModelProbability: return formatPercent(token.modelProbability);
    case Place: return tr("%1, %2").arg(formatCount(token.window + 1), formatCount(token.position));
    case ColumnCount: break;
    }
    return {};
}

QVariant TokenLossModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    const auto column = static_cast<Column>(section);
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(sideOf(column));
    }
    if (role == Qt::ToolTipRole) {
        switch (column) {
        case Divergence: return tr("KL divergence of the model to the base at this token, in nats.");
        case Token: return tr("The token that the text has there.");
        case BaseSays: return tr("What the base holds most likely there.");
        case ModelSays: return tr("What the model holds most likely there.");
        case BaseProbability: return tr("Probability that the base gives the text's token.");
        case ModelProbability: return tr("Probability that the model gives the text's token.");
        case Place: return tr("Number of the window, and the token's place in it.");
        default: return {};
        }
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (column) {
    case Divergence: return tr("KL divergence");
    case Before: return tr("After");
    case Token: return tr("Text has");
    case BaseSays: return tr("Base says");
    case ModelSays: return tr("Model says");
    case BaseProbability: return tr("p, base");
    case ModelProbability: return tr("p, model");
    case Place: return tr("Window, place");
    case ColumnCount: break;
    }
    return {};
}

} // namespace bitlathe::ui
