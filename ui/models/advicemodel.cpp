// SPDX-License-Identifier: GPL-3.0-or-later
// AdviceModel: ways to run a model on a device, the best first.
#include "ui/models/advicemodel.h"

#include "core/quant/quantizer.h"
#include "ui/bridge/numbers.h"
#include "ui/bridge/session.h"
#include "ui/theme/theme.h"

#include <QLocale>

namespace bitlathe::ui
{

namespace
{

Qt::Alignment sideOf(int column)
{
    const bool isNumber = column >= AdviceModel::Loss && column <= AdviceModel::Batch;
    return (isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter;
}

} // namespace

void AdviceModel::setOptions(std::vector<plan::AdviceOption> options)
{
    beginResetModel();
    m_options = std::move(options);
    endResetModel();
}

int AdviceModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_options.size());
}

int AdviceModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant AdviceModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const plan::AdviceOption& option = m_options[static_cast<std::size_t>(index.row())];
    const auto column = static_cast<Column>(index.column());
    switch (role) {
    case Qt::DisplayRole: return text(column, option);
    case Qt::UserRole: return raw(column, option);
    case Qt::DecorationRole:
        return column == Memory && !option.fits() ? QVariant(Theme::instance().icon(QStringLiteral("problem"), ColorId::VerdictBad)) : QVariant();
    case Qt::ToolTipRole:
        return column == Way ? QVariant(wayText(option))
            : column == Memory ? QVariant(tr("Weights %1, keys and values %2, activations %3, the program itself %4; the device has room for %5.")
                                               .arg(formatBytes(option.memory.bytesWeights), formatBytes(option.memory.bytesKv),
                                                   formatBytes(option.memory.bytesActivations), formatBytes(option.bytesRuntime), formatBytes(option.bytesUsable)))
                                : QVariant();
    case Qt::TextAlignmentRole: return QVariant::fromValue(sideOf(column));
    default: return {};
    }
}

QString AdviceModel::wayText(const plan::AdviceOption& option)
{
    if (!option.scheme) {
        return tr("16 bits, as it is");
    }
    const auto method = quant::findQuantizer(option.method);
    const QString name = method ? translated(Text((*method)->title())) : QString::fromStdString(option.method);
    //: A method and its scheme: "GPTQ, 4-bit, groups of 128"
    return tr("%1, %2").arg(name, schemeText(option.scheme->label()));
}

QVariant AdviceModel::raw(Column column, const plan::AdviceOption& option)
{
    switch (column) {
    case Memory: return static_cast<qulonglong>(option.bytes());
    case Context: return static_cast<qlonglong>(option.contextMax);
    case Batch: return static_cast<qlonglong>(option.batchMax);
    case Loss: return option.excess();
    default: return text(column, option);
    }
}

QString AdviceModel::text(Column column, const plan::AdviceOption& option)
{
    switch (column) {
    case Way: return wayText(option);
    case Format: return option.format.empty() ? QStringLiteral("\u2013") : QString::fromStdString(option.format);
    case Program: {
        const QString program = QString::fromStdString(option.runtime);
        return option.onGpu ? tr("%1, GPU").arg(program) : tr("%1, CPU").arg(program);
    }
    case Cache: return kvText(option.memory.kv);
    case Memory: return formatBytes(option.bytes());
    case Context: return formatCount(option.contextMax);
    case Batch: return formatCount(option.batchMax);
    case Loss: return QStringLiteral("+") + formatPercent(option.excess(), 2);
    case ColumnCount: break;
    }
    return {};
}

QVariant AdviceModel::headerData(int section, Qt::Orientation orientation, int role) const
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
        case Memory: return tr("Weights, keys and values, activations, and what the program takes itself.");
        case Context: return tr("Longest context that fits with this number of sequences, in tokens.");
        case Batch: return tr("Most sequences that fit with this context.");
        case Loss: return tr("Rise of perplexity to expect, as it was measured on the model of the nearest size.");
        default: return {};
        }
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (column) {
    case Way: return tr("Method");
    case Format: return tr("Format");
    case Program: return tr("Program");
    case Cache: return tr("Keys and values");
    case Memory: return tr("Memory");
    case Context: return tr("Longest context");
    case Batch: return tr("Sequences");
    case Loss: return tr("Perplexity");
    case ColumnCount: break;
    }
    return {};
}

} // namespace bitlathe::ui
