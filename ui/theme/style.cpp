// SPDX-License-Identifier: GPL-3.0-or-later
// Style: Fusion with flat controls on the theme's colours.
#include "ui/theme/style.h"

#include "ui/theme/theme.h"

#include <QComboBox>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QStyleFactory>
#include <QStyleOption>
#include <QToolButton>
#include <QWidget>

#include <algorithm>

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

/// A box or, round, a circle; filled with the accent while on.
void drawCheck(const QStyleOption* option, QPainter* painter, bool round)
{
    const bool on = option->state.testAnyFlags(QStyle::State_On | QStyle::State_NoChange);
    const bool enabled = option->state.testFlag(QStyle::State_Enabled);
    const QRectF box = QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setOpacity(enabled ? 1.0 : 0.5);
    painter->setPen(QPen(color(on ? ColorId::Accent : ColorId::TextMuted), 1.0));
    painter->setBrush(color(on ? ColorId::Accent : ColorId::Surface));
    const double radius = round ? box.width() / 2 : 3.0;
    painter->drawRoundedRect(box, radius, radius);
    if (on && round) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(color(ColorId::AccentText));
        painter->drawEllipse(box.center(), box.width() / 5, box.width() / 5);
    } else if (on) {
        const double unit = box.width() / 13;
        const QPointF corner = box.topLeft();
        painter->setPen(QPen(color(ColorId::AccentText), 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter->drawPolyline(QPolygonF{corner + QPointF(3, 6.8) * unit, corner + QPointF(5.6, 9.4) * unit,
                                        corner + QPointF(10, 4) * unit});
    }
    painter->restore();
}

void drawTab(const QStyleOption* option, QPainter* painter)
{
    const bool selected = option->state.testFlag(QStyle::State_Selected);
    const QRect rect = option->rect;
    if (!selected && option->state.testFlag(QStyle::State_MouseOver)) {
        drawBox(painter, rect.adjusted(1, 2, -1, -3), color(ColorId::SurfaceRaised), Qt::transparent);
    }
    painter->fillRect(rect.adjusted(0, rect.height() - 1, 0, 0), color(ColorId::Border));
    if (selected) {
        painter->fillRect(rect.adjusted(kGrid / 2, rect.height() - 2, -kGrid / 2, 0), color(ColorId::Accent));
    }
}

void drawScrollBar(const QStyleOptionSlider* bar, const QRect& slider, QPainter* painter)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->fillRect(bar->rect, bar->palette.base());
    if (bar->maximum > bar->minimum) {
        const bool active = bar->state.testFlag(QStyle::State_MouseOver) || bar->state.testFlag(QStyle::State_Sunken);
        QColor handle = color(ColorId::TextMuted);
        handle.setAlphaF(active ? 0.7F : 0.4F);
        painter->setPen(Qt::NoPen);
        painter->setBrush(handle);
        painter->drawRoundedRect(QRectF(slider).adjusted(3, 3, -3, -3), 3, 3);
    }
    painter->restore();
}

/// A small triangle in the middle of a button.
void drawArrow(QPainter* painter, const QRect& rect, bool up, bool enabled)
{
    constexpr double kWidth = 6;
    constexpr double kHeight = 3.5;
    const QPointF middle = QRectF(rect).center();
    const double tip = up ? -kHeight / 2 : kHeight / 2;
    QColor fill = color(ColorId::TextMuted);
    fill.setAlphaF(enabled ? 1.0F : 0.35F);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(fill);
    painter->drawPolygon(
        QPolygonF{middle + QPointF(-kWidth / 2, -tip), middle + QPointF(kWidth / 2, -tip), middle + QPointF(0, tip)});
    painter->restore();
}

} // namespace

Style::Style() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

