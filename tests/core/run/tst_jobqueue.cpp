// SPDX-License-Identifier: Apache-2.0
// JobQueue: order, pause and resume, cancel, errors, progress, and its end in the middle of work.
#ifndef Q_MOC_RUN // moc 6.4 can't read the library's <concepts>, which is the first thing that this includes.
#    include "core/base/log.h"
#    include "core/run/jobqueue.h"
#endif

#include <QTest>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace bitlathe::run
{

namespace
{

using namespace std::chrono_literals;

/// Collects what a queue tells, and waits for a state.
class Listener
{
public:
    JobListener function()
    {
        return [this](const JobStatus& status) {
            const std::lock_guard lock(m_mutex);
            m_told.push_back(status);
            m_changed.notify_all();
        };
    }

    bool waitFor(JobId id, JobState state)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, 20s, [&] {
            return std::any_of(m_told.begin(), m_told.end(),
                               [&](const JobStatus& each) { return each.id == id && each.state == state; });
        });
    }

    /// The states of a job without repeats, as letters.
    std::string states(JobId id)
    {
        const std::lock_guard lock(m_mutex);
        std::string letters;
        for (const JobStatus& status : m_told) {
            const char letter = "QRpPcDFC"[static_cast<int>(status.state)];
            if (status.id == id && (letters.empty() || letters.back() != letter)) {
                letters += letter;
            }
        }
        return letters;
    }

    std::vector<JobStatus> told()
    {
        const std::lock_guard lock(m_mutex);
        return m_told;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<JobStatus> m_told;
};

/// Work that goes on until it is asked to stop.
Result<void> untilStopped(const WorkContext& work, bool)
{
    while (!work.stopRequested()) {
        std::this_thread::sleep_for(1ms);
    }
    return cancelled();
}

Result<void> nothing(const WorkContext&, bool)
{
    return {};
}

} // namespace

class TestJobQueue : public QObject
{
    Q_OBJECT

private slots:
    void endedJobsHoldNothing()
    {
        Listener listener;
        JobQueue queue(listener.function());
        const auto model = std::make_shared<int>(7); // Such as an opened model.
        const JobNeeds needs{true, false, [model] { return std::uint64_t{0}; }};
        const auto add = [&](JobWork work) {
            return queue.add(Text("job"), needs,
                             [model, work](const WorkContext& context, bool resume) { return work(context, resume); });
        };
        const long before = model.use_count();
        const JobId done = add([](const WorkContext&, bool) { return Result<void>(); });
        QVERIFY(listener.waitFor(done, JobState::Done));
        QTRY_COMPARE(model.use_count(), before);
        const JobId running = add(untilStopped);
        QVERIFY(listener.waitFor(running, JobState::Running));
        const JobId queued = add(untilStopped);
        queue.cancel(queued);
        queue.cancel(running);
        QVERIFY(listener.waitFor(running, JobState::Cancelled));
        QTRY_COMPARE(model.use_count(), before);
    }

    void memoryOfADevice()
    {
        Listener listener;
        JobQueue queue(listener.function());
        std::atomic<std::uint64_t> used = 7;
        std::atomic<bool> isWatched = false;
        const JobId job = queue.add(Text("job"), false, [&](const WorkContext& work, bool) -> Result<void> {
            while (!isWatched) {
                std::this_thread::sleep_for(1ms);
            }
            work.progress.set(0.25);
            std::this_thread::sleep_for(300ms); // Told at most every 100 ms.
            used = 3;
            work.progress.set(0.5);
            std::this_thread::sleep_for(300ms);
            return {};
        });
        QVERIFY(listener.waitFor(job, JobState::Running));
        queue.watchDevice(job, [&used] { return kernels::MemoryUse{9, used, used}; });
        isWatched = true;
        QVERIFY(listener.waitFor(job, JobState::Done));
        const auto told = listener.told();
        const auto hasTold = [&told](std::uint64_t bytes, std::uint64_t most) {
            return std::ranges::any_of(told, [&](const JobStatus& status) {
                return status.bytesVram == bytes && status.bytesPeakVram == most;
            });
        };
        QVERIFY(hasTold(7, 7) && hasTold(3, 7));
        QCOMPARE(told.back().bytesVram, std::uint64_t{0});
        QCOMPARE(told.back().bytesPeakVram, std::uint64_t{7});
        queue.watchDevice(job, [] { return kernels::MemoryUse{9, 9, 9}; }); // It is over: nobody asks.
        QCOMPARE(queue.jobs().front().bytesPeakVram, std::uint64_t{7});
    }

