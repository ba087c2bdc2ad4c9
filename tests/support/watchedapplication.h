// SPDX-License-Identifier: Apache-2.0
// An application that measures how long each event keeps its thread, and remembers those that a person would notice.
#pragma once

#include "tests/support/eventtrace.h"

#include <QApplication>
#include <QStringList>
#include <QTest>
#include <QThread>
#include <QTimer>

#include <algorithm>
#include <chrono>
#include <map>
#include <ranges>
#include <vector>

#include <sys/resource.h>
#include <time.h>

namespace bitlathe::tests
{

constexpr double kStallSeconds = 0.050;
/// For another thread, one of Qt's perhaps, which a busy machine may not let run for a while.
constexpr double kWaitSeconds = 0.250;
constexpr int kSharesTold = 5;

/// What this thread did so far.
struct ThreadUse
{
    double seconds = 0;
    double computing = 0;
    long waits = 0; ///< For a lock or a file, say.
    long pages = 0; ///< Of memory, for which it waited as long as the disk took.
    int slowCalls = 0;

    /// slowCalls: counts them, or null.
    static ThreadUse now(int (*slowCalls)())
    {
        rusage used{};
        getrusage(RUSAGE_THREAD, &used);
        const auto seconds = [](const timeval& time) {
            return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
        };
        const auto since = std::chrono::steady_clock::now().time_since_epoch();
        return {std::chrono::duration<double>(since).count(), seconds(used.ru_utime) + seconds(used.ru_stime),
                used.ru_nvcsw, used.ru_majflt, slowCalls != nullptr ? slowCalls() : 0};
    }
    ThreadUse operator-(const ThreadUse& before) const
    {
        return {seconds - before.seconds, computing - before.computing, waits - before.waits, pages - before.pages,
                slowCalls - before.slowCalls};
    }
    /// Time that other programs took of the processor, and the disk, is no fault of ours.
    bool isStall() const
    {
        return slowCalls > 0 || computing > kStallSeconds || (seconds > kWaitSeconds && waits > 0 && pages == 0);
    }
};

/// An event that a person would notice.
struct Stall
{
    QByteArray receiver; ///< Its class.
    double computing = 0;
    QString words;
};

class WatchedApplication : public QApplication
{
public:
    using QApplication::QApplication;

    bool notify(QObject* receiver, QEvent* event) override
    {
        if (QThread::currentThread() != thread()) {
            return QApplication::notify(receiver, event);
        }
        const int level = QThread::currentThread()->loopLevel();
        if (receiver == m_tester) {
            if (!m_open.empty() && level > m_open.back().loopLevel) {
                m_open.back().hasLoop = true;
            }
            return QApplication::notify(receiver, event);
        }
        if (!m_open.empty() && level <= m_open.back().loopLevel) {
            return notifyWithin(m_open.back(), receiver, event);
        }
        const QByteArray receiverClass = receiver->metaObject()->className();
        const QString name = QStringLiteral("event %1 of %2 '%3'")
                                 .arg(event->type())
                                 .arg(QLatin1String(receiverClass), receiver->objectName());
        m_open.push_back({level, false, {}, {}});
        m_trace.begin();
        const ThreadUse before = ThreadUse::now(m_slowCalls);
        const bool result = QApplication::notify(receiver, event);
        const ThreadUse used = ThreadUse::now(m_slowCalls) - before;
        m_trace.end();
        const Open ended = std::move(m_open.back());
        m_open.pop_back();
        if (!m_open.empty()) {
            m_open.back().hasLoop = true;
        }
        if (!ended.hasLoop) { // A dialog's events were measured one by one.
            keep(used, receiverClass, name, ended.shares);
        }
        return result;
    }

    /// Counts calls that were slow so far, on the calling thread.
    void setSlowCalls(int (*slowCalls)()) { m_slowCalls = slowCalls; }
    /// Whose own events are not the program's; what they bring about is measured event by event.
    void setTester(const QObject* tester) { m_tester = tester; }
    /// What the test does now, for messages.
    void setDoing(const QString& doing) { m_doing = doing; }
    /// Does what a person does, which is an event, too.
    template <typename Action>
    void act(const QString& doing, const Action& action)
    {
        setDoing(doing);
        bool done = false;
        QTimer::singleShot(0, this, [&] {
            action();
            done = true;
        });
        QTRY_VERIFY(done);
    }
    void forget()
    {
        m_stalls.clear();
        m_longest = 0;
    }
    const std::vector<Stall>& stalls() const { return m_stalls; }
    static QString wordsOf(const std::vector<Stall>& stalls)
    {
        QStringList words;
        std::ranges::transform(stalls, std::back_inserter(words), &Stall::words);
        return words.join(u'\n');
    }
    double longest() const { return m_longest; }

private:
    /// Seconds of computing within an event, by the kind of event and the class of who got it, without those within
    /// these.
    using Shares = std::map<std::pair<const QMetaObject*, QEvent::Type>, double>;

    struct Open
    {
        int loopLevel = 0;
        bool hasLoop = false; ///< It runs an event loop of its own.
        Shares shares;
        std::vector<double> within; ///< Seconds of what was inside each event that is being handled.
    };

    /// An event that another one brings about.
    bool notifyWithin(Open& open, QObject* receiver, QEvent* event)
    {
        const std::pair what(receiver->metaObject(), event->type());
        open.within.push_back(0);
        const double before = threadSeconds();
        const std::size_t level = m_open.size() - 1;
        const bool result = QApplication::notify(receiver, event);
        const double seconds = threadSeconds() - before;
        Open& now = m_open[level]; // Others may have been opened and closed.
        now.shares[what] += seconds - now.within.back();
        now.within.pop_back();
        if (!now.within.empty()) {
            now.within.back() += seconds;
        }
        return result;
    }

    static double threadSeconds()
    {
        timespec now{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
    }

    /// The dearest of them, in words.
    static QString wordsOf(const Shares& shares)
    {
        std::vector<std::pair<double, Shares::key_type>> sorted;
        for (const auto& [what, seconds] : shares) {
            sorted.emplace_back(seconds, what);
        }
        std::ranges::sort(sorted, std::greater());
        QStringList words;
        for (const auto& [seconds, what] : sorted | std::views::take(kSharesTold)) {
            words.append(QStringLiteral("event %1 of %2 %3 ms")
                             .arg(what.second)
                             .arg(QLatin1String(what.first->className()))
                             .arg(1e3 * seconds, 0, 'f', 0));
        }
        return words.join(QStringLiteral(", "));
    }

    void keep(const ThreadUse& used, const QByteArray& receiver, const QString& name, const Shares& shares)
    {
        if (used.isStall()) {
            m_stalls.push_back({receiver, used.computing,
                                QStringLiteral("%1 ms, %2 ms of them computing, %3 waits, %4 slow calls: %5, %6; %7")
                                    .arg(1e3 * used.seconds, 0, 'f', 0)
                                    .arg(1e3 * used.computing, 0, 'f', 0)
                                    .arg(used.waits)
                                    .arg(used.slowCalls)
                                    .arg(name, m_doing, wordsOf(shares))});
        }
        m_longest = std::max(m_longest, used.computing);
    }

    std::vector<Open> m_open; ///< Events that are being handled, one for each event loop.
    EventTrace m_trace;
    int (*m_slowCalls)() = nullptr;
    const QObject* m_tester = nullptr;
    std::vector<Stall> m_stalls;
    QString m_doing;
    double m_longest = 0;
};

} // namespace bitlathe::tests
