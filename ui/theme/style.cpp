// SPDX-License-Identifier: GPL-3.0-or-later
// Style: Fusion with flat controls on the theme's colours.
#include "ui/theme/style.h"

#include "ui/theme/theme.h"

#include <QAbstractItemView>
#include <QPainter>
#include <QPainterPath>
#include <QStyleFactory>
#include <QStyleOption>
#include <QWidget>

namespace bitlathe::ui
{
namespace
{

constexpr qreal kRadius = 4.0;

QColor color(ColorId id)
{
    return Theme::instance().color(id);
}

void drawBox(QPainter* painter, const QRect& rect, const QColor& fill, const QColor& border)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setBrush(fill);
    painter->setPen(border.alpha() > 0 ? QPen(border, 1.0) : QPen(Qt::NoPen));
    painter->drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), kRadius, kRadius);
    painter->restore();
}

void drawButton(const QStyleOption* option, QPainter* painter)
{
    const bool enabled = option->state.testFlag(QStyle::State_Enabled);
    const bool down = option->state.testAnyFlags(QStyle::State_Sunken | QStyle::State_On);
    const bool hover = enabled && option->state.testFlag(QStyle::State_MouseOver);
    const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option);
    const bool primary = button != nullptr && button->features.testFlag(QStyleOptionButton::DefaultButton);
    QColor fill = color(ColorId::Surface);
    QColor border = color(ColorId::Border);
    if (primary && enabled) {
        fill = color(ColorId::Accent);
        border = fill;
        if (hover || down) {
            fill = Theme::instance().isDark() ? fill.lighter(112) : fill.darker(112);
        }
    } else if (down) {
        fill = color(ColorId::Selection);
        border = color(ColorId::Accent);
    } else if (hover) {
        fill = color(ColorId::SurfaceRaised);
    }
    if (!enabled) {
        fill = color(ColorId::Window);
    }
    if (option->state.testFlag(QStyle::State_HasFocus) && option->state.testFlag(QStyle::State_KeyboardFocusChange)) {
        border = primary ? color(ColorId::Text) : color(ColorId::Accent);
    }
    drawBox(painter, option->rect, fill, border);
}

void drawField(const QStyleOption* option, QPainter* painter)
{
    const bool focus = option->state.testFlag(QStyle::State_HasFocus);
    const bool enabled = option->state.testFlag(QStyle::State_Enabled);
    drawBox(painter, option->rect, color(enabled ? ColorId::Surface : ColorId::Window),
            color(focus ? ColorId::Accent : ColorId::Border));
}

void drawProgress(const QStyleOption* option, QPainter* painter)
{
    const auto* bar = qstyleoption_cast<const QStyleOptionProgressBar*>(option);
    if (bar == nullptr) {
        return;
    }
    constexpr int kThickness = 6;
    const QRect track(bar->rect.left(), bar->rect.center().y() - kThickness / 2 + 1, bar->rect.width(), kThickness);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(color(ColorId::SurfaceRaised));
    painter->drawRoundedRect(track, kThickness / 2.0, kThickness / 2.0);
    const int range = bar->maximum - bar->minimum;
    const double part = range > 0 ? static_cast<double>(bar->progress - bar->minimum) / range : 0.0;
    if (part > 0) {
        QRectF done = track;
        done.setWidth(std::max<double>(kThickness, track.width() * std::min(part, 1.0)));
        painter->setBrush(color(bar->state.testFlag(QStyle::State_Enabled) ? ColorId::Accent : ColorId::TextMuted));
        painter->drawRoundedRect(done, kThickness / 2.0, kThickness / 2.0);
    }
    painter->restore();
}

void drawHeaderSection(const QStyleOption* option, QPainter* painter)
{
    painter->fillRect(option->rect, color(ColorId::Window));
    painter->setPen(color(ColorId::Border));
    painter->drawLine(option->rect.bottomLeft(), option->rect.bottomRight());
}

} // namespace

Style::Style() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

void Style::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                          const QWidget* widget) const
{
    switch (element) { // the elements that look calmer than Fusion's; all others are Fusion's own
    case PE_PanelButtonCommand: drawButton(option, painter); return;
    case PE_PanelLineEdit:
        if (const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
            frame == nullptr || frame->lineWidth > 0) {
            drawField(option, painter);
        } else {
            painter->fillRect(option->rect, option->palette.base());
        }
        return;
    case PE_FrameLineEdit: return; // the panel has drawn it
    case PE_Frame:
        painter->save();
        painter->setPen(
            color(option->state.testFlag(State_HasFocus) && option->state.testFlag(State_KeyboardFocusChange)
                      ? ColorId::Accent
                      : ColorId::Border));
        painter->drawRect(option->rect.adjusted(0, 0, -1, -1));
        painter->restore();
        return;
    case PE_FrameGroupBox: drawBox(painter, option->rect, Qt::transparent, color(ColorId::Border)); return;
    case PE_FrameFocusRect:
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(QPen(color(ColorId::Accent), 1.0));
        painter->drawRoundedRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
        painter->restore();
        return;
    default: QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

void Style::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                        const QWidget* widget) const
{
    switch (element) { // as above
    case CE_PushButtonLabel: {
        const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option);
        if (button != nullptr && button->features.testFlag(QStyleOptionButton::DefaultButton) &&
            button->state.testFlag(State_Enabled)) {
            QStyleOptionButton primary = *button;
            primary.palette.setColor(QPalette::ButtonText, color(ColorId::AccentText));
            QProxyStyle::drawControl(element, &primary, painter, widget);
            return;
        }
        break;
    }
    case CE_HeaderSection: drawHeaderSection(option, painter); return;
    case CE_HeaderEmptyArea: painter->fillRect(option->rect, color(ColorId::Window)); return;
    case CE_ProgressBar: drawProgress(option, painter); return;
    default: break;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

int Style::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const
{
    switch (metric) { // distances on the grid; everything else is Fusion's
    case PM_LayoutLeftMargin:
    case PM_LayoutTopMargin:
    case PM_LayoutRightMargin:
    case PM_LayoutBottomMargin: return kGrid;
    case PM_LayoutHorizontalSpacing:
    case PM_LayoutVerticalSpacing: return kGrid;
    case PM_SplitterWidth: return kGrid;
    case PM_ScrollBarExtent: return 12;
    case PM_SmallIconSize:
    case PM_ButtonIconSize:
    case PM_TabBarIconSize: return 16;
    case PM_ToolBarIconSize: return 16;
    default: return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int Style::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const
{
    switch (hint) { // as above
    case SH_Widget_Animate:
    case SH_Widget_Animation_Duration: return 0;
    case SH_EtchDisabledText:
    case SH_DitherDisabledText: return 0;
    case SH_DialogButtonBox_ButtonsHaveIcons: return 0;
    default: return QProxyStyle::styleHint(hint, option, widget, data);
    }
}

} // namespace bitlathe::ui
