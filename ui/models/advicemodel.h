// SPDX-License-Identifier: GPL-3.0-or-later
// AdviceModel: ways to run a model on a device, the best first.
#pragma once

#include "core/plan/advice.h"
#include "ui/models/rowsmodel.h"

namespace bitlathe::ui
{

/// Raw values for sorting under Qt::UserRole. Where nothing fits the nearest way is the only row, and its memory is marked.
class AdviceModel : public RowsModel
{
    Q_OBJECT

public:
    enum Column { Way, Program, Loss, Memory, Context, Batch, Format, Cache, ColumnCount };

    explicit AdviceModel(QObject* parent = nullptr) : RowsModel(parent) {}

    void setOptions(std::vector<plan::AdviceOption> options);
    const std::vector<plan::AdviceOption>& options() const { return m_options; }

    /// "GPTQ, 4-bit, groups of 128" in the window's language.
    static QString wayText(const plan::AdviceOption& option);

protected:
    int rows() const override { return static_cast<int>(m_options.size()); }
    int columns() const override { return ColumnCount; }
    bool isNumber(int column) const override;
    QString title(int column) const override;
    QString help(int column) const override;
    QString text(int row, int column) const override;
    QVariant raw(int row, int column) const override;
    QVariant extra(int row, int column, int role) const override;

private:
    std::vector<plan::AdviceOption> m_options;
};

} // namespace bitlathe::ui
