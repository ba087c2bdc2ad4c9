// SPDX-License-Identifier: GPL-3.0-or-later
// AdviceModel: ways to run a model on a device, the best first.
#pragma once

#include "core/plan/advice.h"

#include <QAbstractTableModel>

namespace bitlathe::ui
{

/// Raw values for sorting under Qt::UserRole. Where nothing fits the nearest way is the only row, and its memory is marked.
class AdviceModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Way, Program, Loss, Memory, Context, Batch, Format, Cache, ColumnCount };

    explicit AdviceModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void setOptions(std::vector<plan::AdviceOption> options);
    const std::vector<plan::AdviceOption>& options() const { return m_options; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    /// "GPTQ, 4-bit, groups of 128" in the window's language.
    static QString wayText(const plan::AdviceOption& option);

private:
    static QVariant raw(Column column, const plan::AdviceOption& option);
    static QString text(Column column, const plan::AdviceOption& option);

    std::vector<plan::AdviceOption> m_options;
};

} // namespace bitlathe::ui
