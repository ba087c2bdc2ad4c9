// SPDX-License-Identifier: Apache-2.0
// Tests that only the newest request's result arrives, and that owners may die while work runs.
#include "ui/bridge/latesttask.h"

#include <QTest>

#include <atomic>
#include <latch>
#include <thread>

using bitlathe::ui::LatestTask;

class TestLatestTask : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void deliversOnTheUiThread();
    void dropsOlderResults();
    void stopsOlderWork();
    void cancelDropsTheResult();
    void survivesItsOwnDeath();
    void survivesItsOwnersDeath();
    void movesMoveOnlyResults();
};

void TestLatestTask::deliversOnTheUiThread()
{
    LatestTask task(this);
    QThread* worked = nullptr;
    QThread* delivered = nullptr;
    int value = 0;
    task.start(
        [&worked](const std::stop_token&) {
            worked = QThread::currentThread();
            return 42;
        },
        [&](int result) {
            delivered = QThread::currentThread();
            value = result;
        });
    QVERIFY(task.busy());
    QTRY_COMPARE(value, 42);
    QVERIFY(!task.busy());
    QCOMPARE(delivered, QThread::currentThread());
    QVERIFY(worked != QThread::currentThread());
}

void TestLatestTask::dropsOlderResults()
{
    LatestTask task(this);
    std::latch go(1);
    QList<int> results;
    for (int i = 0; i < 3; ++i) {
        // The first holds its thread until all were started, so its result comes last, whatever the threads do.
        task.start(
            [&go, i](const std::stop_token&) {
                if (i == 0) {
                    go.wait();
                }
                return i;
            },
            [&results](int result) { results << result; });
    }
    QTRY_COMPARE(results, QList<int>{2});
    go.count_down();
    QTRY_VERIFY(!LatestTask::anyRunning());
    QCOMPARE(results, QList<int>{2});
}

void TestLatestTask::stopsOlderWork()
{
    LatestTask task(this);
    std::atomic<bool> stopped = false;
    std::latch started(1);
    task.start(
        [&](const std::stop_token& stop) {
            started.count_down();
            while (!stop.stop_requested()) {
                std::this_thread::yield();
            }
            stopped = true;
            return 1;
        },
        [](int) { QFAIL("an old result arrived"); });
    started.wait();
    int result = 0;
    task.start([](const std::stop_token&) { return 2; }, [&result](int value) { result = value; });
    QTRY_COMPARE(result, 2);
    QTRY_VERIFY(stopped);
    QTRY_VERIFY(!LatestTask::anyRunning());
}

void TestLatestTask::cancelDropsTheResult()
{
    LatestTask task(this);
    task.start([](const std::stop_token&) { return 1; }, [](int) { QFAIL("a cancelled result arrived"); });
    task.cancel();
    QVERIFY(!task.busy());
    QTRY_VERIFY(!LatestTask::anyRunning());
}

void TestLatestTask::survivesItsOwnDeath()
{
    std::latch go(1);
    {
        LatestTask task(this);
        task.start(
            [&go](const std::stop_token&) {
                go.wait();
                return 1;
            },
            [](int) { QFAIL("a result arrived for a task that is gone"); });
    }
    go.count_down();
    QTRY_VERIFY(!LatestTask::anyRunning());
}

void TestLatestTask::survivesItsOwnersDeath()
{
    auto* owner = new QObject;
    LatestTask task(owner);
    std::latch go(1);
    task.start(
        [&go](const std::stop_token&) {
            go.wait();
            return 1;
        },
        [](int) { QFAIL("a result arrived for an owner that is gone"); });
    delete owner;
    go.count_down();
    QTRY_VERIFY(!LatestTask::anyRunning());
}

void TestLatestTask::movesMoveOnlyResults()
{
    LatestTask task(this);
    std::unique_ptr<int> got;
    task.start([](const std::stop_token&) { return std::make_unique<int>(7); },
               [&got](std::unique_ptr<int> result) { got = std::move(result); });
    QTRY_VERIFY(got != nullptr);
    QCOMPARE(*got, 7);
}

QTEST_MAIN(TestLatestTask)
#include "tst_latesttask.moc"
