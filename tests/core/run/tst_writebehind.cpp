// SPDX-License-Identifier: Apache-2.0
// Tests tasks behind the work: their order, what an error ends, what was thrown.
#ifndef Q_MOC_RUN // moc 6.4 can't read the library's <concepts>, which is the first thing that this includes.
#    include "core/run/writebehind.h"
#endif

#include <QTest>

#include <atomic>
#include <stdexcept>
#include <vector>

using namespace bitlathe;
using bitlathe::run::WriteBehind;

class TestWriteBehind : public QObject
{
    Q_OBJECT

private slots:
    void keepsTheOrder_data();
    void keepsTheOrder();
    void endsWithTheFirstError();
    void goesOnAfterAnErrorWasTold();
    void handsOnWhatWasThrown();
    void runsBesideTheCaller();
};

void TestWriteBehind::keepsTheOrder_data()
{
    QTest::addColumn<bool>("beside");
    QTest::newRow("beside") << true;
    QTest::newRow("where it is added") << false;
}

void TestWriteBehind::keepsTheOrder()
{
    QFETCH(const bool, beside);
    WriteBehind writing(beside);
    std::vector<int> done;
    std::vector<int> wanted;
    for (int i = 0; i < 100; ++i) {
        wanted.push_back(i);
        const auto added = writing.add([&done, i]() -> Result<void> {
            done.push_back(i);
            return {};
        });
        QVERIFY(added);
    }
    QVERIFY(writing.wait());
    QCOMPARE(done, wanted);
}

void TestWriteBehind::endsWithTheFirstError()
{
    WriteBehind writing(true);
    std::atomic<bool> mayFail = false;
    std::atomic<int> later = 0;
    QVERIFY(writing.add([&mayFail]() -> Result<void> {
        mayFail.wait(false);
        return fail(ErrorCode::DiskFull, "a file", {}, {}, {});
    }));
    QVERIFY(writing.add([&later]() -> Result<void> {
        ++later;
        return {};
    }));
    mayFail = true;
    mayFail.notify_all();
    const Result<void> ended = writing.wait();
    QVERIFY(!ended);
    QCOMPARE(ended.error().code, ErrorCode::DiskFull);
    QCOMPARE(later.load(), 0);
}

void TestWriteBehind::goesOnAfterAnErrorWasTold()
{
    WriteBehind writing(true);
    QVERIFY(writing.add([]() -> Result<void> { return fail(ErrorCode::WriteFailed, "a file", {}, {}, {}); }));
    QVERIFY(!writing.wait());
    bool isDone = false;
    QVERIFY(writing.add([&isDone]() -> Result<void> {
        isDone = true;
        return {};
    }));
    QVERIFY(writing.wait());
    QVERIFY(isDone);
}

void TestWriteBehind::handsOnWhatWasThrown()
{
    WriteBehind writing(true);
    QVERIFY(writing.add([]() -> Result<void> { throw std::runtime_error("no memory"); }));
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, (void)writing.wait());
    QVERIFY(writing.wait());
}

void TestWriteBehind::runsBesideTheCaller()
{
    WriteBehind writing(true);
    std::atomic<bool> isReady = false;
    QVERIFY(writing.add([&isReady]() -> Result<void> {
        isReady.wait(false);
        return {};
    }));
    // Reached only where add() did not wait for its task.
    isReady = true;
    isReady.notify_all();
    QVERIFY(writing.wait());
}

QTEST_GUILESS_MAIN(TestWriteBehind)
#include "tst_writebehind.moc"
