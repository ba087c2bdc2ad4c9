// SPDX-License-Identifier: Apache-2.0
// Windows, means with errors, percentiles, and the sentences about them.
#include "core/evaluate/comparison.h"
#include "core/evaluate/memory.h"
#include "core/evaluate/statistics.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cmath>
#include <numeric>

namespace bitlathe::evaluate
{

namespace
{

std::vector<model::TokenId> countingStream(int tokens)
{
    std::vector<model::TokenId> stream(static_cast<std::size_t>(tokens));
    std::iota(stream.begin(), stream.end(), 0);
    return stream;
}

} // namespace

class TestStatistics : public QObject
{
    Q_OBJECT

private slots:
    void windowsAreWholeAndInOrder()
    {
        const auto windows = windowsOf(countingStream(25), {10, 0});
        QCOMPARE(windows.size(), std::size_t{2});
        QCOMPARE(windows[0].front(), 0);
        QCOMPARE(windows[1].front(), 10);
        QCOMPARE(windows[1].back(), 19);
        QCOMPARE(windowsOf(countingStream(25), {10, 1}).size(), std::size_t{1});
        QCOMPARE(windowsOf(countingStream(20), {10, 7}).size(), std::size_t{2});
    }

    void aShortStreamIsOneWindow()
    {
        const auto windows = windowsOf(countingStream(7), {10, 0});
        QCOMPARE(windows.size(), std::size_t{1});
        QCOMPARE(windows[0].size(), std::size_t{7});
        QVERIFY(windowsOf({}, {10, 0}).empty());
    }

    /// R. G. Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3.
    void wilsonIsThePublishedOne()
    {
        const auto check = [](std::int64_t correct, std::int64_t n, double low, double high) {
            const Interval interval = wilsonInterval(correct, n);
            QVERIFY(std::abs(interval.low - low) < 5e-5);
            QVERIFY(std::abs(interval.high - high) < 5e-5);
        };
        check(81, 263, 0.2553, 0.3662);
        check(15, 148, 0.0624, 0.1605);
        check(0, 20, 0.0000, 0.1611);
        check(1, 29, 0.0061, 0.1718);
        QCOMPARE(wilsonInterval(0, 20).low, 0.0);
        QCOMPARE(wilsonInterval(20, 20).high, 1.0);
        QCOMPARE(wilsonInterval(0, 0).high, 1.0);
    }

    /// Fractions by hand, among them the example of R's exact2x2 (9 and 2 pairs: 0.06543).
    void mcNemarIsExact()
    {
        QVERIFY(std::abs(mcNemar(9, 2) - 134.0 / 2048) < 1e-12);
        QVERIFY(std::abs(mcNemar(2, 9) - 134.0 / 2048) < 1e-12);
        QVERIFY(std::abs(mcNemar(0, 6) - 2.0 / 64) < 1e-12);
        QVERIFY(std::abs(mcNemar(1, 9) - 22.0 / 1024) < 1e-12);
        QCOMPARE(mcNemar(0, 0), 1.0);
        QCOMPARE(mcNemar(5, 5), 1.0);
        // Many pairs, where 2^-n is no double; computed with whole numbers of any length.
        QVERIFY(std::abs(mcNemar(1010, 1190) - 1.343971725939049e-4) < 1e-15);
    }

    void spreadIsThatOfTheMean()
    {
        // Mean 3, sample variance 2.5, so the mean's error is sqrt(2.5 / 5).
        const Spread spread = spreadOf(std::vector<double>{1, 2, 3, 4, 5});
        QCOMPARE(spread.mean, 3.0);
        QVERIFY(std::abs(spread.standardError - std::sqrt(0.5)) < 1e-12);
        QCOMPARE(spreadOf(std::vector<double>{4}).standardError, 0.0);
    }

    void perplexityIsOfWindowMeans()
    {
        // Windows of unequal length: each counts once, whatever its tokens.
        PerplexityResult result;
        addWindow(result, {{1, 2, 3, 4, 5}}, {{1, 1, 1, 1}, {}, {}, 0.5});
        addWindow(result, {{1, 2}}, {{3}, {}, {}, 0.5});
        summarize(result);
        QVERIFY(std::abs(result.perplexity - std::exp(2.0)) < 1e-12);
        QVERIFY(std::abs(result.standardError - std::exp(2.0)) < 1e-12); // The mean's error is 1.
        QCOMPARE(result.nllSum, 7.0);
        QCOMPARE(result.tokensScored, std::int64_t{5});
        QCOMPARE(result.tokensPerSecond, 7.0);
        QCOMPARE(result.protocol.windows, std::int64_t{2});
    }

