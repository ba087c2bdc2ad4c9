// SPDX-License-Identifier: GPL-3.0-or-later
// LatestTask: background work whose newest request counts; older ones are stopped and their results dropped.
#pragma once

#include <QObject>
#include <QPointer>
#include <QThreadPool>

#include <functional>
#include <memory>
#include <stop_token>
#include <utility>

namespace bitlathe::ui
{

/// Runs work off the UI thread; done is called on the owner's thread, only for the newest request and only while the owner
/// lives. start() on the UI thread.
class LatestTask
{
public:
    explicit LatestTask(QObject* owner) : m_owner(owner) {}
    ~LatestTask() { m_stop.request_stop(); }
    LatestTask(const LatestTask&) = delete;
    LatestTask& operator=(const LatestTask&) = delete;

    /// work(std::stop_token) -> T on a pool thread; done(T) on the UI thread.
    template <typename Work, typename Done>
    void start(Work work, Done done)
    {
        cancel();
        m_busy = true;
        QThreadPool::globalInstance()->start(
            [work = std::move(work), done = std::move(done), token = m_stop.get_token(), owner = m_owner, this]() mutable {
                if (token.stop_requested()) {
                    return;
                }
                auto result = std::make_shared<decltype(work(token))>(work(token));
                if (QObject* receiver = owner.data(); receiver != nullptr && !token.stop_requested()) {
                    QMetaObject::invokeMethod(
                        receiver,
                        [result, token, done = std::move(done), this]() mutable {
                            if (!token.stop_requested()) {
                                m_busy = false;
                                done(std::move(*result));
                            }
                        },
                        Qt::QueuedConnection);
                }
            });
    }

    void cancel()
    {
        m_stop.request_stop();
        m_stop = std::stop_source();
        m_busy = false;
    }
    bool busy() const { return m_busy; }

private:
    QPointer<QObject> m_owner;
    std::stop_source m_stop;
    bool m_busy = false;
};

} // namespace bitlathe::ui
