// SPDX-License-Identifier: GPL-3.0-or-later
// DropHint: shown over the window while something is dragged over it.
#include "ui/widgets/drophint.h"

#include "ui/theme/theme.h"

#include <QEvent>
#include <QPainter>

namespace bitlathe::ui
{

DropHint::DropHint(QWidget* parent) : QWidget(parent)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);
    parent->installEventFilter(this);
    hide();
}

void DropHint::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::instance();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor veil = theme.color(ColorId::Window);
    veil.setAlphaF(0.85F);
    painter.fillRect(rect(), veil);
    painter.setPen(QPen(theme.color(ColorId::Accent), 2, Qt::DashLine));
    painter.drawRoundedRect(QRectF(rect()).adjusted(16, 16, -16, -16), 8, 8);
    painter.setPen(theme.color(ColorId::Text));
    painter.setFont(theme.font(TextSize::Title));
    painter.drawText(rect(), Qt::AlignCenter, tr("Drop to open"));
}

bool DropHint::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == parent() && (event->type() == QEvent::Resize || event->type() == QEvent::Show)) {
        setGeometry(parentWidget()->rect());
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace bitlathe::ui
