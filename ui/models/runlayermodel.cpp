// SPDX-License-Identifier: GPL-3.0-or-later
// RunLayerModel: the layers of a run with their errors, growing while the run goes on.
#include "ui/models/runlayermodel.h"

#include "ui/bridge/numbers.h"
#include "ui/bridge/session.h"
#include "ui/theme/theme.h"

#include <QLocale>

namespace bitlathe::ui
{

namespace
{

QIcon verdictIcon(quant::Verdict verdict)
{
    const Theme& theme = Theme::instance();
    switch (verdict) {
    case quant::Verdict::Fine: return theme.icon(QStringLiteral("fine"), ColorId::VerdictFine);
    case quant::Verdict::Watch: return theme.icon(QStringLiteral("watch"), ColorId::VerdictWatch);
    case quant::Verdict::Bad: return theme.icon(QStringLiteral("problem"), ColorId::VerdictBad);
    }
    return {};
}

} // namespace

void RunLayerModel::setLayers(std::vector<run::LayerRecord> layers)
{
    beginResetModel();
    m_layers = std::move(layers);
    endResetModel();
}

void RunLayerModel::append(const run::LayerRecord& layer)
{
    const int row = static_cast<int>(m_layers.size());
    beginInsertRows({}, row, row);
    m_layers.push_back(layer);
    endInsertRows();
}

QModelIndex RunLayerModel::indexOf(LayerId layer) const
{
    for (std::size_t row = 0; row < m_layers.size(); ++row) {
        if (m_layers[row].layer == layer) {
            return index(static_cast<int>(row), 0);
        }
    }
    return {};
}

int RunLayerModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_layers.size());
}

int RunLayerModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RunLayerModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const run::LayerRecord& layer = m_layers[static_cast<std::size_t>(index.row())];
    const auto column = static_cast<Column>(index.column());
    switch (role) {
    case Qt::DisplayRole: return text(column, layer);
    case Qt::UserRole: return raw(column, layer);
    case LayerRole: return static_cast<qlonglong>(layer.layer.value());
    case Qt::DecorationRole:
        return column == VerdictColumn && layer.scheme ? QVariant(verdictIcon(quant::verdict(layer.quality.relativeError))) : QVariant();
    case Qt::TextAlignmentRole: {
        const auto side = column == Name || column == VerdictColumn ? Qt::AlignLeft : Qt::AlignRight;
        return QVariant::fromValue(Qt::Alignment(side | Qt::AlignVCenter));
    }
    default: return {};
    }
}

QVariant RunLayerModel::raw(Column column, const run::LayerRecord& layer)
{
    switch (column) {
    case Name: return QString::fromStdString(layer.name);
    case Bits: return layer.scheme ? layer.scheme->bits : 0;
    case GroupSize: return static_cast<qlonglong>(layer.scheme ? layer.scheme->groupSize : 0);
    case OutputError:
    case VerdictColumn: return layer.quality.relativeError;
    case Loss: return layer.quality.loss;
    case Saturated: return layer.quality.saturated;
    case Outliers: return layer.hasOutlierShare() ? layer.quality.outlierShare : -1.0; // Before layers that have a share of 0.
    case Seconds: return layer.seconds;
    case ColumnCount: break;
    }
    return {};
}

QString RunLayerModel::text(Column column, const run::LayerRecord& layer)
{
    const QString none = QStringLiteral("\u2013");
    if (!layer.scheme && column != Name) {
        return column == Bits ? tr("kept") : none;
    }
    switch (column) {
    case Name: return QString::fromStdString(layer.name);
    case Bits: return QLocale().toString(layer.scheme->bits);
    case GroupSize: return groupSizeText(layer.scheme->groupSize);
    case OutputError: return formatPercent(layer.quality.relativeError);
    case VerdictColumn: return verdictWord(quant::verdict(layer.quality.relativeError));
    case Loss: return layer.quality.fromStatistics ? formatNumber(layer.quality.loss) : none;
    case Saturated: return formatPercent(layer.quality.saturated);
    case Outliers: return layer.hasOutlierShare() ? formatPercent(layer.quality.outlierShare) : none;
    case Seconds: return formatNumber(layer.seconds, 2);
    case ColumnCount: break;
    }
    return {};
}

QVariant RunLayerModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    const auto column = static_cast<Column>(section);
    if (role == Qt::TextAlignmentRole) {
        const auto side = column == Name || column == VerdictColumn ? Qt::AlignLeft : Qt::AlignRight;
        return QVariant::fromValue(Qt::Alignment(side | Qt::AlignVCenter));
    }
    if (role == Qt::ToolTipRole) {
        switch (column) {
        case OutputError: return tr("Squared error of the layer's output, relative to the output's energy.");
        case Loss: return tr("Squared error of the layer's output for one token of the calibration text.");
        case Saturated: return tr("Share of codes at the ends of their range.");
        case Outliers: return tr("Share of the layer's input columns that LLM.int8() leaves in 16 bits: they reach the threshold in the calibration text.");
        default: return {};
        }
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (column) {
    case Name: return tr("Layer");
    case Bits: return tr("Bits");
    case GroupSize: return tr("Group size");
    case OutputError: return tr("Output error");
    case VerdictColumn: return tr("Verdict");
    case Loss: return tr("Loss");
    case Saturated: return tr("Saturated");
    case Outliers: return tr("Outlier columns");
    case Seconds: return tr("Time (s)");
    case ColumnCount: break;
    }
    return {};
}

} // namespace bitlathe::ui
