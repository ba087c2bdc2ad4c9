// SPDX-License-Identifier: Apache-2.0
// Says where a thread is while an event keeps it for long: BITLATHE_TRACE_EVENTS=40 writes the stack after 40 ms of
// computing, and every 5 ms from then on.
#pragma once

#include <cstdlib>
#include <ctime>

#include <execinfo.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bitlathe::tests
{

/// Of the thread that makes it, which is the one to be traced.
class EventTrace
{
public:
    EventTrace()
    {
        const char* const set = std::getenv("BITLATHE_TRACE_EVENTS");
        m_ms = set != nullptr ? std::atol(set) : 0;
        if (m_ms <= 0) {
            return;
        }
        writeStack(0); // What backtrace() loads, it loads now.
        struct sigaction action = {};
        action.sa_handler = &EventTrace::writeStack;
        action.sa_flags = SA_RESTART;
        sigaction(SIGUSR1, &action, nullptr);
        sigevent event = {};
        event.sigev_notify = SIGEV_THREAD_ID;
        event.sigev_signo = SIGUSR1;
        event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
        timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &m_timer);
    }

    void begin() { set(m_ms, kEveryMs); }
    void end() { set(0, 0); }

private:
    static constexpr long kEveryMs = 5;

    static void writeStack(int signal)
    {
        void* frames[64];
        const int count = backtrace(frames, 64);
        if (signal != 0) {
            constexpr char kHead[] = "a long event is at:\n";
            [[maybe_unused]] const auto written = write(STDERR_FILENO, kHead, sizeof kHead - 1);
            backtrace_symbols_fd(frames, count, STDERR_FILENO);
        }
    }

    void set(long firstMs, long everyMs)
    {
        if (m_ms > 0) {
            const auto spec = [](long ms) { return timespec{ms / 1000, ms % 1000 * 1'000'000}; };
            const itimerspec times{spec(everyMs), spec(firstMs)};
            timer_settime(m_timer, 0, &times, nullptr);
        }
    }

    long m_ms = 0;
    timer_t m_timer = nullptr;
};

} // namespace bitlathe::tests
