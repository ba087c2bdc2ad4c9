// SPDX-License-Identifier: GPL-3.0-or-later
// ProgressDelegate: a fraction as a thin bar with its text.
#include "ui/widgets/progressdelegate.h"

#include "ui/theme/theme.h"

#include <QApplication>
#include <QPainter>

#include <algorithm>

namespace bitlathe::ui
{

void ProgressDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    constexpr int kBarWidth = 96;
    constexpr int kBarHeight = 6;
    QStyleOptionViewItem background = option;
    initStyleOption(&background, index);
    const QString text = background.text;
    background.text.clear();
    QApplication::style()->drawControl(QStyle::CE_ItemViewItem, &background, painter, option.widget);

    const Theme& theme = Theme::instance();
    const double fraction = std::clamp(index.data(Qt::UserRole).toDouble(), 0.0, 1.0);
    const int barWidth = std::min(kBarWidth, option.rect.width() / 2);
    const QRectF track(option.rect.left() + 4, option.rect.center().y() - kBarHeight / 2 + 1, barWidth, kBarHeight);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme.color(ColorId::SurfaceRaised));
    painter->drawRoundedRect(track, kBarHeight / 2.0, kBarHeight / 2.0);
    if (fraction > 0) {
        QRectF done = track;
        done.setWidth(std::max<double>(kBarHeight, track.width() * fraction));
        painter->setBrush(theme.color(ColorId::Accent));
        painter->drawRoundedRect(done, kBarHeight / 2.0, kBarHeight / 2.0);
    }
    painter->setPen(theme.color(ColorId::Text));
    const QRect words = option.rect.adjusted(barWidth + 12, 0, -4, 0);
    painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
                      option.fontMetrics.elidedText(text, Qt::ElideRight, words.width()));
    painter->restore();
}

} // namespace bitlathe::ui
