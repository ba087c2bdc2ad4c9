// SPDX-License-Identifier: Apache-2.0
// The dense format: dequantized weights rounded to the model's type, and the list of formats.
#include "core/format/dense.h"

#include "formatfixtures.h"

#include <cmath>
#include <cstring>

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;
using checkpoint::DType;

class TestDense : public QObject
{
    Q_OBJECT

private slots:
    void roundsToTheModelsType_data();
    void roundsToTheModelsType();
    void recognizesUnquantized();
    void findsFormatsByName();
};

void TestDense::roundsToTheModelsType_data()
{
    QTest::addColumn<int>("dtype");
    QTest::addColumn<int>("written");
    QTest::addColumn<int>("mantissaBits");
    const auto row = [](const char* name, DType dtype, DType written, int mantissaBits) {
        QTest::newRow(name) << static_cast<int>(dtype) << static_cast<int>(written) << mantissaBits;
    };
    row("F32", DType::F32, DType::F32, 24);
    row("BF16", DType::BF16, DType::BF16, 8);
    row("F16", DType::F16, DType::F16, 11);
    row("F64 is written as F32", DType::F64, DType::F32, 24);
    row("F8 is written as BF16", DType::F8E4M3, DType::BF16, 8);
}

/// The values of the tensor lie in the normal range of every type, so rounding is to a number of significant bits.
void TestDense::roundsToTheModelsType()
{
    QFETCH(const int, dtype);
    QFETCH(const int, written);
    QFETCH(const int, mantissaBits);
    quant::Scheme scheme;
    scheme.groupSize = 24;
    scheme.symmetric = false;
    const auto tensor = randomTensor(scheme, 37, 56, 9);
    const auto linear = layer("l", 37, 56);
    const auto encoded = denseFormat().encode(linear, tensor, static_cast<DType>(dtype));
    BITLATHE_VERIFY_OK(encoded);
    QCOMPARE(encoded->size(), std::size_t{1});
    const EncodedTensor& only = encoded->front();
    QCOMPARE(only.plan.name, std::string("l.weight"));
    QCOMPARE(static_cast<int>(only.plan.dtype), written);
    QCOMPARE(denseFormat().plan(linear, scheme, static_cast<DType>(dtype)).front().dtype, only.plan.dtype);
    const std::vector<float> values = checkpoint::toF32({only.plan.name, only.plan.dtype, only.plan.shape, only.bytes});
    std::vector<std::uint8_t> codes(56);
    for (std::int64_t row = 0; row < 37; ++row) {
        tensor.unpackRow(row, codes);
        for (std::size_t col = 0; col < codes.size(); ++col) {
            const auto group = static_cast<std::int64_t>(col / 24);
            const double exact = (codes[col] - tensor.zero(row, group)) * static_cast<double>(tensor.scale(row, group));
            int exponent = 0;
            const double scaled = std::ldexp(std::frexp(exact, &exponent), mantissaBits);
            const double rounded = std::ldexp(std::nearbyint(scaled), exponent - mantissaBits);
            QCOMPARE(values[static_cast<std::size_t>(row) * 56 + col], static_cast<float>(rounded));
        }
    }
}

void TestDense::recognizesUnquantized()
{
    const std::vector<EncodedTensor> tensors{{{"a", DType::U8, {1}}, {std::byte{1}}}};
    const TempFolder temp;
    writeFolder(temp / "plain", tensors, {{"model_type", "llama"}, {"quantization_config", nullptr}});
    writeFolder(temp / "quantized", tensors, {{"quantization_config", {{"quant_method", "gptq"}}}});
    QVERIFY(denseFormat().recognizes(**checkpoint::Checkpoint::open(temp / "plain")));
    QVERIFY(!denseFormat().recognizes(**checkpoint::Checkpoint::open(temp / "quantized")));
}

void TestDense::findsFormatsByName()
{
    for (const Format* format : formats()) {
        const auto found = findFormat(format->name());
        BITLATHE_VERIFY_OK(found);
        QCOMPARE(*found, format);
        QVERIFY(!format->title().empty());
        QVERIFY(!format->consumers().empty());
    }
    const auto unknown = findFormat("zip");
    QVERIFY(!unknown.has_value());
    QCOMPARE(unknown.error().code, ErrorCode::UnknownName);
    QVERIFY(unknown.error().expected.english().find("compressed-tensors") != std::string::npos);
    QCOMPARE(unknown.error().found.english(), std::string("zip"));
}

QTEST_GUILESS_MAIN(TestDense)
#include "tst_dense.moc"
