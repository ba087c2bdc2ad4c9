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

QTEST_GUILESS_MAIN(TestLeastZero)
#include "tst_leastzero.moc"
