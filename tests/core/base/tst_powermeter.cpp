// SPDX-License-Identifier: Apache-2.0
// Energy counters: what is summed, how they begin anew, and what is said where there are none.
#include "core/base/file.h"
#include "core/base/powermeter.h"
#include "support/tempfolder.h"

namespace bitlathe
{

namespace fs = std::filesystem;

class TestPowerMeter : public QObject
{
    Q_OBJECT

private slots:
    void packagesAreSummedAcrossTheirRange()
    {
        const tests::TempFolder root;
        zone(root / "intel-rapl:0", "package-0", "900000", "1000000");
        zone(root / "intel-rapl:1", "package-1", "5", "1000000");
        zone(root / "intel-rapl:0:0", "core", "77", "1000000");
        zone(root / "intel-rapl:2", "psys", "77", "1000000");
        auto meter = PowerMeter::open(root.path());
        BITLATHE_VERIFY_OK(meter);
        write(root / "intel-rapl:0/energy_uj", "400000"); // Beyond its range once: 0.5 J.
        write(root / "intel-rapl:1/energy_uj", "250005");
        write(root / "intel-rapl:0:0/energy_uj", "999999");
        write(root / "intel-rapl:2/energy_uj", "999999");
        const auto joules = meter->joules();
        BITLATHE_VERIFY_OK(joules);
        QCOMPARE(*joules, 0.75);
        QCOMPARE(*meter->joules(), 0.0);
        fs::remove(root / "intel-rapl:1/energy_uj");
        QVERIFY(!meter->joules());
    }

    void missingAndUnreadableCountersSaySo()
    {
        const tests::TempFolder root;
        for (const fs::path& folder : {root.path(), root / "nowhere"}) {
            const auto none = PowerMeter::open(folder);
            QVERIFY(!none);
            QCOMPARE(none.error().code, ErrorCode::NotSupported);
        }
        zone(root / "intel-rapl:0", "package-0", "not a number", "1000000");
        const auto unreadable = PowerMeter::open(root.path());
        QVERIFY(!unreadable);
        QCOMPARE(unreadable.error().code, ErrorCode::FileUnreadable);
        QVERIFY(unreadable.error().subject.find("energy_uj") != std::string::npos);
    }

private:
    static void write(const fs::path& file, const std::string& content)
    {
        BITLATHE_VERIFY_OK(writeFileAtomically(file, content + '\n'));
    }
    static void zone(const fs::path& folder, const std::string& name, const std::string& energy,
                     const std::string& range)
    {
        fs::create_directories(folder);
        write(folder / "name", name);
        write(folder / "energy_uj", energy);
        write(folder / "max_energy_range_uj", range);
    }
};

} // namespace bitlathe

QTEST_GUILESS_MAIN(bitlathe::TestPowerMeter)
#include "tst_powermeter.moc"
