// SPDX-License-Identifier: Apache-2.0
// Divergence of folders that the original tools wrote, from the base's kept states, against that from its exact logits.
#include "core/evaluate/comparison.h"
#include "support/goldenfolder.h"

#include <QTest>

#include <cmath>
#include <cstdio>

namespace bitlathe::evaluate
{

namespace
{

namespace fs = std::filesystem;

constexpr double kTolerance = 1e-4; ///< Nats, and share of places.
constexpr std::int64_t kLength = 1024;
constexpr std::int64_t kWindows = 4;

} // namespace

class TestKeptGoldens : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;

    Result<Comparison> compared(const fs::path& folder, const fs::path& cacheRoot) const
    {
        CompareOptions options{
            (tests::sharedFolder() / "data/heldout-docs.jsonl").string(), {kLength, kWindows}, model::Compute::F32};
        options.cacheRoot = cacheRoot;
        return compare({tests::sharedFolder() / "models/demo-llama", folder}, options);
    }

private slots:
    void initTestCase()
    {
        BITLATHE_NEED_SHARED();
        qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((m_folder / "cache").string()));
        BITLATHE_VERIFY_OK(compared(tests::sharedFolder() / "models/demo-llama", m_folder / "kept"));
        std::uint64_t bytes = 0;
        for (const auto& entry : fs::recursive_directory_iterator(m_folder / "kept")) {
            bytes += entry.path().extension() == ".states" ? entry.file_size() : 0;
        }
        const std::uint64_t bytesLogits = kWindows * (kLength - 1) * 8192 * sizeof(float);
        std::printf("base kept in 1/%.1f of f32 logits\n",
                    static_cast<double>(bytesLogits) / static_cast<double>(bytes));
        QVERIFY(bytes > 0 && bytes * 8 <= bytesLogits);
    }

    void divergenceIsThatOfExactLogits_data()
    {
        QTest::addColumn<QString>("folder");
        for (const char* folder : {"gptq-w2g64", "gptq-w3g64", "gptq-w4g128-sym", "gptq-w4g128-asym",
                                   "gptq-w4g128-desc_act", "gptq-w8g128", "awq-gemm-w4g128", "awq-gemv-w4g128",
                                   "ct-w4a16-g128", "ct-w8a8-int8", "bnb-nf4", "bnb-fp4", "bnb-int8"}) {
            QTest::newRow(folder) << folder;
        }
    }

    void divergenceIsThatOfExactLogits()
    {
        BITLATHE_NEED_SHARED();
        QFETCH(const QString, folder);
        const fs::path path = m_folder / folder.toStdString();
        tests::wholeGolden(folder.toStdString(), path);
        const auto exact = compared(path, {});
        BITLATHE_VERIFY_OK(exact);
        const auto kept = compared(path, m_folder / "kept");
        BITLATHE_VERIFY_OK(kept);
        const ComparedModel& a = exact->models[1];
        const ComparedModel& b = kept->models[1];
        QCOMPARE(b.perplexity.nllSum, a.perplexity.nllSum);
        QCOMPARE(b.deltaError, a.deltaError);
        const KlFacts& x = *a.kl;
        const KlFacts& y = *b.kl;
        QVERIFY(y.mean != x.mean); // Else the kept states were not taken.
        std::printf(
            "%-22s mean %.5f max %.3f; off: mean %.1e 50 %% %.1e 99 %% %.1e 99.9 %% %.1e max %.1e same top %.1e\n",
            qPrintable(folder), x.mean, x.max, std::abs(y.mean - x.mean), std::abs(y.median - x.median),
            std::abs(y.p99 - x.p99), std::abs(y.p999 - x.p999), std::abs(y.max - x.max),
            std::abs(y.sameTop - x.sameTop));
        for (double KlFacts::*fact : {&KlFacts::mean, &KlFacts::standardError, &KlFacts::median, &KlFacts::p90,
                                      &KlFacts::p99, &KlFacts::p999, &KlFacts::max, &KlFacts::sameTop}) {
            QVERIFY(std::abs(y.*fact - x.*fact) <= kTolerance);
        }
        for (std::size_t i = 0; i < kWorstTokens; ++i) {
            QVERIFY(std::abs(a.tokens->worst[i].kl - b.tokens->worst[i].kl) <= kTolerance);
            QCOMPARE(b.tokens->worst[i].token, a.tokens->worst[i].token);
        }
    }
};

} // namespace bitlathe::evaluate

QTEST_GUILESS_MAIN(bitlathe::evaluate::TestKeptGoldens)
#include "tst_keptgoldens.moc"
