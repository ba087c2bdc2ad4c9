// SPDX-License-Identifier: GPL-3.0-or-later
// EntryDelegate: draws an EntryModel's rows: icon, title, second line, key.
#include "ui/widgets/entrydelegate.h"

#include "ui/models/entrymodel.h"
#include "ui/theme/theme.h"

#include <QPainter>

namespace bitlathe::ui
{

namespace
{
constexpr int kIcon = 24;
} // namespace

void EntryDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const Theme& theme = Theme::instance();
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const bool problem = index.data(EntryModel::ProblemRole).toBool();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRect box = option.rect.adjusted(2, 1, -2, -1);
    if (selected || option.state.testFlag(QStyle::State_MouseOver)) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(theme.color(selected ? ColorId::Selection : ColorId::SurfaceRaised));
        painter->drawRoundedRect(box, 6, 6);
    }
    const QRect iconPlace(box.left() + kGrid, box.center().y() - kIcon / 2 + 1, kIcon, kIcon);
    theme.icon(index.data(EntryModel::IconRole).toString(), problem ? ColorId::VerdictBad : ColorId::TextMuted)
        .paint(painter, iconPlace);

    const QFont base = theme.font();
    const QFont small = theme.font(TextSize::Small);
    const QFontMetrics baseMetrics(base);
    const QFontMetrics smallMetrics(small);
    const int left = iconPlace.right() + kGrid + kGrid / 2;
    const int right = box.right() - kGrid;
    const int top = box.center().y() - (baseMetrics.height() + smallMetrics.height() + 2) / 2 + 1;
    const QString key = index.data(EntryModel::KeyRole).toString();
    const int keyWidth = key.isEmpty() ? 0 : smallMetrics.horizontalAdvance(key) + kGrid;
    const QRect titlePlace(left, top, right - left - keyWidth, baseMetrics.height());
    painter->setFont(base);
    painter->setPen(theme.color(ColorId::Text));
    painter->drawText(titlePlace, Qt::AlignLeft | Qt::AlignVCenter,
                      baseMetrics.elidedText(index.data().toString(), Qt::ElideRight, titlePlace.width()));
    painter->setFont(small);
    painter->setPen(theme.color(ColorId::TextMuted));
    painter->drawText(QRect(right - keyWidth, top, keyWidth, baseMetrics.height()), Qt::AlignRight | Qt::AlignVCenter,
                      key);
    const QRect factsPlace(left, titlePlace.bottom() + 3, right - left, smallMetrics.height());
    painter->setPen(theme.color(problem ? ColorId::VerdictBad : ColorId::TextMuted));
    painter->drawText(
        factsPlace, Qt::AlignLeft | Qt::AlignVCenter,
        smallMetrics.elidedText(index.data(EntryModel::FactsRole).toString(), Qt::ElideRight, factsPlace.width()));
    painter->restore();
}

QSize EntryDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    const QFontMetrics base(Theme::instance().font());
    const QFontMetrics small(Theme::instance().font(TextSize::Small));
    return QSize(200, base.height() + small.height() + 2 * kGrid + 4);
}

} // namespace bitlathe::ui
