// SPDX-License-Identifier: Apache-2.0
// Monkey.
#include "monkey.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QDialog>
#include <QFileDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMouseEvent>
#include <QPlainTextEdit>
#include <QPointer>
#include <QTabBar>
#include <QTest>
#include <QTimerEvent>

#include <array>
#include <string_view>

namespace bitlathe::tests
{

namespace
{

QWidget* topmost()
{
    if (QWidget* popup = QApplication::activePopupWidget(); popup != nullptr) {
        return popup;
    }
    return QApplication::activeModalWidget();
}

bool canBeUsed(const QWidget* widget)
{
    return widget->isVisible() && widget->isEnabled() && !widget->visibleRegion().isEmpty();
}

/// Something that answers to a click or a key.
bool isControl(const QWidget* widget)
{
    return widget->focusPolicy() != Qt::NoFocus || qobject_cast<const QAbstractButton*>(widget) != nullptr ||
           qobject_cast<const QTabBar*>(widget) != nullptr || widget->hasMouseTracking();
}

// What is pressed may be gone before it is let go of: a press can change the language.
void click(const QPointer<QWidget>& widget, Qt::MouseButton button, const QPoint& place)
{
    QTest::mousePress(widget, button, {}, place);
    if (widget) {
        QTest::mouseRelease(widget, button, {}, place);
    }
}

void doubleClick(const QPointer<QWidget>& widget, const QPoint& place)
{
    click(widget, Qt::LeftButton, place);
    if (widget) {
        QMouseEvent second(QEvent::MouseButtonDblClick, place, widget->mapToGlobal(place), Qt::LeftButton,
                           Qt::LeftButton, {});
        QApplication::sendEvent(widget, &second);
    }
    if (widget) {
        QTest::mouseRelease(widget, Qt::LeftButton, {}, place);
    }
}

void type(const QPointer<QWidget>& widget, Qt::Key key, Qt::KeyboardModifiers modifiers = {})
{
    if (widget) {
        QTest::keyPress(widget, key, modifiers);
    }
    if (widget) {
        QTest::keyRelease(widget, key, modifiers);
    }
}

void type(const QPointer<QWidget>& widget, char key)
{
    QTest::keyPress(widget, key);
    if (widget) {
        QTest::keyRelease(widget, key);
    }
}

QString nameOf(const QWidget* widget)
{
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    const QString name = button != nullptr ? button->text() : widget->accessibleName();
    return QStringLiteral("%1 '%2'").arg(QLatin1String(widget->metaObject()->className()),
                                         name.isEmpty() ? widget->objectName() : name);
}

} // namespace

Monkey::Monkey(std::uint64_t seed, std::function<void(const QString& what)> onAct)
    : m_random(seed), m_onAct(std::move(onAct))
{}

void Monkey::start(int intervalMs)
{
    m_intervalMs = intervalMs;
    m_timer.start(intervalMs, this);
}

void Monkey::timerEvent(QTimerEvent* /*event*/)
{
    m_timer.start(m_intervalMs, this); // Anew: what it does may run an event loop, in which the next one comes.
    ++m_actions;
    QWidget* top = topmost();
    if (auto* files = qobject_cast<QFileDialog*>(top); files != nullptr) {
        m_onAct(QStringLiteral("leave %1").arg(files->windowTitle()));
        files->reject();
        return;
    }
    if (top == nullptr) {
        QWidgetList windows = QApplication::topLevelWidgets();
        windows.removeIf([](const QWidget* window) { return !window->isVisible(); });
        if (windows.isEmpty()) {
            return;
        }
        top = windows[below(static_cast<int>(windows.size()))];
    }
    useWindow(top);
}

void Monkey::useWindow(QWidget* window)
{
    constexpr int kOneInManyIsAKey = 8;
    if (below(kOneInManyIsAKey) == 0) {
        pressKey(window);
        return;
    }
    QList<QWidget*> controls = window->findChildren<QWidget*>();
    controls << window;
    controls.removeIf([](const QWidget* widget) { return !canBeUsed(widget) || !isControl(widget); });
    if (controls.isEmpty()) {
        pressKey(window);
        return;
    }
    use(controls[below(static_cast<int>(controls.size()))]);
}

void Monkey::use(QWidget* widget)
{
    const QRect area = widget->visibleRegion().boundingRect();
    const QPoint place(area.left() + below(area.width()), area.top() + below(area.height()));
    QString what = nameOf(widget);
    if (const auto* view = qobject_cast<const QAbstractItemView*>(widget->parentWidget()); view != nullptr) {
        what = nameOf(view); // Of its viewport.
    }
    m_onAct(what);
    const bool types = qobject_cast<const QLineEdit*>(widget) != nullptr ||
                       qobject_cast<const QAbstractSpinBox*>(widget) != nullptr ||
                       qobject_cast<const QPlainTextEdit*>(widget) != nullptr;
    if (types && below(2) == 0) {
        // A key at a time, as fingers do it.
        static constexpr std::string_view kKeys = "0123456789-*[e.qa";
        if (below(4) == 0) {
            type(widget, below(2) == 0 ? Qt::Key_Return : Qt::Key_Backspace);
        } else {
            type(widget, kKeys[static_cast<std::size_t>(below(static_cast<int>(kKeys.size())))]);
        }
    } else if (qobject_cast<const QAbstractSlider*>(widget) != nullptr ||
               qobject_cast<const QComboBox*>(widget) != nullptr) {
        type(widget, below(2) == 0 ? Qt::Key_Down : Qt::Key_Up);
    } else if (below(6) == 0) {
        doubleClick(widget, place);
    } else {
        click(widget, below(10) == 0 ? Qt::RightButton : Qt::LeftButton, place);
    }
}

void Monkey::pressKey(QWidget* window)
{
    struct Stroke
    {
        Qt::Key key;
        Qt::KeyboardModifiers modifiers;
    };
    static constexpr std::array kStrokes{
        Stroke{Qt::Key_Z, Qt::ControlModifier},     Stroke{Qt::Key_Y, Qt::ControlModifier},
        Stroke{Qt::Key_Tab, Qt::NoModifier},        Stroke{Qt::Key_Backtab, Qt::ShiftModifier},
        Stroke{Qt::Key_Escape, Qt::NoModifier},     Stroke{Qt::Key_Return, Qt::NoModifier},
        Stroke{Qt::Key_F1, Qt::NoModifier},         Stroke{Qt::Key_Space, Qt::NoModifier},
        Stroke{Qt::Key_Down, Qt::NoModifier},       Stroke{Qt::Key_PageDown, Qt::NoModifier},
        Stroke{Qt::Key_Home, Qt::ControlModifier},  Stroke{Qt::Key_Plus, Qt::ControlModifier},
        Stroke{Qt::Key_Minus, Qt::ControlModifier}, Stroke{Qt::Key_0, Qt::ControlModifier},
        Stroke{Qt::Key_F, Qt::ControlModifier},     Stroke{Qt::Key_C, Qt::ControlModifier},
    };
    const Stroke stroke = kStrokes[static_cast<std::size_t>(below(kStrokes.size()))];
    QWidget* focus = QApplication::focusWidget();
    QWidget* to = focus != nullptr && window->isAncestorOf(focus) ? focus : window;
    m_onAct(QStringLiteral("key %1 for %2").arg(stroke.key, 0, 16).arg(nameOf(to)));
    type(to, stroke.key, stroke.modifiers);
}

void closeDialogs()
{
    while (QWidget* top = topmost()) {
        if (auto* dialog = qobject_cast<QDialog*>(top); dialog != nullptr) {
            dialog->reject();
        } else {
            top->close();
        }
        if (topmost() == top) {
            break; // It does not want to.
        }
    }
    for (QWidget* window : QApplication::topLevelWidgets()) {
        if (auto* dialog = qobject_cast<QDialog*>(window); dialog != nullptr && dialog->isVisible()) {
            dialog->reject();
        }
    }
}

} // namespace bitlathe::tests
