// SPDX-License-Identifier: GPL-3.0-or-later
// RunLayerModel: the layers of a run with their errors, growing while the run goes on.
#pragma once

#include "core/run/runner.h"

#include <QAbstractTableModel>

#include <vector>

namespace bitlathe::ui
{

/// Raw values for sorting under Qt::UserRole, the LayerId under LayerRole.
class RunLayerModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, Bits, GroupSize, OutputError, VerdictColumn, Loss, Saturated, Outliers, Seconds, ColumnCount };
    static constexpr int LayerRole = Qt::UserRole + 1;

    explicit RunLayerModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void setLayers(std::vector<run::LayerRecord> layers);
    void append(const run::LayerRecord& layer);
    const std::vector<run::LayerRecord>& layers() const { return m_layers; }
    QModelIndex indexOf(LayerId layer) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    static QVariant raw(Column column, const run::LayerRecord& layer);
    static QString text(Column column, const run::LayerRecord& layer);

    std::vector<run::LayerRecord> m_layers;
};

} // namespace bitlathe::ui
