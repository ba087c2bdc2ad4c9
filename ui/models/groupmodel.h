// SPDX-License-Identifier: GPL-3.0-or-later
// GroupModel: scale, zero point and range of every group of one quantized layer.
#pragma once

#include "core/quant/groupparameters.h"
#include "ui/bridge/latesttask.h"
#include "ui/models/rowsmodel.h"

#include <memory>
#include <vector>

namespace bitlathe::ui
{

using GroupsPtr = std::shared_ptr<const std::vector<quant::GroupParameters>>;

/// A layer has some hundred thousand groups: sorting goes on in the background, and the newest order asked for counts.
class GroupModel : public RowsModel
{
    Q_OBJECT

public:
    enum Column { Row, Group, Scale, Zero, Low, High, Saturated, ColumnCount };

    explicit GroupModel(QObject* parent = nullptr) : RowsModel(parent) {}

    void setGroups(GroupsPtr groups); ///< Null: no rows.
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

protected:
    int rows() const override { return static_cast<int>(m_order.size()); }
    int columns() const override { return ColumnCount; }
    bool isNumber(int /*column*/) const override { return true; }
    QString title(int column) const override;
    QString help(int column) const override;
    QString text(int row, int column) const override;
    QVariant raw(int row, int column) const override;

private:
    const quant::GroupParameters& group(int row) const { return (*m_groups)[m_order[static_cast<std::size_t>(row)]]; }

    GroupsPtr m_groups;
    std::vector<std::uint32_t> m_order;
    int m_sorted = Row;
    Qt::SortOrder m_direction = Qt::AscendingOrder;
    LatestTask m_sorting{this};
};

} // namespace bitlathe::ui
