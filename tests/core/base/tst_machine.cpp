// SPDX-License-Identifier: Apache-2.0
// Facts about this process and machine.
#include "core/base/machine.h"

#include <QTest>

#include <chrono>
#include <thread>
#include <vector>

using namespace bitlathe;

class TestMachine : public QObject
{
    Q_OBJECT

private slots:
    void factsArePlausible()
    {
        const MachineFacts facts = machineFacts();
        QVERIFY(facts.cores >= 1);
        QVERIFY(static_cast<unsigned>(facts.cores) <= std::max(1U, std::thread::hardware_concurrency()));
        QVERIFY(facts.bytesRam > (64U << 20U));
        QVERIFY(facts.bytesRamAvailable > 0);
        QVERIFY(facts.bytesRamAvailable <= facts.bytesRam);
        QVERIFY(!facts.system.empty());
    }

    void loadGrowsWithWork()
    {
        const MachineLoad before = machineLoad();
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
        volatile double sum = 0;
        while (std::chrono::steady_clock::now() < end) {
            sum = sum + 1;
        }
        const MachineLoad after = machineLoad();
        QVERIFY(after.secondsOwn - before.secondsOwn > 0.05);
        QVERIFY(after.secondsBusy > before.secondsBusy);
        QVERIFY(after.secondsBusy + after.secondsIdle > before.secondsBusy + before.secondsIdle);
        QVERIFY(after.bytesOwn > 0 && after.bytesOwn <= machineFacts().bytesRam);
        QVERIFY(after.bytesUsed > 0 && after.bytesUsed <= machineFacts().bytesRam);
    }

    void memoryIsSeen()
    {
        resetPeakResidentBytes();
        const std::uint64_t before = residentBytes();
        QVERIFY(before > 0);
        constexpr std::size_t kBytes = 64U << 20U;
        {
            const std::vector<char> block(kBytes, 1);
            QVERIFY(residentBytes() >= before + kBytes / 2);
            QVERIFY(block.back() == 1);
        }
        QVERIFY(peakResidentBytes() >= before + kBytes / 2);
    }
};

QTEST_GUILESS_MAIN(TestMachine)
#include "tst_machine.moc"
