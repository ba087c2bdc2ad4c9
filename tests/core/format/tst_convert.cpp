// SPDX-License-Identifier: Apache-2.0
// Converting: codes and scales as they are, there and back to the same bytes, and reasons where that can't be.
#include "core/format/convert.h"

#include "core/format/dense.h"
#include "formatfixtures.h"
#include "support/goldenfolder.h"

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;
namespace fs = std::filesystem;

namespace
{

/// Weights of every layer.
std::vector<std::vector<float>> weightsOf(const OpenedModel& model)
{
    std::vector<std::vector<float>> all;
    for (const model::LinearSpec& linear : model.spec.linears) {
        const auto weights = model.source->weights(linear);
        all.push_back(weights ? *weights : std::vector<float>());
    }
    return all;
}

Result<std::shared_ptr<const OpenedModel>> convertFolder(const fs::path& from, const char* to, const fs::path& out)
{
    BITLATHE_TRY(const auto opened, openModel(from));
    BITLATHE_TRY(const Format* format, findFormat(to));
    BITLATHE_CHECK(convert(opened, *format, {.out = out}));
    return openModel(out);
}

} // namespace

class TestConvert : public QObject
{
    Q_OBJECT

private slots:
    void keepsEveryWeight_data();
    void keepsEveryWeight();
    void thereAndBack_data();
    void thereAndBack();
    void writesConfigurationFiles();
    void zerosInTheMiddleBecomeSymmetric();
    void roundedProductsAreTold();
    void toDense();
    void tellsWhyNot_data();
    void tellsWhyNot();
};

void TestConvert::keepsEveryWeight_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::newRow("gptq to v2") << "gptq-w4g128-asym"
                                << "gptq-v2";
    QTest::newRow("v2 to gptq") << "gptq-w4g128-asym-v2"
                                << "gptq";
    QTest::newRow("gptq to awq") << "gptq-w4g128-sym"
                                 << "awq";
    QTest::newRow("gptq asym to awq") << "gptq-w4g128-asym"
                                      << "awq-gemv";
    QTest::newRow("act-order to compressed-tensors") << "gptq-w4g128-desc_act"
                                                     << "compressed-tensors";
    QTest::newRow("2 bits to compressed-tensors") << "gptq-w2g64"
                                                  << "compressed-tensors";
    QTest::newRow("8 bits to compressed-tensors") << "gptq-w8g128"
                                                  << "compressed-tensors";
    QTest::newRow("awq to v2") << "awq-gemm-w4g64"
                               << "gptq-v2";
    QTest::newRow("awq to compressed-tensors") << "awq-gemm-w4g128"
                                               << "compressed-tensors";
    QTest::newRow("gemv to gemm") << "awq-gemv-w4g128"
                                  << "awq";
    QTest::newRow("compressed-tensors to gptq") << "ct-w4a16-g128"
                                                << "gptq";
    QTest::newRow("int8 to compressed-tensors") << "ct-w8a8-int8"
                                                << "compressed-tensors";
    QTest::newRow("int8 to gptq") << "ct-w8a8-int8"
                                  << "gptq";
}

void TestConvert::keepsEveryWeight()
{
    BITLATHE_NEED_SHARED();
    QFETCH(const QString, from);
    QFETCH(const QString, to);
    const TempFolder temp;
    wholeGolden(from.toStdString(), temp / "from");
    const auto original = openModel(temp / "from");
    BITLATHE_VERIFY_OK(original);
    const auto converted = convertFolder(temp / "from", qPrintable(to), temp / "to");
    BITLATHE_VERIFY_OK(converted);
    QCOMPARE((*converted)->format->name(), std::string_view(qPrintable(to)));
    QVERIFY(weightsOf(**converted) == weightsOf(**original));
    BITLATHE_VERIFY_OK(verify(temp / "to"));
}

void TestConvert::thereAndBack_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("over");
    QTest::newRow("gptq") << "gptq-w4g128-sym"
                          << "gptq"
                          << "awq";
    QTest::newRow("awq") << "awq-gemm-w4g128"
                         << "awq"
                         << "gptq-v2";
    QTest::newRow("gemv-fast") << "awq-gemv_fast-w4g128"
                               << "awq-gemv-fast"
                               << "awq";
    QTest::newRow("compressed-tensors") << "ct-w4a16-g128"
                                        << "compressed-tensors"
                                        << "gptq-v2";
    QTest::newRow("act-order") << "gptq-w4g128-desc_act"
                               << "gptq"
                               << "compressed-tensors";
}

void TestConvert::thereAndBack()
{
    BITLATHE_NEED_SHARED();
    QFETCH(const QString, from);
    QFETCH(const QString, format);
    QFETCH(const QString, over);
    const TempFolder temp;
    wholeGolden(from.toStdString(), temp / "from");
    BITLATHE_VERIFY_OK(convertFolder(temp / "from", qPrintable(over), temp / "over"));
    const auto back = convertFolder(temp / "over", qPrintable(format), temp / "back");
    BITLATHE_VERIFY_OK(back);
    const auto original = checkpoint::Checkpoint::open(temp / "from");
    QCOMPARE((*back)->checkpoint->entries().size(), (*original)->entries().size());
    for (const checkpoint::TensorEntry& entry : (*original)->entries()) {
        const auto same = (*back)->checkpoint->tensor(entry.name, entry.shape);
        BITLATHE_VERIFY_OK(same);
        // Scales that were BF16 are F16 after a format that knows only those.
        QVERIFY2(same->dtype == entry.dtype ? std::ranges::equal(same->bytes, (*original)->view(entry).bytes)
                                            : checkpoint::toF32(*same) == checkpoint::toF32((*original)->view(entry)),
                 entry.name.c_str());
    }
}

