// SPDX-License-Identifier: Apache-2.0
// Interrupt: ctrl-C and termination as a stop request.
#include "app/cli/interrupt.h"

#include <unistd.h>

#include <ctime>

namespace bitlathe::cli
{

namespace
{

constexpr int kInterrupted = 130;
constexpr long kPollNanoseconds = 20'000'000;

} // namespace

Interrupt::Interrupt() : m_signals()
{
    sigemptyset(&m_signals);
    sigaddset(&m_signals, SIGINT);
    sigaddset(&m_signals, SIGTERM);
    // Blocked here and so in every later thread: only the waiting thread sees them.
    pthread_sigmask(SIG_BLOCK, &m_signals, nullptr);
    m_thread = std::jthread([this](const std::stop_token& ended) { wait(ended); });
}

void Interrupt::wait(const std::stop_token& ended)
{
    const timespec poll = {0, kPollNanoseconds};
    while (!ended.stop_requested()) {
        if (sigtimedwait(&m_signals, nullptr, &poll) > 0 && !m_stop.request_stop()) {
            ::_exit(kInterrupted);
        }
    }
}

} // namespace bitlathe::cli
