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
        const int signal = sigtimedwait(&m_signals, nullptr, &poll);
        if (signal <= 0) {
            continue;
        }
        std::stop_source part;
        {
            const std::lock_guard lock(m_mutex);
            m_isTerminated = m_isTerminated || signal == SIGTERM;
            part = m_stop;
        }
        if (!part.request_stop()) {
            ::_exit(kInterrupted);
        }
    }
}

std::stop_token Interrupt::token() const
{
    const std::lock_guard lock(m_mutex);
    return m_stop.get_token();
}

std::stop_token Interrupt::nextPart()
{
    const std::lock_guard lock(m_mutex);
    if (!m_isTerminated) {
        m_stop = std::stop_source();
    }
    return m_stop.get_token();
}

} // namespace bitlathe::cli