    void runsInOrder()
    {
        Listener listener;
        JobQueue queue(listener.function());
        std::vector<int> order; // Only the queue's thread writes it, one job after another.
        JobId last;
        for (int i = 0; i < 20; ++i) {
            last = queue.add(Text("job"), false, [&order, i](const WorkContext&, bool) -> Result<void> {
                order.push_back(i);
                return {};
            });
        }
        QVERIFY(listener.waitFor(last, JobState::Done));
        QCOMPARE(order.size(), std::size_t{20});
        QVERIFY(std::is_sorted(order.begin(), order.end()));
        QCOMPARE(listener.states(last), std::string("QRD"));
        QVERIFY(!queue.busy());
    }

    void pausedWorkGoesOnAsResume()
    {
        Listener listener;
        JobQueue queue(listener.function());
        std::vector<bool> calls;
        const JobId id = queue.add(Text("job"), true, [&calls](const WorkContext& work, bool resume) -> Result<void> {
            calls.push_back(resume);
            return resume ? Result<void>() : untilStopped(work, resume);
        });
        QVERIFY(listener.waitFor(id, JobState::Running));
        queue.pause(id);
        QVERIFY(listener.waitFor(id, JobState::Paused));
        QVERIFY(!queue.busy());
        const JobId other = queue.add(Text("other"), false, nothing); // A paused job does not hold up the next.
        QVERIFY(listener.waitFor(other, JobState::Done));
        queue.resume(id);
        QVERIFY(listener.waitFor(id, JobState::Done));
        QVERIFY((calls == std::vector<bool>{false, true}));
        QCOMPARE(listener.states(id), std::string("QRpPQRD"));
    }

    void queuedJobsCanBeHeldMovedAndCancelled()
    {
        Listener listener;
        JobQueue queue(listener.function());
        const JobId running = queue.add(Text("running"), false, untilStopped);
        QVERIFY(listener.waitFor(running, JobState::Running));
        std::vector<char> order;
        const auto note = [&order](char letter) {
            return [&order, letter](const WorkContext&, bool resume) -> Result<void> {
                order.push_back(resume ? '!' : letter);
                return {};
            };
        };
        const JobId a = queue.add(Text("a"), true, note('a'));
        const JobId b = queue.add(Text("b"), true, note('b'));
        const JobId c = queue.add(Text("c"), true, note('c'));
        const JobId d = queue.add(Text("d"), true, note('d'));
        queue.pause(b);
        queue.cancel(c);
        queue.moveTo(d, 0);
        queue.pause(running); // It can't pause: nothing happens.
        QCOMPARE(queue.jobs().front().id, running);
        QVERIFY(queue.jobs()[1].id == d && queue.jobs()[2].id == a);
        queue.cancel(running);
        QVERIFY(listener.waitFor(a, JobState::Done));
        queue.resume(b);
        QVERIFY(listener.waitFor(b, JobState::Done));
        QVERIFY(listener.waitFor(running, JobState::Cancelled));
        QCOMPARE(std::string(order.begin(), order.end()), std::string("dab"));
        QCOMPARE(listener.states(c), std::string("QC"));
        QCOMPARE(listener.states(running), std::string("QRcC"));
    }

    void waitsForMemoryAndSaysSo()
    {
        Listener listener;
        JobQueue queue(listener.function());
        std::atomic<std::uint64_t> bytes = 101;
        queue.setAtOnce(4);
        queue.setMemory([&bytes] { return bytes.load(); });
        const auto takes = [](std::uint64_t most) { return JobNeeds{true, false, [most] { return most; }}; };
        const JobId first = queue.add(Text("first"), takes(60), untilStopped);
        const JobId second = queue.add(Text("second"), takes(40), untilStopped);
        QVERIFY(listener.waitFor(first, JobState::Running));
        QVERIFY(listener.waitFor(second, JobState::Running)); // Fits beside it.
        const JobId third = queue.add(Text("third"), takes(30), untilStopped);
        const JobId small = queue.add(Text("small"), takes(1), nothing);
        const auto of = [&queue](JobId id) {
            const auto all = queue.jobs();
            return *std::find_if(all.begin(), all.end(), [id](const JobStatus& each) { return each.id == id; });
        };
        QTRY_VERIFY(of(third).wait == JobWait::Memory);
        QCOMPARE(of(third).bytesEstimated, std::uint64_t{30});
        QCOMPARE(of(third).bytesLeft, std::uint64_t{1});
        QVERIFY(of(third).state == JobState::Queued);
        QVERIFY(of(small).state == JobState::Queued); // In their order: the large one is not passed by.
        queue.moveTo(small, 0);
        QVERIFY(listener.waitFor(small, JobState::Done));
        QTRY_VERIFY(of(third).wait == JobWait::Memory);
        queue.cancel(second);
        QVERIFY(listener.waitFor(third, JobState::Running));
        QVERIFY(of(third).wait == JobWait::Turn);

        bytes = 100;
        const JobId large = queue.add(Text("large"), takes(90), nothing);
        const JobId huge = queue.add(Text("huge"), takes(1000), nothing);
        QTRY_VERIFY(of(large).wait == JobWait::Memory);
        bytes = 1000; // Another program ended.
        QVERIFY(listener.waitFor(large, JobState::Done));
        QTRY_VERIFY(of(huge).wait == JobWait::Memory);
        queue.startAnyway(huge);
        QVERIFY(listener.waitFor(huge, JobState::Done));
        QCOMPARE(listener.states(huge), std::string("QRD"));
    }

