// SPDX-License-Identifier: GPL-3.0-or-later
// BudgetModel: the layers of a budget search with the scheme that each gets and what it costs the model.
#include "ui/models/budgetmodel.h"

#include "ui/bridge/numbers.h"

#include <QLocale>

#include <algorithm>

namespace bitlathe::ui
{

void BudgetModel::setChoice(BudgetSearchPtr search, const format::LinearSchemes& schemes)
{
    beginResetModel();
    m_rows.clear();
    m_total = 0;
    m_search = std::move(search);
    if (m_search) {
        const evaluate::Sensitivity& found = m_search->sensitivity();
        for (const evaluate::LayerSensitivity& layer : found.layers) {
            const auto& scheme = schemes.at(layer.layers.front().index());
            const auto place = scheme ? std::ranges::find(found.schemes, *scheme) : found.schemes.end();
            if (place != found.schemes.end()) {
                const auto index = static_cast<std::size_t>(place - found.schemes.begin());
                m_rows.push_back({&layer, &found.schemes[index], layer.effects[index]});
                m_total += layer.effects[index].kl;
            }
        }
    }
    endResetModel();
}

QModelIndex BudgetModel::indexOf(LayerId layer) const
{
    const auto found = std::ranges::find_if(
        m_rows, [layer](const Row& row) { return std::ranges::find(row.layer->layers, layer) != row.layer->layers.end(); });
    return found == m_rows.end() ? QModelIndex() : index(static_cast<int>(found - m_rows.begin()), 0);
}

int BudgetModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int BudgetModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant BudgetModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    const auto column = static_cast<Column>(index.column());
    switch (role) {
    case Qt::DisplayRole: return text(column, row);
    case Qt::UserRole: return raw(column, row);
    case LayerRole: return static_cast<qlonglong>(row.layer->layers.front().value());
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment((column == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
    default: return {};
    }
}

QVariant BudgetModel::raw(Column column, const Row& row) const
{
    switch (column) {
    case Name: return QString::fromStdString(row.layer->name);
    case Weights: return static_cast<qlonglong>(row.layer->weights);
    case Bits: return row.scheme->bits;
    case GroupSize: return static_cast<qlonglong>(row.scheme->groupSize);
    case OutputError: return row.effect.relativeError;
    case Divergence: return row.effect.kl;
    case Share: return m_total > 0 ? row.effect.kl / m_total : 0.0;
    case ColumnCount: break;
    }
    return {};
}

QString BudgetModel::text(Column column, const Row& row) const
{
    switch (column) {
    case Name: return QString::fromStdString(row.layer->name);
    case Weights: return formatCountShort(row.layer->weights);
    case Bits: return QLocale().toString(row.scheme->bits);
    case GroupSize: return groupSizeText(row.scheme->groupSize);
    case OutputError: return formatPercent(row.effect.relativeError);
    case Divergence: return formatNumber(row.effect.kl, 3);
    case Share: return formatPercent(raw(Share, row).toDouble());
    case ColumnCount: break;
    }
    return {};
}

QVariant BudgetModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    const auto column = static_cast<Column>(section);
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::Alignment((column == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
    }
    if (role == Qt::ToolTipRole) {
        switch (column) {
        case OutputError: return tr("Squared error of the layer's output, relative to the output's energy.");
        case Divergence: return tr("KL divergence of the model to the plain one, in nats, with this layer alone quantized so.");
        case Share: return tr("Share of this layer in the divergences of all.");
        default: return {};
        }
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (column) {
    case Name: return tr("Layer");
    case Weights: return tr("Weights");
    case Bits: return tr("Bits");
    case GroupSize: return tr("Group size");
    case OutputError: return tr("Output error");
    case Divergence: return tr("KL divergence");
    case Share: return tr("Share of it");
    case ColumnCount: break;
    }
    return {};
}

} // namespace bitlathe::ui
