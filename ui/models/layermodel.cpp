// SPDX-License-Identifier: GPL-3.0-or-later
// LayerModel: the tensors of an opened model as a tree, block by block.
#include "ui/models/layermodel.h"

#include "ui/bridge/numbers.h"

#include <QFont>
#include <QHash>
#include <QLocale>
#include <QSet>

namespace bitlathe::ui
{

namespace
{

constexpr quintptr kGroupId = 0; ///< internalId of groups; tensors carry their group's row + 1.

QString shapeText(const checkpoint::Shape& shape)
{
    QStringList sizes;
    for (const std::int64_t size : shape) {
        sizes << QLocale().toString(static_cast<qlonglong>(size));
    }
    return sizes.isEmpty() ? QStringLiteral("1") : sizes.join(QStringLiteral(" × "));
}

/// The block that a tensor's name speaks of ("model.layers.12.mlp..."), or -1.
int blockOf(const std::string& name)
{
    const QStringList parts = QString::fromStdString(name).split(QLatin1Char('.'));
    for (const QString& part : parts) {
        bool isNumber = false;
        const int block = part.toInt(&isNumber);
        if (isNumber) {
            return block;
        }
    }
    return -1;
}

/// The name within its block: everything after the number.
QString nameInBlock(const std::string& name)
{
    const QString text = QString::fromStdString(name);
    const QString number = QStringLiteral(".%1.").arg(blockOf(name));
    const qsizetype at = text.indexOf(number);
    return at < 0 ? text : text.mid(at + number.size());
}

} // namespace

void LayerModel::setModel(OpenedModelPtr opened)
{
    beginResetModel();
    m_opened = std::move(opened);
    m_groups.clear();
    if (m_opened) {
        QHash<int, std::size_t> groupOfBlock;
        const auto groupFor = [&](int block) -> Group& {
            if (const auto it = groupOfBlock.constFind(block); it != groupOfBlock.constEnd()) {
                return m_groups[*it];
            }
            groupOfBlock.insert(block, m_groups.size());
            Group group;
            group.item.name = block < 0 ? tr("Outside the blocks") : tr("Block %1").arg(block);
            m_groups.push_back(std::move(group));
            return m_groups.back();
        };
        groupFor(-1);
        QSet<QString> linearNames;
        for (const model::LinearSpec& linear : m_opened->spec.linears) {
            linearNames.insert(QString::fromStdString(linear.name));
            addLinear(groupFor(static_cast<int>(linear.block)), linear);
        }
        for (const checkpoint::TensorEntry& entry : m_opened->checkpoint->entries()) {
            // Parts of a linear (weight, scales, zero points) are shown as the linear, its bias as itself.
            const QString name = QString::fromStdString(entry.name);
            const bool isBias = name.endsWith(QLatin1String(".bias"));
            if (isBias || !linearNames.contains(name.section(QLatin1Char('.'), 0, -2))) {
                addTensor(groupFor(blockOf(entry.name)), entry);
            }
        }
    }
    endResetModel();
}

void LayerModel::addLinear(Group& group, const model::LinearSpec& linear)
{
    Item item;
    item.name = nameInBlock(linear.name);
    item.shape = shapeText({linear.outFeatures, linear.inFeatures});
    item.parameters = linear.outFeatures * linear.inFeatures;
    item.layer = linear.id;
    const auto& scheme = m_opened->schemes[linear.id.index()];
    if (scheme) {
        item.type = tr("%1-bit").arg(scheme->bits);
        item.bytes = static_cast<qulonglong>(
            scheme->bitsPerWeight(linear.outFeatures, linear.inFeatures) * static_cast<double>(item.parameters) / 8.0);
    } else if (const auto* entry = m_opened->checkpoint->find(linear.weightName())) {
        const std::string_view type = checkpoint::dtypeName(entry->dtype);
        item.type = QString::fromUtf8(type.data(), static_cast<qsizetype>(type.size()));
        item.bytes = entry->bytes;
    }
    group.item.parameters += item.parameters;
    group.item.bytes += item.bytes;
    group.tensors.push_back(std::move(item));
}

void LayerModel::addTensor(Group& group, const checkpoint::TensorEntry& entry)
{
    Item item;
    item.name = nameInBlock(entry.name);
    item.shape = shapeText(entry.shape);
    const std::string_view type = checkpoint::dtypeName(entry.dtype);
    item.type = QString::fromUtf8(type.data(), static_cast<qsizetype>(type.size()));
    item.parameters = 1;
    for (const std::int64_t size : entry.shape) {
        item.parameters *= size;
    }
    item.bytes = entry.bytes;
    group.item.parameters += item.parameters;
    group.item.bytes += item.bytes;
    group.tensors.push_back(std::move(item));
}

const LayerModel::Item* LayerModel::itemAt(const QModelIndex& index) const
{
    if (!index.isValid()) {
        return nullptr;
    }
    if (index.internalId() == kGroupId) {
        return &m_groups[static_cast<std::size_t>(index.row())].item;
    }
    return &m_groups[index.internalId() - 1].tensors[static_cast<std::size_t>(index.row())];
}

QModelIndex LayerModel::indexOf(LayerId layer) const
{
    for (std::size_t group = 0; group < m_groups.size(); ++group) {
        for (std::size_t row = 0; row < m_groups[group].tensors.size(); ++row) {
            if (m_groups[group].tensors[row].layer == layer && layer.isValid()) {
                return createIndex(static_cast<int>(row), 0, group + 1);
            }
        }
    }
    return {};
}

LayerId LayerModel::layerOf(const QModelIndex& index)
{
    const QVariant value = index.data(LayerRole);
    return value.isValid() ? LayerId(value.toLongLong()) : LayerId();
}

QModelIndex LayerModel::index(int row, int column, const QModelIndex& parent) const
{
    if (!hasIndex(row, column, parent)) {
        return {};
    }
    return createIndex(row, column, parent.isValid() ? static_cast<quintptr>(parent.row()) + 1 : kGroupId);
}

QModelIndex LayerModel::parent(const QModelIndex& child) const
{
    if (!child.isValid() || child.internalId() == kGroupId) {
        return {};
    }
    return createIndex(static_cast<int>(child.internalId() - 1), 0, kGroupId);
}

int LayerModel::rowCount(const QModelIndex& parent) const
{
    if (!parent.isValid()) {
        return static_cast<int>(m_groups.size());
    }
    if (parent.internalId() != kGroupId || parent.column() > 0) {
        return 0;
    }
    return static_cast<int>(m_groups[static_cast<std::size_t>(parent.row())].tensors.size());
}

int LayerModel::columnCount(const QModelIndex&) const
{
    return ColumnCount;
}

QVariant LayerModel::data(const QModelIndex& index, int role) const
{
    const Item* item = itemAt(index);
    if (item == nullptr) {
        return {};
    }
    if (role == LayerRole) {
        return static_cast<qlonglong>(item->layer.value());
    }
    if (role == Qt::TextAlignmentRole && index.column() >= Parameters) {
        return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    }
    if (role != Qt::DisplayRole && role != Qt::UserRole && role != Qt::ToolTipRole) {
        return {};
    }
    const bool raw = role == Qt::UserRole;
    switch (static_cast<Column>(index.column())) {
    case Name: return item->name;
    case ShapeColumn: return item->shape;
    case Type: return item->type;
    case Parameters: return raw ? QVariant(item->parameters) : formatCount(item->parameters);
    case Bytes: return raw ? QVariant(item->bytes) : formatBytes(item->bytes);
    case ColumnCount: break;
    }
    return {};
}

QVariant LayerModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        const auto side = section >= Parameters ? Qt::AlignRight : Qt::AlignLeft;
        return QVariant::fromValue(Qt::Alignment(side | Qt::AlignVCenter));
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (static_cast<Column>(section)) {
    case Name: return tr("Layer");
    case ShapeColumn: return tr("Shape (out × in)");
    case Type: return tr("Type");
    case Parameters: return tr("Parameters");
    case Bytes: return tr("Size");
    case ColumnCount: break;
    }
    return {};
}

} // namespace bitlathe::ui