    void someJobsRunAlone()
    {
        Listener listener;
        JobQueue queue(listener.function());
        queue.setAtOnce(2);
        const JobId any = queue.add(Text("any"), true, untilStopped);
        const JobId alone = queue.add(Text("alone"), JobNeeds{false, true, {}}, untilStopped);
        const JobId last = queue.add(Text("last"), true, nothing);
        QVERIFY(listener.waitFor(any, JobState::Running));
        QTRY_VERIFY(queue.jobs()[1].wait == JobWait::Others);
        queue.cancel(any);
        QVERIFY(listener.waitFor(alone, JobState::Running));
        QTRY_VERIFY(queue.jobs()[1].id == last && queue.jobs()[1].wait == JobWait::Others);
        queue.cancel(alone);
        QVERIFY(listener.waitFor(last, JobState::Done));
    }

    void resumesAtOnceWhateverElseRuns()
    {
        Listener listener;
        JobQueue queue(listener.function());
        queue.setAtOnce(3);
        const JobId other = queue.add(Text("other"), false, untilStopped);
        std::atomic<int> calls = 0;
        const JobId id = queue.add(Text("job"), true, [&calls](const WorkContext& work, bool resume) {
            ++calls;
            return untilStopped(work, resume);
        });
        for (int i = 1; i <= 20; ++i) {
            QTRY_COMPARE(calls.load(), i);
            queue.pause(id);
            QTRY_VERIFY((queue.resume(id), calls.load() > i)); // The moment it is paused, or at the next look.
        }
        queue.cancel(id);
        QTRY_VERIFY(listener.states(id).back() == 'C');
        queue.cancel(other);
        QTRY_VERIFY(!queue.busy());
    }

    void linesOfWorkCarryTheJob()
    {
        Listener listener;
        const auto before = logLinesAfter(0);
        const std::uint64_t last = before.empty() ? 0 : before.back().number;
        JobQueue queue(listener.function());
        const JobId id = queue.add(Text("job"), false, [](const WorkContext&, bool) -> Result<void> {
            log().info("inside");
            return {};
        });
        QVERIFY(listener.waitFor(id, JobState::Done));
        log().info("outside");
        const auto lines = logLinesAfter(last);
        QCOMPARE(lines.size(), std::size_t{2});
        QCOMPARE(lines[0].origin, id.value());
        QCOMPARE(lines[1].origin, std::int64_t{0});
    }

    void failuresKeepTheirError()
    {
        Listener listener;
        JobQueue queue(listener.function());
        const JobId failed = queue.add(Text("fails"), true, [](const WorkContext&, bool) -> Result<void> {
            return fail(ErrorCode::DiskFull, "here", {}, Text("no room"));
        });
        const JobId thrown = queue.add(
            Text("throws"), true, [](const WorkContext&, bool) -> Result<void> { throw std::runtime_error("bug"); });
        QVERIFY(listener.waitFor(failed, JobState::Failed));
        QVERIFY(listener.waitFor(thrown, JobState::Failed));
        for (const JobStatus& status : queue.jobs()) {
            QVERIFY(status.error);
            QCOMPARE(status.error->code, status.id == failed ? ErrorCode::DiskFull : ErrorCode::Internal);
        }
    }

