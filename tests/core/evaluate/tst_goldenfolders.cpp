// SPDX-License-Identifier: Apache-2.0
// Perplexity of folders that the original tools wrote, against what PyTorch gives for them in f32 (golden.json).
#include "core/evaluate/statistics.h"
#include "core/evaluate/windowscores.h"
#include "core/format/openmodel.h"
#include "core/text/textset.h"
#include "support/goldenfolder.h"

#include <QCoreApplication>

#include <cmath>
#include <cstdio>

namespace bitlathe::evaluate
{

namespace
{

/// 0.01 %, and half a unit of the fourth decimal that golden.json prints.
constexpr double kTolerance = 0.0001;
constexpr double kRounding = 0.00005;
/// Inputs lie on a grid of absmax / 127 here, as in runtimes' integer kernels; the number was taken with absmax / 127.5.
constexpr double kToleranceInputs = 0.0005;

} // namespace

class TestGoldenFolders : public QObject
{
    Q_OBJECT

private slots:
    void perplexityIsThatOfPyTorch_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<double>("tolerance");
        for (const char* folder : {"gptq-w2g64", "gptq-w3g64", "gptq-w4g128-sym", "gptq-w4g128-asym",
                                   "gptq-w4g128-asym-v2", "gptq-w4g128-desc_act", "gptq-w8g128", "awq-gemm-w4g128",
                                   "awq-gemm-w4g64", "awq-gemv-w4g128", "awq-gemv_fast-w4g128", "ct-w4a16-g128"}) {
            QTest::newRow(folder) << folder << kTolerance;
        }
        QTest::newRow("ct-w8a8-int8") << "ct-w8a8-int8" << kToleranceInputs;
    }

    void perplexityIsThatOfPyTorch()
    {
        BITLATHE_NEED_SHARED();
        QFETCH(const QString, folder);
        QFETCH(const double, tolerance);
        const tests::TempFolder temp;
        tests::wholeGolden(folder.toStdString(), temp / "model");
        const auto opened = format::openModel(temp / "model");
        BITLATHE_VERIFY_OK(opened);
        const auto model = format::runnable(**opened, {});
        BITLATHE_VERIFY_OK(model);
        const auto set = text::openTextSet(tests::sharedFolder() / "data/heldout-docs.jsonl");
        BITLATHE_VERIFY_OK(set);
        const auto stream = text::evaluationStream(*set, (*opened)->tokenizer.get());
        BITLATHE_VERIFY_OK(stream);
        const auto golden = readJson(tests::sharedFolder() / "golden" / folder.toStdString() / "golden.json");
        BITLATHE_VERIFY_OK(golden);
        const Json& quality = (*golden)["quality"]["heldout_docs"];
        const auto windows = windowsOf(*stream, {2048, quality["windows"].get<std::int64_t>()});
        const std::array models{static_cast<const model::Model*>(model->get())};
        std::vector<double> means;
        for (const auto& window : windows) {
            const auto scores = scoreWindow(models, window, {});
            BITLATHE_VERIFY_OK(scores);
            means.push_back(sumInOrder(scores->front().nll) / static_cast<double>(scores->front().nll.size()));
        }
        QCOMPARE(means.size(), quality["windows"].get<std::size_t>());
        const double perplexity = std::exp(spreadOf(means).mean);
        const double expected = quality["ppl"].get<double>();
        std::printf("%-22s %.5f (%.4f)\n", qPrintable(folder), perplexity, expected);
        QVERIFY2(std::abs(perplexity / expected - 1) <= tolerance + kRounding / expected,
                 qPrintable(QString::number(perplexity)));
    }
};

} // namespace bitlathe::evaluate

int main(int argc, char** argv)
{
    qputenv("QTEST_FUNCTION_TIMEOUT", "1800000");
    QCoreApplication app(argc, argv);
    bitlathe::evaluate::TestGoldenFolders test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_goldenfolders.moc"
