// SPDX-License-Identifier: Apache-2.0
// Perplexities and KL divergences of the demo model and its roundings, against what PyTorch and the original tools give
// (models/demo-llama/reference.json, golden/peer-quality.md). One pass over each text scores all models together.
#include "core/evaluate/comparison.h"
#include "core/evaluate/statistics.h"
#include "core/evaluate/windowscores.h"
#include "core/quant/quantizedsource.h"
#include "core/quant/quantizer.h"
#include "core/text/textset.h"
#include "support/tempfolder.h"

#include <QCoreApplication>
#include <QTest>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace bitlathe::evaluate
{

namespace
{

namespace fs = std::filesystem;

/// peer-quality.md prints four decimals.
constexpr double kRoundingPpl = 0.00005;
constexpr double kRtnTolerance = 0.002;
constexpr double kExactTolerance = 0.0001;
constexpr std::size_t kWindowsInt8 = 20;

std::shared_ptr<const model::Model> openFolder(const fs::path& folder)
{
    const auto opened = format::openModel(folder);
    if (!opened) {
        qFatal("%s", opened.error().sentence().c_str());
    }
    const auto loaded = format::runnable(**opened, {});
    if (!loaded) {
        qFatal("%s", loaded.error().sentence().c_str());
    }
    return *loaded;
}

/// The demo model with every linear rounded to nearest, in memory.
std::shared_ptr<const model::Model> rounded(const format::OpenedModel& base, const quant::Scheme& scheme)
{
    const auto method = quant::findQuantizer("rtn");
    const auto lookup = [&base, scheme, method](
                            const model::LinearSpec& linear) -> Result<std::shared_ptr<const quant::QuantizedTensor>> {
        BITLATHE_TRY(const std::vector<float> weights, base.source->weights(linear));
        BITLATHE_TRY(const quant::LayerResult result, (*method)->quantize({linear, weights, nullptr, scheme, 0}, {}));
        return result.tensor;
    };
    const auto source = quant::makeQuantizedSource(base.source, lookup);
    const auto loaded = model::Model::create(base.spec, source, {});
    if (!loaded) {
        qFatal("%s", loaded.error().sentence().c_str());
    }
    return *loaded;
}

quant::Scheme schemeOf(int bits, std::int64_t groupSize, bool symmetric)
{
    quant::Scheme scheme;
    scheme.bits = bits;
    scheme.groupSize = groupSize;
    scheme.symmetric = symmetric;
    scheme.scaleDType = checkpoint::DType::F16;
    return scheme;
}

/// Sums of one model over windows.
struct Column
{
    std::string name;
    std::shared_ptr<const model::Model> model;
    std::vector<double> heldout; ///< Window means.
    std::vector<double> wikitext;
    std::vector<double> klHeldout; ///< Means of windows.
    double seconds = 0;
    double tokens = 0;
};

double perplexityOf(std::span<const double> means, std::size_t windows)
{
    return std::exp(spreadOf(means.first(windows)).mean);
}

bool isClose(double value, double expected, double tolerance)
{
    return std::abs(value / expected - 1) <= tolerance;
}

} // namespace

class TestGolden : public QObject
{
    Q_OBJECT

    std::vector<Column> m_columns; ///< base, int8, sym, asym, ct.
    enum Place { Base, Int8, Sym, Asym, CompressedTensors };

    std::vector<std::vector<model::TokenId>> windows(const fs::path& data, const format::OpenedModel& opened)
    {
        const auto set = text::openTextSet(data);
        if (!set) {
            qFatal("%s", set.error().sentence().c_str());
        }
        return windowsOf(*text::evaluationStream(*set, opened.tokenizer.get()), {2048, 0});
    }

    /// Scores a window on some of the columns, the first being the base.
    void score(const std::vector<model::TokenId>& window, std::initializer_list<Place> places, bool isHeldout)
    {
        std::vector<const model::Model*> models;
        for (const Place place : places) {
            models.push_back(m_columns[place].model.get());
        }
        const auto scores = scoreWindow(models, {window}, {});
        BITLATHE_VERIFY_OK(scores);
        std::size_t i = 0;
        for (const Place place : places) {
            Column& column = m_columns[place];
            const WindowScores& each = (*scores)[i++];
            const auto tokens = static_cast<double>(each.nll.size());
            (isHeldout ? column.heldout : column.wikitext).push_back(sumInOrder(each.nll) / tokens);
            if (isHeldout && !each.kl.empty()) {
                column.klHeldout.push_back(sumInOrder(each.kl) / tokens);
            }
            column.seconds += each.seconds;
            column.tokens += tokens + 1;
        }
    }

    void scoreHeldout(const std::vector<std::vector<model::TokenId>>& heldout)
    {
        QVERIFY(heldout.size() >= 60);
        for (std::size_t w = 0; w < 60; ++w) {
            if (w < kWindowsInt8) {
                score(heldout[w], {Base, Int8, Sym, Asym, CompressedTensors}, true);
            } else {
                score(heldout[w], {Base, Sym, Asym, CompressedTensors}, true);
            }
        }
        for (const Column& column : m_columns) {
            std::printf("%-18s heldout(%zu) %.5f  KL(10) %.4f\n", column.name.c_str(), column.heldout.size(),
                        perplexityOf(column.heldout, column.heldout.size()),
                        column.klHeldout.empty() ? 0 : spreadOf(std::span(column.klHeldout).first(10)).mean);
        }
        std::fflush(stdout);
    }

    void scoreWikitext(const std::vector<std::vector<model::TokenId>>& wikitext)
    {
        QCOMPARE(wikitext.size(), std::size_t{205});
        for (std::size_t w = 0; w < wikitext.size(); ++w) {
            if (w < 40) {
                score(wikitext[w], {Base, Sym, Asym, CompressedTensors}, false);
            } else {
                score(wikitext[w], {Base}, false);
            }
        }
        for (const Column& column : m_columns) {
            if (!column.wikitext.empty()) {
                std::printf("%-18s wikitext(40) %.4f  (%zu) %.5f\n", column.name.c_str(),
                            perplexityOf(column.wikitext, 40), column.wikitext.size(),
                            perplexityOf(column.wikitext, column.wikitext.size()));
            }
        }
        std::fflush(stdout);
    }

private slots:
    void initTestCase()
    {
        BITLATHE_NEED_SHARED();
        const fs::path shared = tests::sharedFolder();
        const auto opened = format::openModel(shared / "models/demo-llama");
        BITLATHE_VERIFY_OK(opened);
        const format::OpenedModel& base = **opened;
        const auto plain = format::runnable(base, {});
        BITLATHE_VERIFY_OK(plain);
        m_columns.push_back({"f32", *plain, {}, {}, {}});
        m_columns.push_back({"int8 per channel", rounded(base, schemeOf(8, quant::kPerChannel, true)), {}, {}, {}});
        m_columns.push_back({"rtn-w4g128-sym", rounded(base, schemeOf(4, 128, true)), {}, {}, {}});
        m_columns.push_back({"rtn-w4g128-asym", rounded(base, schemeOf(4, 128, false)), {}, {}, {}});
        m_columns.push_back({"ct-w4a16-g128", openFolder(shared / "golden/ct-w4a16-g128"), {}, {}, {}});
        scoreHeldout(windows(shared / "data/heldout-docs.jsonl", base));
        scoreWikitext(windows(shared / "data/wikitext-2-raw-v1/wikitext-test.arrow", base));
        for (const Column& column : m_columns) {
            std::printf("%-18s %.0f tokens/s\n", column.name.c_str(), column.tokens / column.seconds);
        }
    }

    void baseIsThatOfTheReference()
    {
        BITLATHE_NEED_SHARED();
        const auto reference = readJson(tests::sharedFolder() / "models/demo-llama/reference.json");
        BITLATHE_VERIFY_OK(reference);
        const double heldout = (*reference)["heldout_docs"]["perplexity_fp32"].get<double>();
        const double wikitext = (*reference)["wikitext2_test"]["perplexity_fp32"].get<double>();
        QVERIFY(isClose(perplexityOf(m_columns[Base].heldout, 60), heldout, kExactTolerance));
        QVERIFY(isClose(perplexityOf(m_columns[Base].wikitext, 205), wikitext, 2 * kExactTolerance));
        QVERIFY(isClose(perplexityOf(m_columns[Base].wikitext, 40), 78.1435, kExactTolerance));
    }

    void int8CostsLittle()
    {
        BITLATHE_NEED_SHARED();
        const double base = perplexityOf(m_columns[Base].heldout, kWindowsInt8);
        const double excess = perplexityOf(m_columns[Int8].heldout, kWindowsInt8) / base - 1;
        QVERIFY2(std::abs(excess) < 0.005, qPrintable(QString::number(excess)));
    }

    void fourBitsAreThoseOfThePeers_data()
    {
        QTest::addColumn<int>("place");
        QTest::addColumn<double>("heldout");
        QTest::addColumn<double>("wikitext");
        QTest::addColumn<double>("kl");
        QTest::addColumn<double>("tolerance");
        QTest::newRow("rtn sym") << static_cast<int>(Sym) << 10.1007 << 86.1111 << 0.0869 << kRtnTolerance;
        QTest::newRow("rtn asym") << static_cast<int>(Asym) << 9.9077 << 86.1611 << 0.0662 << kRtnTolerance;
        QTest::newRow("compressed-tensors")
            << static_cast<int>(CompressedTensors) << 10.0879 << 85.9987 << 0.0865 << kExactTolerance;
    }
    void fourBitsAreThoseOfThePeers()
    {
        BITLATHE_NEED_SHARED();
        QFETCH(const int, place);
        QFETCH(const double, heldout);
        QFETCH(const double, wikitext);
        QFETCH(const double, kl);
        QFETCH(const double, tolerance);
        const Column& column = m_columns[static_cast<std::size_t>(place)];
        QVERIFY(isClose(perplexityOf(column.heldout, 60), heldout, tolerance + kRoundingPpl / heldout));
        QVERIFY(isClose(perplexityOf(column.wikitext, 40), wikitext, tolerance + kRoundingPpl / wikitext));
        const double mean = spreadOf(std::span(column.klHeldout).first(10)).mean;
        QVERIFY2(std::abs(mean - kl) < 0.0002, qPrintable(QString::number(mean)));
    }
};

} // namespace bitlathe::evaluate

int main(int argc, char** argv)
{
    // The passes over both texts may take longer than Qt's limit for one function on a busy machine.
    qputenv("QTEST_FUNCTION_TIMEOUT", "1800000");
    QCoreApplication app(argc, argv);
    bitlathe::evaluate::TestGolden test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_golden.moc"