void TestConvert::writesConfigurationFiles()
{
    BITLATHE_NEED_SHARED();
    const TempFolder temp;
    wholeGolden("ct-w4a16-g128", temp / "from");
    BITLATHE_VERIFY_OK(convertFolder(temp / "from", "gptq", temp / "gptq"));
    const Json config = readJsonFile(temp / "gptq" / "config.json");
    VERIFY_JSON(config["torch_dtype"], Json("float16"));
    VERIFY_JSON(readJsonFile(temp / "gptq" / "quantize_config.json"), config["quantization_config"]);
    BITLATHE_VERIFY_OK(convertFolder(temp / "gptq", "awq", temp / "awq"));
    QVERIFY(!fs::exists(temp / "awq" / "quantize_config.json"));
    QVERIFY(fs::exists(temp / "awq" / "tokenizer.model"));
}

void TestConvert::zerosInTheMiddleBecomeSymmetric()
{
    BITLATHE_NEED_SHARED();
    const TempFolder temp;
    wholeGolden("gptq-w4g128-sym", temp / "from");
    BITLATHE_VERIFY_OK(convertFolder(temp / "from", "awq", temp / "awq"));
    const auto back = convertFolder(temp / "awq", "gptq", temp / "gptq");
    BITLATHE_VERIFY_OK(back);
    VERIFY_JSON(readJsonFile(temp / "gptq" / "quantize_config.json")["sym"], Json(true));
}

void TestConvert::roundedProductsAreTold()
{
    BITLATHE_NEED_SHARED();
    const TempFolder temp;
    wholeGolden("awq-gemv_fast-w4g128", temp / "from");
    const auto opened = openModel(temp / "from");
    BITLATHE_VERIFY_OK(opened);
    const auto report = convert(*opened, **findFormat("awq"), {.out = temp / "to"});
    BITLATHE_VERIFY_OK(report);
    QCOMPARE(report->findings.size(), std::size_t{1});
    QCOMPARE(report->findings[0].code, std::string("products-rounded"));
    // The original tool packed both from one result.
    const auto gemm = checkpoint::Checkpoint::open(sharedFolder() / "golden/awq-gemm-w4g128");
    const auto to = checkpoint::Checkpoint::open(temp / "to");
    for (const checkpoint::TensorEntry& entry : (*gemm)->entries()) {
        if (entry.name.find("_proj.") != std::string::npos) {
            const auto same = (*to)->tensor(entry.name, entry.shape);
            BITLATHE_VERIFY_OK(same);
            QVERIFY2(std::ranges::equal(same->bytes, (*gemm)->view(entry).bytes), entry.name.c_str());
        }
    }
}

void TestConvert::toDense()
{
    BITLATHE_NEED_SHARED();
    const TempFolder temp;
    wholeGolden("gptq-w8g128", temp / "from");
    const auto dense = convertFolder(temp / "from", "dense", temp / "dense");
    BITLATHE_VERIFY_OK(dense);
    QVERIFY(!(*dense)->isQuantized());
    QVERIFY((*dense)->checkpoint->find("model.layers.0.mlp.up_proj.weight") != nullptr);
    QVERIFY(!fs::exists(temp / "dense" / "quantize_config.json"));
}

void TestConvert::tellsWhyNot_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("reason");
    QTest::newRow("act-order to awq") << "gptq-w4g128-desc_act"
                                      << "awq"
                                      << "ordered by activation";
    QTest::newRow("8 bits to awq") << "gptq-w8g128"
                                   << "awq"
                                   << "8 bits";
    QTest::newRow("3 bits to compressed-tensors") << "gptq-w3g64"
                                                  << "compressed-tensors"
                                                  << "3 bits";
    QTest::newRow("groups to int8") << "gptq-w8g128"
                                    << "compressed-tensors-int8"
                                    << "groups of 128";
    QTest::newRow("full precision") << ""
                                    << "gptq"
                                    << "quantize";
}

void TestConvert::tellsWhyNot()
{
    BITLATHE_NEED_SHARED();
    QFETCH(const QString, from);
    QFETCH(const QString, to);
    QFETCH(const QString, reason);
    const TempFolder temp;
    fs::path source = sharedFolder() / "models/demo-llama";
    if (!from.isEmpty()) {
        source = temp / "from";
        wholeGolden(from.toStdString(), source);
    }
    const auto converted = convertFolder(source, qPrintable(to), temp / "to");
    QVERIFY(!converted.has_value());
    QCOMPARE(converted.error().code, ErrorCode::NotSupported);
    QVERIFY2(converted.error().sentence().find(reason.toStdString()) != std::string::npos,
             converted.error().sentence().c_str());
    QVERIFY(!fs::exists(temp / "to"));
    QVERIFY(!fs::exists(temp / "to.partial"));
}

QTEST_GUILESS_MAIN(TestConvert)
#include "tst_convert.moc"
