// SPDX-License-Identifier: GPL-3.0-or-later
// RunSettingsModel: the settings of one run, or those in which several differ, side by side.
#pragma once

#include "core/plan/recipe.h"
#include "ui/models/rowsmodel.h"

#include <vector>

namespace bitlathe::ui
{

/// A row for each setting as a recipe writes it; a column for its name, then one for each run.
class RunSettingsModel : public RowsModel
{
    Q_OBJECT

public:
    struct Run
    {
        QString name;
        std::vector<plan::RecipeSetting> settings;
    };

    explicit RunSettingsModel(QObject* parent = nullptr) : RowsModel(parent) {}

    /// Of several runs only what is not the same in all.
    void setRuns(const std::vector<Run>& runs);

protected:
    int rows() const override { return static_cast<int>(m_rows.size()); }
    int columns() const override { return static_cast<int>(m_names.size()) + 1; }
    bool isNumber(int) const override { return false; }
    QString title(int column) const override;
    QString help(int) const override { return {}; }
    QString text(int row, int column) const override;
    QVariant raw(int row, int column) const override { return text(row, column); }
    QVariant extra(int row, int column, int role) const override;

private:
    QStringList m_names;
    std::vector<QStringList> m_rows; ///< Name, then the values.
};

} // namespace bitlathe::ui
