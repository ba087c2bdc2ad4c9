// SPDX-License-Identifier: Apache-2.0
// GPTQ behind the scales of AWQ: excess perplexity of demo-llama over windows of the held-out text.
#include "core/quant/awq.h"
#include "core/quant/gptq.h"
#include "core/quant/trial.h"
#include "support/tempfolder.h"

#include <QTest>

using namespace bitlathe;
using namespace bitlathe::quant;
using namespace bitlathe::tests;

class TestCombinations : public QObject
{
    Q_OBJECT

    TempFolder m_folder;

    /// Calibrated on 16 samples; the first 2 windows of 2048.
    Trial trial() const
    {
        const std::filesystem::path shared = sharedFolder();
        return openTrial(shared / "models/demo-llama", (shared / "data/demo-text/calibration.jsonl").string(),
                         (shared / "data/heldout-docs.jsonl").string(), {16, 512, 0}, {2048, 2}, m_folder / "cache");
    }

private slots:
    void gptqBehindAwq();
};

/// A sweep makes good what rounding to nearest leaves.
void TestCombinations::gptqBehindAwq()
{
    BITLATHE_NEED_SHARED();
    const Trial tried = trial();
    const double base = tried.perplexity(tried.opened->source);
    const Scheme scheme{.bits = 4, .groupSize = 128, .symmetric = false};
    const double rounded = 100 * (tried.quantized(activationAware(), scheme, Smoothing::Awq) / base - 1);
    const double swept = 100 * (tried.quantized(gptq(), scheme, Smoothing::Awq) / base - 1);
    qInfo("scales of AWQ, rounded to nearest: %.3f %%, swept: %.3f %%", rounded, swept);
    QVERIFY2(swept < rounded, qPrintable(QString("%1 and %2").arg(swept).arg(rounded)));
}

QTEST_GUILESS_MAIN(TestCombinations)
#include "tst_combinations.moc"
