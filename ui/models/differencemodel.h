// SPDX-License-Identifier: GPL-3.0-or-later
// DifferenceModel: the tensors of two model folders, and how far they are from each other.
#pragma once

#include "ui/bridge/session.h"
#include "ui/models/rowsmodel.h"

namespace bitlathe::ui
{

class DifferenceModel : public RowsModel
{
    Q_OBJECT

public:
    enum Column { Name, Shape, First, Second, Relative, Largest, Cosine, ColumnCount };

    explicit DifferenceModel(QObject* parent = nullptr) : RowsModel(parent) {}

    void setDifferences(DifferencesPtr differences); ///< Null: no rows.
    const format::TensorDifference& tensor(int row) const { return m_differences->found.tensors[static_cast<std::size_t>(row)]; }

protected:
    int rows() const override { return m_differences ? static_cast<int>(m_differences->found.tensors.size()) : 0; }
    int columns() const override { return ColumnCount; }
    bool isNumber(int column) const override { return column >= Relative || column == Shape; }
    QString title(int column) const override;
    QString help(int column) const override;
    QString text(int row, int column) const override;
    QVariant raw(int row, int column) const override;

private:
    DifferencesPtr m_differences;
};

} // namespace bitlathe::ui
