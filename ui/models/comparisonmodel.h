// SPDX-License-Identifier: GPL-3.0-or-later
// ComparisonModel: a Comparison as a table, one row a figure, one column a model.
#pragma once

#include "ui/bridge/session.h"

#include <QAbstractTableModel>

namespace bitlathe::ui
{

/// Raw numbers under Qt::UserRole. A model is compared with the base: its own column says "base".
class ComparisonModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Row {
        Scheme, BitsPerWeight, SizeOnDisk, WeightsInMemory, PeakMemory, KvPerToken, Perplexity, Difference, KlMean, KlP99,
        SameTop, ChoiceAccuracy, SameTexts, Repeated, TokensPerSecond, RowCount,
    };

    explicit ComparisonModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void setComparison(ComparisonPtr comparison);
    const ComparisonPtr& comparison() const { return m_comparison; }
    /// Whether the comparison was asked for this figure.
    bool isAsked(Row row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString text(Row row, const evaluate::ComparedModel& model, bool isBase) const;
    QVariant raw(Row row, const evaluate::ComparedModel& model) const;
    static QString rowTitle(Row row);
    static QString rowHelp(Row row);
    static QString rowTopic(Row row);

    ComparisonPtr m_comparison;
};

} // namespace bitlathe::ui
