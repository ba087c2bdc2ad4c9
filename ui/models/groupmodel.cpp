// SPDX-License-Identifier: GPL-3.0-or-later
// GroupModel.
#include "ui/models/groupmodel.h"

#include "ui/bridge/numbers.h"

#include <algorithm>
#include <numeric>

namespace bitlathe::ui
{

namespace
{

double valueOf(const quant::GroupParameters& group, int column)
{
    switch (column) {
    case GroupModel::Row: return group.row;
    case GroupModel::Group: return group.group;
    case GroupModel::Scale: return static_cast<double>(group.scale);
    case GroupModel::Zero: return group.zero;
    case GroupModel::Low: return static_cast<double>(group.low);
    case GroupModel::High: return static_cast<double>(group.high);
    case GroupModel::Saturated: return static_cast<double>(group.saturated);
    default: break;
    }
    return 0;
}

/// Equal ones stay in the order of the weight.
std::vector<std::uint32_t> orderOf(const std::vector<quant::GroupParameters>& groups, int column,
                                   Qt::SortOrder direction)
{
    std::vector<std::uint32_t> order(groups.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::stable_sort(order, [&](std::uint32_t a, std::uint32_t b) {
        const double first = valueOf(groups[a], column);
        const double second = valueOf(groups[b], column);
        return direction == Qt::AscendingOrder ? first < second : second < first;
    });
    return order;
}

} // namespace

void GroupModel::setGroups(GroupsPtr groups)
{
    m_sorting.cancel();
    beginResetModel();
    m_groups = std::move(groups);
    m_order.resize(m_groups ? m_groups->size() : 0);
    std::iota(m_order.begin(), m_order.end(), 0U);
    endResetModel();
    if (m_sorted != Row || m_direction != Qt::AscendingOrder) {
        sort(m_sorted, m_direction);
    }
}

void GroupModel::sort(int column, Qt::SortOrder order)
{
    m_sorted = column < 0 ? Row : column;
    m_direction = column < 0 ? Qt::AscendingOrder : order;
    if (!m_groups) {
        return;
    }
    m_sorting.start([groups = m_groups, by = m_sorted,
                     direction = m_direction](const std::stop_token&) { return orderOf(*groups, by, direction); },
                    [this](std::vector<std::uint32_t> sorted) {
                        Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
                        const QModelIndexList before = persistentIndexList();
                        QModelIndexList after;
                        for (const QModelIndex& index : before) {
                            const auto place =
                                std::ranges::find(sorted, m_order[static_cast<std::size_t>(index.row())]);
                            after << createIndex(static_cast<int>(place - sorted.begin()), index.column());
                        }
                        m_order = std::move(sorted);
                        changePersistentIndexList(before, after);
                        Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
                    });
}

QString GroupModel::title(int column) const
{
    switch (column) {
    case Row: return tr("Output row");
    case Group: return tr("Group");
    case Scale: return tr("Scale");
    case Zero: return tr("Zero point");
    case Low: return tr("Least value");
    case High: return tr("Largest value");
    case Saturated: return tr("Saturated");
    default: break;
    }
    return {};
}

QString GroupModel::help(int column) const
{
    switch (column) {
    case Group: return tr("Which of the row's groups of input columns");
    case Zero: return tr("The code that stands for 0");
    case Low:
    case High: return tr("That a weight of the group can take");
    case Saturated: return tr("Share of codes at the ends of their range");
    default: break;
    }
    return {};
}

QString GroupModel::text(int row, int column) const
{
    const quant::GroupParameters& shown = group(row);
    switch (column) {
    case Row: return formatCount(shown.row);
    case Group: return formatCount(shown.group);
    case Zero: return formatCount(shown.zero);
    case Saturated: return formatPercent(static_cast<double>(shown.saturated), 2);
    default: break;
    }
    return formatNumber(valueOf(shown, column), 4);
}

QVariant GroupModel::raw(int row, int column) const
{
    return valueOf(group(row), column);
}

} // namespace bitlathe::ui
