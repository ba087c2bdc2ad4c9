// SPDX-License-Identifier: Apache-2.0
// WriteBehind: writes what is done while the next is computed.
#pragma once

#include "core/base/result.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace bitlathe::run
{

/// Tasks that a thread of its own does one after the other, in the order in which they came. After the first error none
/// of those that wait is done any more. Used by one thread.
class WriteBehind
{
public:
    using Task = std::function<Result<void>()>;

    /// beside: false does each task where it is added, for those who asked for a single thread.
    explicit WriteBehind(bool beside);
    ~WriteBehind(); ///< Drops the tasks that wait; the one at work ends.
    WriteBehind(const WriteBehind&) = delete;
    WriteBehind& operator=(const WriteBehind&) = delete;

    /// Waits while there are as many tasks as may be. Errors: that of a task before, which only the first one to ask
    /// gets; the new task is dropped then. Throws what a task before threw.
    Result<void> add(Task task);
    /// Until all is done. Errors: as add().
    Result<void> wait();

private:
    void work();
    Result<void> takeOutcome();

    std::mutex m_guard;
    std::condition_variable m_changed;
    std::deque<Task> m_tasks; ///< The first is at work.
    Result<void> m_outcome;
    std::exception_ptr m_thrown; ///< In place of an outcome.
    bool m_isEnding = false;
    std::thread m_thread; ///< None: tasks are done where they are added.
};

} // namespace bitlathe::run