    void workThatIgnoresAPauseIsDone()
    {
        Listener listener;
        JobQueue queue(listener.function());
        std::atomic<bool> go = false;
        const JobId id = queue.add(Text("job"), true, [&go](const WorkContext&, bool) -> Result<void> {
            while (!go) {
                std::this_thread::sleep_for(1ms);
            }
            return {};
        });
        QVERIFY(listener.waitFor(id, JobState::Running));
        queue.pause(id);
        go = true;
        QVERIFY(listener.waitFor(id, JobState::Done));
    }

    void progressIsThrottledAndOrdered()
    {
        Listener listener;
        JobQueue queue(listener.function());
        const auto start = std::chrono::steady_clock::now();
        const JobId id = queue.add(Text("job"), false, [](const WorkContext& work, bool) -> Result<void> {
            for (int i = 0; i <= 1000; ++i) {
                work.progress.set(i / 1000.0, Text("step %1", i / 500));
                std::this_thread::sleep_for(1ms);
            }
            return {};
        });
        QVERIFY(listener.waitFor(id, JobState::Done));
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        double before = 0;
        for (const JobStatus& status : listener.told()) {
            QVERIFY(status.fraction >= before);
            before = status.fraction;
        }
        QCOMPARE(before, 1.0);
        QVERIFY(static_cast<double>(listener.told().size()) < 10 * seconds + 5);
        QVERIFY(listener.told().size() > 4);
        // After half a second the time left is told as a range around the truth: about what was left.
        const auto told = listener.told();
        const JobStatus& late = told[told.size() - 3];
        QVERIFY(late.secondsLeftLow >= 0);
        QVERIFY(late.secondsLeftLow <= late.secondsLeftHigh);
        const double left = (1 - late.fraction) * seconds;
        QVERIFY(late.secondsLeftLow < left + 0.2 && late.secondsLeftHigh > left - 0.2);
    }

    void listenersMayUseTheQueue()
    {
        std::atomic<int> calls = 0;
        JobQueue* address = nullptr;
        std::mutex guard;
        JobQueue queue([&](const JobStatus& status) {
            const std::lock_guard lock(guard);
            if (address != nullptr) {
                calls += static_cast<int>(address->jobs().size());
                address->resume(status.id);
            }
        });
        {
            const std::lock_guard lock(guard);
            address = &queue;
        }
        queue.add(Text("a"), true, nothing);
        queue.add(Text("b"), true, nothing);
        QTRY_VERIFY(!queue.busy());
        QTRY_VERIFY(calls > 0);
        const std::lock_guard lock(guard);
        address = nullptr;
    }

    void theEndStopsWork()
    {
        Listener listener;
        bool laterRan = false;
        const auto start = std::chrono::steady_clock::now();
        {
            JobQueue queue(listener.function());
            const JobId id = queue.add(Text("endless"), true, untilStopped);
            queue.add(Text("later"), true, [&laterRan](const WorkContext&, bool) -> Result<void> {
                laterRan = true;
                return {};
            });
            QVERIFY(listener.waitFor(id, JobState::Running));
        }
        QVERIFY(std::chrono::steady_clock::now() - start < 5s);
        QVERIFY(!laterRan);
    }

    void manyThreadsMayCallAtOnce()
    {
        Listener listener;
        JobQueue queue(listener.function());
        std::vector<std::jthread> callers;
        for (int t = 0; t < 4; ++t) {
            callers.emplace_back([&queue] {
                for (int i = 0; i < 50; ++i) {
                    const JobId id = queue.add(Text("job"), true, [](const WorkContext& work, bool) -> Result<void> {
                        work.progress.set(0.5);
                        return work.stopRequested() ? Result<void>(cancelled()) : Result<void>();
                    });
                    queue.pause(id);
                    queue.resume(id);
                    queue.moveTo(id, 0);
                    (void)queue.jobs();
                    if (i % 7 == 0) {
                        queue.cancel(id);
                    }
                }
            });
        }
        callers.clear();
        // Those that were paused while they ran wait for a resume.
        QTRY_VERIFY_WITH_TIMEOUT(
            ([&] {
                for (const JobStatus& status : queue.jobs()) {
                    queue.resume(status.id);
                }
                const auto all = queue.jobs();
                return all.size() == 200 && std::all_of(all.begin(), all.end(), [](const auto& each) {
                           return each.state == JobState::Done || each.state == JobState::Cancelled;
                       });
            }()),
            20000);
    }
};

} // namespace bitlathe::run

QTEST_GUILESS_MAIN(bitlathe::run::TestJobQueue)
#include "tst_jobqueue.moc"
