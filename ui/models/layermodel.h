// SPDX-License-Identifier: GPL-3.0-or-later
// LayerModel: the tensors of an opened model as a tree, block by block.
#pragma once

#include "ui/bridge/session.h"

#include <QAbstractItemModel>

#include <vector>

namespace bitlathe::ui
{

/// Two levels: blocks (and what is outside of them), then tensors. Quantizable linears carry their LayerId under LayerRole, -1
/// elsewhere. Raw values for sorting under Qt::UserRole.
class LayerModel : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum Column { Name, ShapeColumn, Type, Parameters, Bytes, ColumnCount };
    static constexpr int LayerRole = Qt::UserRole + 1;

    explicit LayerModel(QObject* parent = nullptr) : QAbstractItemModel(parent) {}

    void setModel(OpenedModelPtr opened);
    QModelIndex indexOf(LayerId layer) const;
    static LayerId layerOf(const QModelIndex& index);

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& child) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Item
    {
        QString name;
        QString shape;
        QString type;
        qlonglong parameters = 0;
        qulonglong bytes = 0;
        LayerId layer;
    };
    struct Group
    {
        Item item; ///< Sums of its tensors.
        std::vector<Item> tensors;
    };

    void addLinear(Group& group, const model::LinearSpec& linear);
    void addTensor(Group& group, const checkpoint::TensorEntry& entry);
    const Item* itemAt(const QModelIndex& index) const;

    OpenedModelPtr m_opened;
    std::vector<Group> m_groups;
};

} // namespace bitlathe::ui
