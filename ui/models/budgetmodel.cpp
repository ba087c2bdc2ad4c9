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

bool BudgetModel::isNumber(int column) const
{
    return column != Name;
}

QVariant BudgetModel::raw(int row, int column) const
{
    const Row& chosen = m_rows[static_cast<std::size_t>(row)];
    switch (column) {
    case Name: return QString::fromStdString(chosen.layer->name);
    case Weights: return static_cast<qlonglong>(chosen.layer->weights);
    case Bits: return chosen.scheme->bits;
    case GroupSize: return static_cast<qlonglong>(chosen.scheme->groupSize);
    case OutputError: return chosen.effect.relativeError;
    case Divergence: return chosen.effect.kl;
    case Share: return m_total > 0 ? chosen.effect.kl / m_total : 0.0;
    default: break;
    }
    return {};
}

QString BudgetModel::text(int row, int column) const
{
    const Row& chosen = m_rows[static_cast<std::size_t>(row)];
    switch (column) {
    case Name: return QString::fromStdString(chosen.layer->name);
    case Weights: return formatCountShort(chosen.layer->weights);
    case Bits: return QLocale().toString(chosen.scheme->bits);
    case GroupSize: return groupSizeText(chosen.scheme->groupSize);
    case OutputError: return formatPercent(chosen.effect.relativeError);
    case Divergence: return formatNumber(chosen.effect.kl, 3);
    case Share: return formatPercent(raw(row, Share).toDouble());
    default: break;
    }
    return {};
}

QVariant BudgetModel::extra(int row, int /*column*/, int role) const
{
    return role == LayerRole ? QVariant(static_cast<qlonglong>(m_rows[static_cast<std::size_t>(row)].layer->layers.front().value())) : QVariant();
}

QString BudgetModel::title(int column) const
{
    switch (column) {
    case Name: return tr("Layer");
    case Weights: return tr("Weights");
    case Bits: return tr("Bits");
    case GroupSize: return tr("Group size");
    case OutputError: return tr("Output error");
    case Divergence: return tr("KL divergence");
    case Share: return tr("Share of it");
    default: break;
    }
    return {};
}

QString BudgetModel::help(int column) const
{
    switch (column) {
    case OutputError: return tr("Squared error of the layer's output, relative to the output's energy.");
    case Divergence: return tr("KL divergence of the model to the plain one, in nats, with this layer alone quantized so.");
    case Share: return tr("Share of this layer in the divergences of all.");
    default: return {};
    }
}

} // namespace bitlathe::ui
