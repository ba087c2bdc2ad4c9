// SPDX-License-Identifier: Apache-2.0
// WriteBehind: writes what is done while the next is computed.
#include "core/run/writebehind.h"

#include <utility>

namespace bitlathe::run
{

namespace
{

/// Tasks that may be there at once. Each holds a quantized layer, some eighth to a quarter of what the layer that is
/// being quantized takes; enough to outlast a disk that makes a block durable.
constexpr std::size_t kTasksMax = 4;

} // namespace

WriteBehind::WriteBehind(bool beside)
{
    if (beside) {
        m_thread = std::thread([this] { work(); });
    }
}

WriteBehind::~WriteBehind()
{
    {
        const std::lock_guard lock(m_guard);
        m_isEnding = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable()) {
        m_thread.join();
    }
}

Result<void> WriteBehind::add(Task task)
{
    if (!m_thread.joinable()) {
        return task();
    }
    std::unique_lock lock(m_guard);
    m_changed.wait(lock, [this] { return m_tasks.size() < kTasksMax; });
    BITLATHE_CHECK(takeOutcome());
    m_tasks.push_back(std::move(task));
    m_changed.notify_all();
    return {};
}

Result<void> WriteBehind::wait()
{
    std::unique_lock lock(m_guard);
    m_changed.wait(lock, [this] { return m_tasks.empty(); });
    return takeOutcome();
}

/// Under the guard.
Result<void> WriteBehind::takeOutcome()
{
    if (m_thrown) {
        std::rethrow_exception(std::exchange(m_thrown, nullptr));
    }
    return std::exchange(m_outcome, {});
}

void WriteBehind::work()
{
    std::unique_lock lock(m_guard);
    while (true) {
        m_changed.wait(lock, [this] { return !m_tasks.empty() || m_isEnding; });
        if (m_isEnding) {
            return;
        }
        Task task = std::exchange(m_tasks.front(), {});
        lock.unlock();
        Result<void> outcome;
        std::exception_ptr thrown;
        try {
            outcome = task();
        } catch (...) {
            thrown = std::current_exception();
        }
        task = {}; // What it holds.
        lock.lock();
        m_tasks.pop_front();
        if (!outcome || thrown) {
            m_tasks.clear();
            m_outcome = std::move(outcome);
            m_thrown = thrown;
        }
        m_changed.notify_all();
    }
}

} // namespace bitlathe::run
