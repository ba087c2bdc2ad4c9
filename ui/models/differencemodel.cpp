// SPDX-License-Identifier: GPL-3.0-or-later
// DifferenceModel: the tensors of two model folders, and how far they are from each other.
#include "ui/models/differencemodel.h"

#include "ui/bridge/numbers.h"

#include <QLocale>

namespace bitlathe::ui
{

void DifferenceModel::setDifferences(DifferencesPtr differences)
{
    beginResetModel();
    m_differences = std::move(differences);
    endResetModel();
}

QString DifferenceModel::title(int column) const
{
    switch (column) {
    case Name: return tr("Tensor");
    case Shape: return tr("Shape");
    case First: return tr("In the base");
    case Second: return tr("In the other");
    case Relative: return tr("Difference");
    case Largest: return tr("Largest");
    case Cosine: return tr("Cosine");
    default: break;
    }
    return {};
}

QString DifferenceModel::help(int column) const
{
    switch (column) {
    case Relative: return tr("Root of the sum of squared differences by that of the base's squares");
    case Largest: return tr("The largest difference of two values");
    case Cosine: return tr("Of the angle between both tensors as vectors: 1 where only the length differs");
    default: break;
    }
    return {};
}

QString DifferenceModel::text(int row, int column) const
{
    const format::TensorDifference& shown = tensor(row);
    switch (column) {
    case Name: return toText(shown.name);
    case Shape: {
        QStringList sizes;
        for (const std::int64_t size : shown.shape) {
            sizes << QString::number(size);
        }
        return sizes.join(QStringLiteral(" × "));
    }
    case First: return schemeText(shown.typeA);
    case Second: return schemeText(shown.typeB);
    case Relative: return shown.equal ? tr("equal") : formatPercent(shown.relative);
    case Largest: return formatNumber(shown.absMax, 3);
    case Cosine: return formatFixed(shown.cosine, 6);
    default: break;
    }
    return {};
}

QVariant DifferenceModel::raw(int row, int column) const
{
    const format::TensorDifference& shown = tensor(row);
    switch (column) {
    case Shape: {
        qlonglong elements = 1;
        for (const std::int64_t size : shown.shape) {
            elements *= size;
        }
        return elements;
    }
    case Relative: return shown.equal ? -1.0 : shown.relative;
    case Largest: return shown.absMax;
    case Cosine: return shown.cosine;
    default: break;
    }
    return text(row, column);
}

} // namespace bitlathe::ui
