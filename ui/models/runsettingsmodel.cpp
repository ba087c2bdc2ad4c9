// SPDX-License-Identifier: GPL-3.0-or-later
// RunSettingsModel: the settings of one run, or those in which several differ, side by side.
#include "ui/models/runsettingsmodel.h"

#include "ui/bridge/session.h"

#include <algorithm>

namespace bitlathe::ui
{

void RunSettingsModel::setRuns(const std::vector<Run>& runs)
{
    beginResetModel();
    m_names.clear();
    m_rows.clear();
    for (std::size_t i = 0; i < runs.size(); ++i) {
        m_names << runs[i].name;
        for (const plan::RecipeSetting& setting : runs[i].settings) {
            const QString name = toText(setting.name);
            auto row = std::ranges::find(m_rows, name, [](const QStringList& one) { return one.front(); });
            if (row == m_rows.end()) {
                m_rows.push_back(QStringList{name} + QStringList(static_cast<qsizetype>(runs.size())));
                row = m_rows.end() - 1;
            }
            (*row)[static_cast<qsizetype>(i) + 1] = toText(setting.value);
        }
    }
    if (runs.size() > 1) {
        std::erase_if(m_rows, [](const QStringList& row) { return row.mid(1).count(row[1]) == row.size() - 1; });
    }
    endResetModel();
}

QString RunSettingsModel::title(int column) const
{
    return column == 0 ? tr("Setting") : m_names.value(column - 1);
}

QString RunSettingsModel::text(int row, int column) const
{
    return m_rows[static_cast<std::size_t>(row)][column];
}

QVariant RunSettingsModel::extra(int row, int column, int role) const
{
    return role == Qt::ToolTipRole ? QVariant(text(row, column)) : QVariant();
}

} // namespace bitlathe::ui
