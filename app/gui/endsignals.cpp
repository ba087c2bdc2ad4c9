// SPDX-License-Identifier: GPL-3.0-or-later
// EndSignals: SIGTERM, SIGINT and SIGHUP as a call on the window's thread.
#include "app/gui/endsignals.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace bitlathe::gui
{

namespace
{

constexpr std::array kSignals = {SIGTERM, SIGINT, SIGHUP};
int toLoop = -1; ///< The end of a pipe that a handler writes to; a handler may do no more.
int fromHandler = -1;

void tell(int /*signal*/)
{
    const char byte = 0;
    [[maybe_unused]] const ssize_t put = ::write(toLoop, &byte, 1);
}

void handleWith(void (*handler)(int))
{
    for (const int signal : kSignals) {
        struct sigaction action = {};
        action.sa_handler = handler;
        action.sa_flags = SA_RESTART | SA_RESETHAND;
        ::sigaction(signal, &action, nullptr);
    }
}

} // namespace

EndSignals::EndSignals(std::function<void()> ended)
{
    std::array<int, 2> ends = {};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        return; // Signals end the program as they always did.
    }
    fromHandler = ends[0];
    toLoop = ends[1];
    m_notifier = std::make_unique<QSocketNotifier>(fromHandler, QSocketNotifier::Read);
    QObject::connect(m_notifier.get(), &QSocketNotifier::activated, m_notifier.get(), [ended = std::move(ended)] {
        char byte = 0;
        while (::read(fromHandler, &byte, 1) == 1) {
        }
        ended();
    });
    handleWith(tell);
}

EndSignals::~EndSignals()
{
    if (!m_notifier) {
        return;
    }
    handleWith(SIG_DFL);
    m_notifier.reset();
    ::close(toLoop);
    ::close(fromHandler);
}

} // namespace bitlathe::gui
