// SPDX-License-Identifier: GPL-3.0-or-later
// ProgressDelegate: a fraction as a thin bar with its text.
#pragma once

#include <QStyledItemDelegate>

namespace bitlathe::ui
{

/// Qt::UserRole is the fraction 0 ... 1, Qt::DisplayRole the text.
class ProgressDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace bitlathe::ui
