// SPDX-License-Identifier: Apache-2.0
// Perplexity of folders that the original tools wrote, against what PyTorch gives for them in f32 (golden.json).
#include "core/base/file.h"
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
/// Inputs lie on a grid of absmax / 127 here, as in runtimes' integer kernels; the number was taken with absmax /
/// 127.5.
constexpr double kToleranceInputs = 0.0005;
/// Of LLM.int8() only the excess over the unquantized model is known, in two decimals of a percent.
constexpr double kExcessLlmInt8 = 0.0009;
constexpr double kToleranceLlmInt8 = 0.001;

/// Perplexity of a folder over the first windows of the held-out text.
Result<double> perplexityOf(const std::filesystem::path& folder, std::int64_t count)
{
    BITLATHE_TRY(const auto opened, format::openModel(folder));
    BITLATHE_TRY(const auto model, format::runnable(*opened, {}));
    BITLATHE_TRY(const auto set, text::openTextSet(tests::sharedFolder() / "data/heldout-docs.jsonl"));
    BITLATHE_TRY(const auto stream, text::evaluationStream(set, opened->tokenizer.get()));
    const std::array models{static_cast<const model::Model*>(model.get())};
    std::vector<double> means;
    for (const auto& window : windowsOf(stream, {2048, count})) {
        BITLATHE_TRY(const auto scores, scoreWindow(models, {window}, {}));
        means.push_back(sumInOrder(scores.front().nll) / static_cast<double>(scores.front().nll.size()));
    }
    return std::exp(spreadOf(means).mean);
}

/// What golden.json says of the held-out text.
Json qualityOf(const std::string& folder)
{
    const auto golden = readJson(tests::sharedFolder() / "golden" / folder / "golden.json");
    return golden ? (*golden)["quality"]["heldout_docs"] : Json();
}

} // namespace

class TestGoldenFolders : public QObject
{
    Q_OBJECT

private slots:
    void perplexityIsThatOfPyTorch_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<double>("tolerance");
        for (const char* folder :
             {"gptq-w2g64", "gptq-w3g64", "gptq-w4g128-sym", "gptq-w4g128-asym", "gptq-w4g128-asym-v2",
              "gptq-w4g128-desc_act", "gptq-w8g128", "awq-gemm-w4g128", "awq-gemm-w4g64", "awq-gemv-w4g128",
              "awq-gemv_fast-w4g128", "ct-w4a16-g128", "bnb-nf4", "bnb-nf4-dq", "bnb-fp4"}) {
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
        const Json quality = qualityOf(folder.toStdString());
        const auto found = perplexityOf(temp / "model", quality["windows"].get<std::int64_t>());
        BITLATHE_VERIFY_OK(found);
        const double perplexity = *found;
        const double expected = quality["ppl"].get<double>();
        std::printf("%-22s %.5f (%.4f)\n", qPrintable(folder), perplexity, expected);
        QVERIFY2(std::abs(perplexity / expected - 1) <= tolerance + kRounding / expected,
                 qPrintable(QString::number(perplexity)));
    }

    /// With every channel an outlier, inputs stay as they are and the weights alone are rounded: golden.json's number.
    void llmInt8WithThresholds()
    {
        BITLATHE_NEED_SHARED();
        const tests::TempFolder temp;
        tests::wholeGolden("bnb-int8", temp / "model");
        const Json quality = qualityOf("bnb-int8");
        const auto windows = quality["windows"].get<std::int64_t>();
        const auto rounded = perplexityOf(temp / "model", windows);
        BITLATHE_VERIFY_OK(rounded);
        auto config = readJson(temp / "model" / "config.json");
        BITLATHE_VERIFY_OK(config);
        (*config)["quantization_config"]["llm_int8_threshold"] = 1e-6;
        BITLATHE_VERIFY_OK(writeFileAtomically(temp / "model" / "config.json", config->dump()));
        const auto weightsAlone = perplexityOf(temp / "model", windows);
        BITLATHE_VERIFY_OK(weightsAlone);
        const double base = quality["ppl_fp32_same_windows"].get<double>();
        const double expected = quality["ppl"].get<double>();
        std::printf("LLM.int8() %.5f (%.4f), weights alone %.5f (%.4f)\n", *rounded, base * (1 + kExcessLlmInt8),
                    *weightsAlone, expected);
        QVERIFY(std::abs(*rounded / (base * (1 + kExcessLlmInt8)) - 1) <= kToleranceLlmInt8);
        QVERIFY(std::abs(*weightsAlone / expected - 1) <= kTolerance + kRounding / expected);
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