    void weightedMeans()
    {
        // The mean of 1, 1, 1 and 5; the error by the delta method of a ratio: sqrt(2 (3^2 1 + 1^2 9)) / 4.
        const Spread spread = spreadOf(std::vector<double>{1, 5}, std::vector<double>{3, 1});
        QCOMPARE(spread.mean, 2.0);
        QVERIFY(std::abs(spread.standardError - std::sqrt(2.0 * (9 + 9)) / 4) < 1e-12);
        const Spread equal = spreadOf(std::vector<double>{1, 2, 3, 4, 5}, std::vector<double>{2, 2, 2, 2, 2});
        QVERIFY(std::abs(equal.standardError - std::sqrt(0.5)) < 1e-12);
    }

    void percentilesInterpolate()
    {
        const std::vector<double> sorted{0, 10, 20, 30};
        QCOMPARE(percentile(sorted, 0), 0.0);
        QCOMPARE(percentile(sorted, 0.5), 15.0);
        QVERIFY(std::abs(percentile(sorted, 0.9) - 27) < 1e-9);
        QCOMPARE(percentile(sorted, 1), 30.0);
        QCOMPARE(percentile({}, 0.5), 0.0);
    }

    void kvCacheGrowsUpToTheWindow()
    {
        model::ModelSpec spec;
        spec.kvHeads = 8;
        spec.headDim = 128;
        spec.blocks.resize(32);
        // LLaMA 3 8B: 128 KiB for a token in f16.
        QCOMPARE(kvCacheBytes(spec, 1, 1, {}), std::uint64_t{131072});
        QCOMPARE(kvCacheBytes(spec, 4, 8192, {}), std::uint64_t{131072} * 4 * 8192);
        spec.slidingWindow = 4096;
        QCOMPARE(kvCacheBytes(spec, 4, 8192, {}), std::uint64_t{131072} * 4 * 4096);
        for (std::size_t block = 0; block < 32; block += 2) {
            spec.blocks[block].slides = false;
        }
        QCOMPARE(kvCacheBytes(spec, 4, 8192, {}), std::uint64_t{131072} * 4 * 6144);
    }

    void verdictsSayWhatIsMeasured()
    {
        Comparison comparison;
        comparison.models.resize(3);
        comparison.models[0].name = "base";
        comparison.models[0].perplexity.perplexity = 10;
        comparison.models[0].memory.bytesDisk = 1000;
        ComparedModel& worse = comparison.models[1];
        worse.name = "int4";
        worse.perplexity.perplexity = 11;
        worse.delta = 1;
        worse.deltaError = 0.1;
        worse.memory.bytesDisk = 300;
        worse.kl = KlFacts{};
        worse.kl->sameTop = 0.9;
        comparison.models[2] = worse;
        comparison.models[2].delta = 0.1;
        QCOMPARE(english(comparison.verdict(0)), std::string("base: perplexity 10.0000, the base of the comparison."));
        QCOMPARE(english(comparison.verdict(1)),
                 std::string("int4: perplexity 11.0000, 10.00 % (± 1.00 %) above the 10.0000 of base. "
                             "The same most likely token in 90.0 % of places. Its files take 30 % of the size."));
        QVERIFY(english(comparison.verdict(2)).find("no different from the 10.0000 of base") != std::string::npos);
    }

    void protocolsTravelAsASentence()
    {
        Protocol protocol;
        protocol.length = 512;
        protocol.windows = 10;
        protocol.data = "text.txt";
        protocol.compute = "f32";
        const std::string sentence = protocol.sentence().english();
        for (const char* part : {"10 of them", "512", "text.txt", "f32", "first token"}) {
            QVERIFY2(sentence.find(part) != std::string::npos, sentence.c_str());
        }
    }
};

} // namespace bitlathe::evaluate

QTEST_GUILESS_MAIN(bitlathe::evaluate::TestStatistics)
#include "tst_statistics.moc"
