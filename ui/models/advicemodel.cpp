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

void AdviceModel::setOptions(std::vector<plan::AdviceOption> options)
{
    beginResetModel();
    m_options = std::move(options);
    endResetModel();
}

bool AdviceModel::isNumber(int column) const
{
    return column >= Loss && column <= Batch;
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

QVariant AdviceModel::raw(int row, int column) const
{
    const plan::AdviceOption& option = m_options[static_cast<std::size_t>(row)];
    switch (column) {
    case Memory: return static_cast<qulonglong>(option.bytes());
    case Context: return static_cast<qlonglong>(option.contextMax);
    case Batch: return static_cast<qlonglong>(option.batchMax);
    case Loss: return option.excess();
    default: return text(row, column);
    }
}

QString AdviceModel::text(int row, int column) const
{
    const plan::AdviceOption& option = m_options[static_cast<std::size_t>(row)];
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
    default: break;
    }
    return {};
}

QVariant AdviceModel::extra(int row, int column, int role) const
{
    const plan::AdviceOption& option = m_options[static_cast<std::size_t>(row)];
    if (role == Qt::DecorationRole && column == Memory && !option.fits()) {
        return Theme::instance().icon(QStringLiteral("problem"), ColorId::VerdictBad);
    }
    if (role == Qt::ToolTipRole && column == Way) {
        return wayText(option);
    }
    if (role == Qt::ToolTipRole && column == Memory) {
        return tr("Weights %1, keys and values %2, activations %3, the program itself %4; the device has room for %5.")
            .arg(formatBytes(option.memory.bytesWeights), formatBytes(option.memory.bytesKv), formatBytes(option.memory.bytesActivations),
                formatBytes(option.bytesRuntime), formatBytes(option.bytesUsable));
    }
    return {};
}

QString AdviceModel::title(int column) const
{
    switch (column) {
    case Way: return tr("Method");
    case Format: return tr("Format");
    case Program: return tr("Program");
    case Cache: return tr("Keys and values");
    case Memory: return tr("Memory");
    case Context: return tr("Longest context");
    case Batch: return tr("Sequences");
    case Loss: return tr("Perplexity");
    default: break;
    }
    return {};
}

QString AdviceModel::help(int column) const
{
    switch (column) {
    case Memory: return tr("Weights, keys and values, activations, and what the program takes itself.");
    case Context: return tr("Longest context that fits with this number of sequences, in tokens.");
    case Batch: return tr("Most sequences that fit with this context.");
    case Loss: return tr("Rise of perplexity to expect, as it was measured on the model of the nearest size.");
    default: return {};
    }
}

} // namespace bitlathe::ui
