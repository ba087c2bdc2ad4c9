// SPDX-License-Identifier: Apache-2.0
// Loads of GPUs, from a library that stands in for the driver's.
#include "core/base/gpuload.h"

#include <QTest>

namespace bitlathe
{

class TestGpuLoad : public QObject
{
    Q_OBJECT

private slots:
    void tellsOfThoseThatAnswer()
    {
        const auto loads = gpuLoads(FAKE_NVML);
        QCOMPARE(loads.size(), std::size_t{2});
        QCOMPARE(loads[0].busy, 0.75);
        QCOMPARE(loads[0].bytesUsed, std::uint64_t{100});
        QCOMPARE(loads[0].bytesTotal, std::uint64_t{1000});
        QCOMPARE(loads[1].busy, 0.0);
        QCOMPARE(loads[1].bytesUsed, std::uint64_t{300});
    }

    void noLibraryNoGpus()
    {
        QVERIFY(gpuLoads("libno-such-library.so.1").empty());
        QVERIFY(gpuLoads("libm.so.6").empty()); // Another library.
    }
};

} // namespace bitlathe

QTEST_APPLESS_MAIN(bitlathe::TestGpuLoad)
#include "tst_gpuload.moc"
