// SPDX-License-Identifier: GPL-3.0-or-later
// DropTarget: a place that says that files may be dropped; a click opens a file dialog instead.
#include "ui/widgets/droptarget.h"

#include "ui/theme/theme.h"

#include <QPainter>

namespace bitlathe::ui
{

DropTarget::DropTarget(const QString& title, const QString& hint, QWidget* parent)
    : QAbstractButton(parent), m_hint(hint)
{
    setText(title);
    setAccessibleName(title);
    setAccessibleDescription(hint);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize DropTarget::sizeHint() const
{
    const QFontMetrics base(Theme::instance().font());
    return QSize(200, 24 + 3 * base.height() + 6 * kGrid);
}

void DropTarget::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::instance();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(theme.color(underMouse() ? ColorId::SurfaceRaised : ColorId::Surface));
    painter.setPen(
        QPen(theme.color(hasFocus() ? ColorId::Accent : ColorId::Border), hasFocus() ? 1.5 : 1.0, Qt::DashLine));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 8, 8);
    const int line = QFontMetrics(theme.font()).height();
    int y = 2 * kGrid;
    theme.icon(QStringLiteral("drop"), ColorId::Accent).paint(&painter, QRect((width() - 24) / 2, y, 24, 24));
    y += 24 + kGrid;
    painter.setFont(theme.font());
    painter.setPen(theme.color(ColorId::Text));
    painter.drawText(QRect(kGrid, y, width() - 2 * kGrid, line), Qt::AlignCenter, text());
    y += line + kGrid / 2;
    painter.setFont(theme.font(TextSize::Small));
    painter.setPen(theme.color(ColorId::TextMuted));
    painter.drawText(QRect(2 * kGrid, y, width() - 4 * kGrid, height() - y - kGrid),
                     Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap, m_hint);
}

} // namespace bitlathe::ui
