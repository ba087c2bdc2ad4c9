// SPDX-License-Identifier: Apache-2.0
// Interrupt: ctrl-C and termination as a stop request.
#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

namespace bitlathe::cli
{

/// While this lives, SIGINT and SIGTERM ask work to stop; a second one ends the program at once. Made before any other
/// thread.
class Interrupt
{
public:
    Interrupt();
    ~Interrupt() = default;
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    std::stop_token token() const { return m_stop.get_token(); }

private:
    void wait(const std::stop_token& ended);

    std::stop_source m_stop;
    sigset_t m_signals;
    std::jthread m_thread; ///< Last: it is joined before the rest goes.
};

} // namespace bitlathe::cli
