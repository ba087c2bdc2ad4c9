// SPDX-License-Identifier: GPL-3.0-or-later
// EndSignals: SIGTERM, SIGINT and SIGHUP as a call on the window's thread.
#pragma once

#include <QSocketNotifier>

#include <functional>
#include <memory>

namespace bitlathe::gui
{

/// While it lives, these signals call ended() from the event loop instead of ending the program where it stands. One at
/// a time.
class EndSignals
{
public:
    explicit EndSignals(std::function<void()> ended);
    ~EndSignals();
    EndSignals(const EndSignals&) = delete;
    EndSignals& operator=(const EndSignals&) = delete;

private:
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace bitlathe::gui
