// SPDX-License-Identifier: Apache-2.0
// Estimates against the runs that they are of: bytes, peak memory and time of each kind of method.
#include "core/base/machine.h"
#include "core/plan/rates.h"
#include "core/run/runner.h"
#include "support/tempfolder.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace bitlathe;
using bitlathe::tests::TempFolder;

namespace
{

struct Outcome
{
    plan::Estimate estimate;
    std::uint64_t bytes = 0, bytesPeak = 0;
    double seconds = 0;
    double drift = 1; ///< The estimate behind the run by that before it.

    double middle() const { return std::sqrt(estimate.secondsLow * estimate.secondsHigh); }
    double ratio() const { return seconds / middle(); }
};

/// One run with statistics of its own, between two estimates: the machine may be busier at its end.
Result<Outcome> runOnce(const plan::Recipe& given)
{
    const TempFolder folder;
    qputenv("XDG_CACHE_HOME", (folder / "cache").c_str());
    plan::Recipe recipe = given;
    recipe.exportTo.out = folder / "out";
    returnFreeMemory();
    plan::forgetRates();
    BITLATHE_TRY(const plan::Plan plan, plan::makePlan(recipe));
    BITLATHE_TRY(const run::RunResult result, run::runPlan(plan, {.record = false}, {}, {}));
    plan::forgetRates();
    recipe.exportTo.out = folder / "again";
    BITLATHE_TRY(const plan::Plan after, plan::makePlan(recipe));
    Outcome outcome{plan.estimate, result.bytes, result.bytesPeakRss, result.seconds,
                    after.estimate.secondsHigh / plan.estimate.secondsHigh};
    outcome.estimate.secondsLow = std::sqrt(plan.estimate.secondsLow * after.estimate.secondsLow);
    outcome.estimate.secondsHigh = std::sqrt(plan.estimate.secondsHigh * after.estimate.secondsHigh);
    return outcome;
}

} // namespace

class TestEstimate : public QObject
{
    Q_OBJECT

private slots:
    void againstRuns_data();
    void againstRuns();
};

void TestEstimate::againstRuns_data()
{
    QTest::addColumn<QString>("method");
    QTest::addColumn<bool>("calibrates");
    QTest::addColumn<bool>("searches");
    QTest::newRow("rtn") << "rtn" << false << false;
    QTest::newRow("rtn, best ranges") << "rtn" << false << true;
    QTest::newRow("nf4") << "nf4" << false << false;
    QTest::newRow("rtn, calibrated") << "rtn" << true << false;
    QTest::newRow("gptq") << "gptq" << true << false;
    QTest::newRow("gptq, best") << "gptq" << true << true;
    QTest::newRow("awq") << "awq" << true << false;
}

void TestEstimate::againstRuns()
{
    BITLATHE_NEED_SHARED();
    QFETCH(const QString, method);
    QFETCH(const bool, calibrates);
    QFETCH(const bool, searches);
    plan::Recipe recipe;
    recipe.model = tests::sharedFolder() / "models" / "demo-llama";
    recipe.method = method.toStdString();
    if (method == "nf4") {
        recipe.scheme = {.groupSize = 64};
        recipe.exportTo.format = "bitsandbytes";
    }
    if (calibrates) {
        recipe.calibration.data = tests::sharedFolder() / "data" / "demo-text" / "calibration.jsonl";
        recipe.calibration.samples.samples = 32;
        recipe.calibration.samples.length = 512;
        recipe.options.gptq.effort = searches ? quant::Effort::Best : quant::Effort::Normal;
    } else if (searches) {
        recipe.scheme.clipping = quant::Clipping::Mse;
    }
    std::vector<Outcome> outcomes;
    for (int repeat = 0; repeat < 3; ++repeat) {
        const auto outcome = runOnce(recipe);
        BITLATHE_VERIFY_OK(outcome);
        outcomes.push_back(*outcome);
    }
    std::ranges::sort(outcomes, {}, &Outcome::ratio);
    for (const Outcome& outcome : outcomes) {
        QCOMPARE(outcome.bytes, outcome.estimate.bytesOut);
    }
    const Outcome& median = outcomes[1];
    const double peak = static_cast<double>(median.estimate.bytesPeakRam) / static_cast<double>(median.bytesPeak);
    qInfo("peak %.1f MiB, estimated %.1f (%.2f); %.2f s, estimated %.2f (%.2f), drift %.2f",
          static_cast<double>(median.bytesPeak) / 0x1p20, static_cast<double>(median.estimate.bytesPeakRam) / 0x1p20,
          peak, median.seconds, median.middle(), median.ratio(), median.drift);
    QVERIFY2(peak > 0.9 && peak < 1.1, qPrintable(QString::number(peak)));
    if (median.drift > 1.5 || median.drift < 1 / 1.5) {
        QSKIP("The machine itself became faster or slower by more than the estimate's range.");
    }
    QVERIFY2(median.ratio() > 1 / 1.5 && median.ratio() < 1.5, qPrintable(QString::number(median.ratio())));
}

QTEST_GUILESS_MAIN(TestEstimate)
#include "tst_estimate.moc"
