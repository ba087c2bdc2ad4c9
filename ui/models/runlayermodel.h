// SPDX-License-Identifier: GPL-3.0-or-later
// RunLayerModel: the layers of a run with their errors, growing while the run goes on.
#pragma once

#include "core/run/runner.h"
#include "ui/models/rowsmodel.h"

#include <vector>

namespace bitlathe::ui
{

/// Raw values for sorting under Qt::UserRole, the LayerId under LayerRole.
class RunLayerModel : public RowsModel
{
    Q_OBJECT

public:
    enum Column { Name, Bits, GroupSize, OutputError, VerdictColumn, Loss, Saturated, Outliers, Seconds, ColumnCount };
    static constexpr int LayerRole = Qt::UserRole + 1;

    explicit RunLayerModel(QObject* parent = nullptr) : RowsModel(parent) {}

    void setLayers(std::vector<run::LayerRecord> layers);
    void append(const run::LayerRecord& layer);
    const std::vector<run::LayerRecord>& layers() const { return m_layers; }
    QModelIndex indexOf(LayerId layer) const;

protected:
    int rows() const override { return static_cast<int>(m_layers.size()); }
    int columns() const override { return ColumnCount; }
    bool isNumber(int column) const override;
    QString title(int column) const override;
    QString help(int column) const override;
    QString text(int row, int column) const override;
    QVariant raw(int row, int column) const override;
    QVariant extra(int row, int column, int role) const override;

private:
    std::vector<run::LayerRecord> m_layers;
};

} // namespace bitlathe::ui
