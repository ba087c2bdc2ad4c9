// SPDX-License-Identifier: Apache-2.0
// Zero points of version 1 of GPTQ: every method chooses only those that its files hold.
#include "core/format/gptq.h"
#include "core/quant/quantizer.h"
#include "layerfolder.h"

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;
using quant::QuantizedTensor;
using quant::Scheme;
using Tensors = std::vector<EncodedTensor>;

class TestLeastZero : public QObject
{
    Q_OBJECT

private slots:
    void methodsKeepToIt_data();
    void methodsKeepToIt();
    void ternaryByHand();
};

void TestLeastZero::methodsKeepToIt_data()
{
    QTest::addColumn<QString>("method");
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("effort");
    for (const char* method : {"rtn", "gptq", "awq"}) {
        for (const int bits : {2, 3, 4, 8}) {
            QTest::addRow("%s, %d bits", method, bits) << QString(method) << bits << 1;
        }
    }
    QTest::addRow("gptq, fast") << QString("gptq") << 4 << 0;
    QTest::addRow("gptq, best") << QString("gptq") << 4 << 2;
    QTest::addRow("awq, best") << QString("awq") << 4 << 2;
}

/// Groups of all signs, of none below zero, of none above and of zeros: written as version 1 and read as they were.
void TestLeastZero::methodsKeepToIt()
{
    QFETCH(const QString, method);
    QFETCH(const int, bits);
    QFETCH(const int, effort);
    Scheme scheme = makeScheme(bits, 32, false);
    scheme.leastZero = gptqFormat().leastZero();
    QCOMPARE(scheme.leastZero, 1);
    QCOMPARE(gptqV2Format().leastZero(), 0);
    const model::LinearSpec linear = layer("model.layers.0.mlp.up_proj", 64, 96);
    std::mt19937 random(5);
    std::normal_distribution<float> normal(0, 0.05F);
    std::vector<float> weights(64 * 96);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const float value = normal(random);
        const std::array<float, 4> kinds{value, std::abs(value), -std::abs(value), 0.0F};
        weights[i] = kinds[i / 96 % kinds.size()];
    }
    calibrate::InputStats stats;
    stats.features = 96;
    stats.tokens = 200;
    stats.hessian.resize(96 * 96);
    for (std::int64_t token = 0; token < stats.tokens; ++token) {
        std::vector<float> x(96);
        std::ranges::generate(x, [&] { return normal(random); });
        for (std::size_t i = 0; i < stats.hessian.size(); ++i) {
            stats.hessian[i] += x[i / 96] * x[i % 96];
        }
    }
    quant::MethodOptions options;
    options.gptq.effort = static_cast<quant::Effort>(effort);
    options.awq.effort = options.gptq.effort;
    const auto found = quant::findQuantizer(method.toStdString());
    BITLATHE_VERIFY_OK(found);
    const auto result = (*found)->quantize({linear, weights, &stats, scheme, 0, options}, {});
    BITLATHE_VERIFY_OK(result);
    const QuantizedTensor& tensor = *result->tensor;
    QCOMPARE(*std::ranges::min_element(tensor.zeros), std::uint8_t{1});
    const auto read = readChanged(gptqFormat(), tensor, [](Tensors&, Json&) {});
    BITLATHE_VERIFY_OK(read);
    QCOMPARE(read->codes, tensor.codes);
    QCOMPARE(read->zeros, tensor.zeros);
    QCOMPARE(read->dequantize(), tensor.dequantize());
}

/// Weights -s, 0 and s as 2-bit codes 0, 1 and 2 about a zero point of 1, which version 1 stores as 0 and version 2 as
/// 1: words by hand. 32 inputs make two words of 16 codes each for every output.
void TestLeastZero::ternaryByHand()
{
    Scheme scheme = makeScheme(2, 32, false);
    scheme.ternary = true;
    const model::LinearSpec linear = layer("model.layers.0.mlp.up_proj", 32, 32);
    std::vector<float> weights(32 * 32);
    for (std::size_t row = 0; row < 32; ++row) {
        weights[row * 32] = 0.5F;
        weights[row * 32 + 1] = -0.5F;
    }
    const auto rtn = quant::findQuantizer("rtn");
    BITLATHE_VERIFY_OK(rtn);
    const auto result = (*rtn)->quantize({linear, weights, nullptr, scheme, 0}, {});
    BITLATHE_VERIFY_OK(result);
    QCOMPARE(result->tensor->dequantize(), weights);
    for (const bool isV2 : {false, true}) {
        const Format& format = isV2 ? gptqV2Format() : gptqFormat();
        const auto encoded = format.encode(linear, *result->tensor, checkpoint::DType::F16);
        BITLATHE_VERIFY_OK(encoded);
        std::array<std::uint32_t, 2 * 32> words{};
        QCOMPARE((*encoded)[0].bytes.size(), sizeof(words));
        std::memcpy(words.data(), (*encoded)[0].bytes.data(), sizeof(words));
        QCOMPARE(words[0], 0x55555552U); // Codes 2, 0, then 1s; [words, outputs].
        QCOMPARE(words[32], 0x55555555U);
        std::uint32_t zeros = 0;
        std::memcpy(&zeros, (*encoded)[1].bytes.data(), sizeof(zeros));
        QCOMPARE(zeros, isV2 ? 0x55555555U : 0U);
        const auto read = readChanged(format, *result->tensor, [](Tensors&, Json& config) {
            QVERIFY(config["sym"] == Json(false) && config["bits"] == Json(2));
        });
        BITLATHE_VERIFY_OK(read);
        QCOMPARE(read->dequantize(), weights);
    }
}

QTEST_GUILESS_MAIN(TestLeastZero)
#include "tst_leastzero.moc"
