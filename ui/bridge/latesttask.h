// SPDX-License-Identifier: GPL-3.0-or-later
// LatestTask: background work whose newest request counts; older ones are stopped and their results dropped.
#pragma once

#include <QCoreApplication>
#include <QMetaObject>
#include <QPointer>
#include <QThreadPool>

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <utility>

namespace bitlathe::ui
{

/// Where such work runs; ends with the application. Qt's own pool stays free for Qt, whose images and text wait for it
/// on the UI thread.
QThreadPool& workPool();

/// Runs work off the UI thread; done is called on the UI thread, only for the newest request and only while the owner
/// and this live. All members are called on the UI thread. Either may die while work runs: work must hold everything it
/// reads by value or shared pointer; done may use the owner.
class LatestTask
{
public:
    explicit LatestTask(QObject* owner) : m_owner(owner) {}
    ~LatestTask() { cancel(); }
    LatestTask(const LatestTask&) = delete;
    LatestTask& operator=(const LatestTask&) = delete;

    /// work(std::stop_token) -> T on a pool thread; done(T) on the UI thread.
    template <typename Work, typename Done>
    void start(Work work, Done done)
    {
        cancel();
        m_busy = true;
        s_running.fetch_add(1);
        workPool().start([this, owner = m_owner, token = m_stop.get_token(), work = std::move(work),
                          done = std::make_shared<Done>(std::move(done))]() mutable {
            using T = decltype(work(token));
            std::shared_ptr<T> result;
            if (!token.stop_requested()) {
                result = std::make_shared<T>(work(token));
            }
            // Delivered through the application, which outlives the pool's threads; done and result die on the UI
            // thread. An unstopped token proves that this lives, because the destructor stops it on that same thread.
            QMetaObject::invokeMethod(
                QCoreApplication::instance(),
                [this, owner, token, result = std::move(result), done = std::move(done)]() mutable {
                    // Out of this function object, which the pool's thread may be the last to hold.
                    const std::shared_ptr<T> here = std::move(result);
                    const std::shared_ptr<Done> whenDone = std::move(done);
                    s_running.fetch_sub(1);
                    if (token.stop_requested() || owner.isNull()) {
                        return;
                    }
                    m_busy = false;
                    (*whenDone)(std::move(*here));
                },
                Qt::QueuedConnection);
        });
    }

    /// The running work is asked to stop; its result is dropped.
    void cancel()
    {
        m_stop.request_stop();
        m_stop = std::stop_source();
        m_busy = false;
    }
    bool busy() const { return m_busy; }

    /// Whether any task of the program has not come back yet, stopped ones included.
    static bool anyRunning() { return s_running.load() > 0; }

private:
    inline static std::atomic<int> s_running = 0;

    QPointer<QObject> m_owner;
    std::stop_source m_stop;
    bool m_busy = false;
};

} // namespace bitlathe::ui
