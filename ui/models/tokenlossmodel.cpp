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

} // namespace

void TokenLossModel::setTokens(std::vector<evaluate::TokenLoss> tokens)
{
    beginResetModel();
    m_tokens = std::move(tokens);
    endResetModel();
}

bool TokenLossModel::isNumber(int column) const
{
    return column < Token || column > ModelSays;
}

QVariant TokenLossModel::raw(int row, int column) const
{
    const evaluate::TokenLoss& token = m_tokens[static_cast<std::size_t>(row)];
    switch (column) {
    case Divergence: return token.kl;
    case BaseProbability: return token.baseProbability;
    case ModelProbability: return token.modelProbability;
    case Place: return static_cast<qlonglong>((token.window << 24) + token.position);
    default: return text(row, column);
    }
}

QString TokenLossModel::text(int row, int column) const
{
    const evaluate::TokenLoss& token = m_tokens[static_cast<std::size_t>(row)];
    switch (column) {
    case Divergence: return formatNumber(token.kl, 3);
    case Before: return QStringLiteral("\u2026") + pieceText(token.before);
    case Token: return tokenText(token.token);
    case BaseSays: return tokenText(token.baseTop);
    case ModelSays: return tokenText(token.modelTop);
    case BaseProbability: return formatPercent(token.baseProbability);
    case ModelProbability: return formatPercent(token.modelProbability);
    case Place: return tr("%1, %2").arg(formatCount(token.window + 1), formatCount(token.position));
    default: break;
    }
    return {};
}

QVariant TokenLossModel::extra(int row, int column, int role) const
{
    return role == Qt::ToolTipRole && column == Before ? QVariant(pieceText(m_tokens[static_cast<std::size_t>(row)].before)) : QVariant();
}

QString TokenLossModel::title(int column) const
{
    switch (column) {
    case Divergence: return tr("KL divergence");
    case Before: return tr("After");
    case Token: return tr("Text has");
    case BaseSays: return tr("Base says");
    case ModelSays: return tr("Model says");
    case BaseProbability: return tr("p, base");
    case ModelProbability: return tr("p, model");
    case Place: return tr("Window, place");
    default: break;
    }
    return {};
}

QString TokenLossModel::help(int column) const
{
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

} // namespace bitlathe::ui
