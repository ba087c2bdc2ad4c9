// SPDX-License-Identifier: Apache-2.0
// Interrupt: ctrl-C and termination as a stop request.
#pragma once

#include <csignal>
#include <mutex>
#include <stop_token>
#include <thread>

namespace bitlathe::cli
{

/// While this lives, SIGINT and SIGTERM ask work to stop; a second one ends the program at once, unless what the first
/// one stopped was only a part of the work. Made before any other thread.
class Interrupt
{
public:
    Interrupt();
    ~Interrupt() = default;
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    /// What the next signal stops. Any thread.
    std::stop_token token() const;
    /// Begins a part of the work that a later SIGINT stops alone. After SIGTERM all parts are stopped.
    std::stop_token nextPart();

private:
    void wait(const std::stop_token& ended);

    mutable std::mutex m_mutex;
    std::stop_source m_stop;
    bool m_isTerminated = false;
    sigset_t m_signals;
    std::jthread m_thread; ///< Last: it is joined before the rest goes.
};

} // namespace bitlathe::cli
