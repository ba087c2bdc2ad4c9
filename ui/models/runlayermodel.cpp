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

ColorId verdictColour(quant::Verdict verdict)
{
    switch (verdict) {
    case quant::Verdict::Fine: return ColorId::VerdictFine;
    case quant::Verdict::Watch: return ColorId::VerdictWatch;
    case quant::Verdict::Bad: return ColorId::VerdictBad;
    }
    return ColorId::Text;
}

QString verdictIcon(quant::Verdict verdict)
{
    switch (verdict) {
    case quant::Verdict::Fine: return QStringLiteral("fine");
    case quant::Verdict::Watch: return QStringLiteral("watch");
    case quant::Verdict::Bad: return QStringLiteral("problem");
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

bool RunLayerModel::isNumber(int column) const
{
    return column != Name && column != VerdictColumn;
}

QVariant RunLayerModel::raw(int row, int column) const
{
    const run::LayerRecord& layer = m_layers[static_cast<std::size_t>(row)];
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
    default: break;
    }
    return {};
}

QString RunLayerModel::text(int row, int column) const
{
    const run::LayerRecord& layer = m_layers[static_cast<std::size_t>(row)];
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
    default: break;
    }
    return {};
}

QVariant RunLayerModel::extra(int row, int column, int role) const
{
    const run::LayerRecord& layer = m_layers[static_cast<std::size_t>(row)];
    if (role == LayerRole) {
        return static_cast<qlonglong>(layer.layer.value());
    }
    // The verdict's colour marks the figures that it comes from; its symbol and word say the same without colour.
    const bool marked = column == VerdictColumn || column == OutputError || (column == Loss && layer.quality.fromStatistics);
    if (!layer.scheme || !marked) {
        return {};
    }
    const quant::Verdict verdict = quant::verdict(layer.quality.relativeError);
    if (role == Qt::ForegroundRole) {
        return Theme::instance().color(verdictColour(verdict));
    }
    if (role == Qt::DecorationRole && column == VerdictColumn) {
        return Theme::instance().icon(verdictIcon(verdict), verdictColour(verdict));
    }
    return {};
}

QString RunLayerModel::title(int column) const
{
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
    default: break;
    }
    return {};
}

QString RunLayerModel::help(int column) const
{
    switch (column) {
    case OutputError: return tr("Squared error of the layer's output, relative to the output's energy.");
    case Loss: return tr("Squared error of the layer's output for one token of the calibration text.");
    case Saturated: return tr("Share of codes at the ends of their range.");
    case Outliers: return tr("Share of the layer's input columns that LLM.int8() leaves in 16 bits: they reach the threshold in the calibration text.");
    default: return {};
    }
}

} // namespace bitlathe::ui
