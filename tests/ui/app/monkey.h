// SPDX-License-Identifier: Apache-2.0
// Monkey: somebody who clicks, types, turns and drags whatever the program shows, always the same for one seed.
#pragma once

#include <QBasicTimer>
#include <QObject>
#include <QWidget>

#include <functional>
#include <random>

namespace bitlathe::tests
{

/// Acts on what is on top: an open menu or list, a dialog, a window. It leaves file dialogs at once, since it is not to
/// lay hands on files, and does not quit.
class Monkey : public QObject
{
public:
    /// onAct is told what it does, right before.
    Monkey(std::uint64_t seed, std::function<void(const QString& what)> onAct);

    /// Acts every so many ms until stop(), in dialogs' event loops, too.
    void start(int intervalMs);
    void stop() { m_timer.stop(); }

    std::int64_t actions() const { return m_actions; }
    int below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(m_random); }

protected:
    /// Its only event.
    void timerEvent(QTimerEvent* event) override;

private:
    void useWindow(QWidget* window);
    void use(QWidget* widget);
    void pressKey(QWidget* window);

    std::mt19937_64 m_random;
    std::function<void(const QString& what)> m_onAct;
    QBasicTimer m_timer;
    int m_intervalMs = 0;
    std::int64_t m_actions = 0;
};

/// Closes all that lies above the windows of a program: menus, then dialogs.
void closeDialogs();

} // namespace bitlathe::tests
