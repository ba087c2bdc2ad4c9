// SPDX-License-Identifier: GPL-3.0-or-later
// EntryDelegate: draws an EntryModel's rows: icon, title, second line, key.
#pragma once

#include <QStyledItemDelegate>

namespace bitlathe::ui
{

class EntryDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace bitlathe::ui