void Style::polish(QWidget* widget)
{
    QProxyStyle::polish(widget);
    // A name with an underlined letter is drawn in pieces, which round to more than the width that the label asks for.
    if (auto* label = qobject_cast<QLabel*>(widget); label != nullptr && label->buddy() != nullptr) {
        label->setContentsMargins(0, 0, 2, 0);
    }
}

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
    case PE_FrameLineEdit: // the panel has drawn a line edit's; this is the one of an editable box
        if (qobject_cast<const QComboBox*>(widget) != nullptr) {
            drawField(option, painter);
        }
        return;
    case PE_IndicatorCheckBox: drawCheck(option, painter, false); return;
    case PE_IndicatorRadioButton: drawCheck(option, painter, true); return;
    case PE_FrameTabBarBase:
        painter->fillRect(option->rect.adjusted(0, option->rect.height() - 1, 0, 0), color(ColorId::Border));
        return;
    case PE_PanelMenuBar: return;
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
    case CE_MenuBarItem: {
        QStyleOptionMenuItem item = *qstyleoption_cast<const QStyleOptionMenuItem*>(option);
        painter->fillRect(item.rect, color(ColorId::Window));
        if (item.state.testFlag(State_Selected)) {
            drawBox(painter, item.rect.adjusted(1, 1, -1, -1), color(ColorId::Selection), Qt::transparent);
        }
        const int mnemonic =
            styleHint(SH_UnderlineShortcut, option, widget) ? Qt::TextShowMnemonic : Qt::TextHideMnemonic;
        drawItemText(painter, item.rect, Qt::AlignCenter | Qt::TextSingleLine | mnemonic, item.palette,
                     item.state.testFlag(State_Enabled), item.text, QPalette::WindowText);
        return;
    }
    case CE_MenuBarEmptyArea: painter->fillRect(option->rect, color(ColorId::Window)); return;
    case CE_TabBarTabShape: drawTab(option, painter); return;
    case CE_HeaderSection: drawHeaderSection(option, painter); return;
    case CE_HeaderEmptyArea: painter->fillRect(option->rect, color(ColorId::Window)); return;
    case CE_ProgressBar: drawProgress(option, painter); return;
    default: break;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void Style::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                               const QWidget* widget) const
{
    if (const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
        control == CC_ScrollBar && bar != nullptr) {
        drawScrollBar(bar, subControlRect(control, option, SC_ScrollBarSlider, widget), painter);
        return;
    }
    if (const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
        control == CC_SpinBox && spin != nullptr) {
        drawField(option, painter);
        if (spin->subControls.testFlag(SC_SpinBoxUp) && spin->buttonSymbols != QAbstractSpinBox::NoButtons) {
            const bool enabled = spin->state.testFlag(State_Enabled);
            drawArrow(painter, subControlRect(control, option, SC_SpinBoxUp, widget), true,
                      enabled && spin->stepEnabled.testFlag(QAbstractSpinBox::StepUpEnabled));
            drawArrow(painter, subControlRect(control, option, SC_SpinBoxDown, widget), false,
                      enabled && spin->stepEnabled.testFlag(QAbstractSpinBox::StepDownEnabled));
        }
        return;
    }
    if (const auto* box = qstyleoption_cast<const QStyleOptionComboBox*>(option);
        control == CC_ComboBox && box != nullptr) {
        if (box->editable) {
            drawField(option, painter);
        } else {
            drawButton(option, painter);
        }
        drawArrow(painter, subControlRect(control, option, SC_ComboBoxArrow, widget), false,
                  box->state.testFlag(State_Enabled));
        return;
    }
    if (const auto* button = qstyleoption_cast<const QStyleOptionToolButton*>(option);
        control == CC_ToolButton && button != nullptr) {
        QStyleOptionToolButton plain = *button;
        plain.features &=
            ~QStyleOptionToolButton::ToolButtonFeatures(QStyleOptionToolButton::HasMenu); // no mark over the words
        QProxyStyle::drawComplexControl(control, &plain, painter, widget);
        return;
    }
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

QRect Style::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part,
                            const QWidget* widget) const
{
    const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
    if (control != CC_ScrollBar || bar == nullptr) {
        return QProxyStyle::subControlRect(control, option, part, widget);
    }
    // A handle on a track, without arrows.
    const bool across = bar->orientation == Qt::Horizontal;
    const int length = across ? bar->rect.width() : bar->rect.height();
    const int range = bar->maximum - bar->minimum;
    const int handle =
        range <= 0 ? length
                   : std::clamp(static_cast<int>(static_cast<qint64>(length) * bar->pageStep / (range + bar->pageStep)),
                                std::min(4 * kGrid, length), length);
    const int place =
        sliderPositionFromValue(bar->minimum, bar->maximum, bar->sliderPosition, length - handle, bar->upsideDown);
    const auto along = [&](int from, int size) {
        return across ? QRect(bar->rect.x() + from, bar->rect.y(), size, bar->rect.height())
                      : QRect(bar->rect.x(), bar->rect.y() + from, bar->rect.width(), size);
    };
    switch (part) {
    case SC_ScrollBarSlider: return along(place, handle);
    case SC_ScrollBarSubPage: return along(0, place);
    case SC_ScrollBarAddPage: return along(place + handle, length - place - handle);
    case SC_ScrollBarGroove: return bar->rect;
    default: return {};
    }
}

QSize Style::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                              const QWidget* widget) const
{
    // Fields and buttons of a line are of one height: that of Fusion's tallest, the field for a number.
    constexpr int kAroundText = 14;
    const int height = option->fontMetrics.height() + kAroundText;
    QSize result = QProxyStyle::sizeFromContents(type, option, size, widget);
    switch (type) { // the controls that stand beside each other
    case CT_PushButton: return QSize(result.width() + 2 * kGrid, std::max(result.height(), height));
    case CT_LineEdit:
    case CT_ComboBox:
    case CT_SpinBox: return QSize(result.width(), std::max(result.height(), height));
    case CT_ToolButton:
        if (const auto* button = qobject_cast<const QToolButton*>(widget);
            button != nullptr && button->toolButtonStyle() == Qt::ToolButtonTextOnly && button->menu() != nullptr) {
            return QSize(result.width(), std::max(result.height(), height)); // a choice in words, as a field is
        }
        return result;
    default: return result;
    }
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
    case PM_FocusFrameHMargin: return kGrid / 2; // what stands left and right of the words in a cell
    case PM_HeaderMargin: return kGrid / 2;
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
