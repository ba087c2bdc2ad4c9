// SPDX-License-Identifier: Apache-2.0
// Inputs of 8 bits on one grid for all tokens: the tensor, the configuration, and what is wrong with bad ones.
#include "core/format/compressedtensors.h"
#include "layerfolder.h"

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;
using checkpoint::DType;
using quant::QuantizedTensor;
using quant::Scheme;
using Tensors = std::vector<EncodedTensor>;

namespace
{

Scheme staticScheme()
{
    Scheme scheme = makeScheme(8, quant::kPerChannel, true);
    scheme.activationBits = 8;
    scheme.staticInputs = true;
    return scheme;
}

QuantizedTensor staticTensor()
{
    QuantizedTensor tensor = randomTensor(staticScheme(), 16, 32, 3);
    tensor.inputScale = 0.0625F;
    return tensor;
}

} // namespace

class TestStaticInputs : public QObject
{
    Q_OBJECT

private slots:
    void writtenAsLlmCompressorDoes();
    void readBack();
    void badScales_data();
    void badScales();
    void otherKindsStayUnknown();
};

/// Names, types and keys of llm-compressor's checkpoints with static inputs.
void TestStaticInputs::writtenAsLlmCompressorDoes()
{
    const QuantizedTensor tensor = staticTensor();
    const model::ModelSpec spec = oneLayer(16, 32);
    const auto encoded = compressedTensorsInt8Format().encode(spec.linears[0], tensor, DType::BF16);
    BITLATHE_VERIFY_OK(encoded);
    QCOMPARE(encoded->size(), std::size_t{3});
    const EncodedTensor& scale = encoded->back();
    QCOMPARE(scale.plan.name, spec.linears[0].name + ".input_scale");
    QCOMPARE(scale.plan.shape, checkpoint::Shape{1});
    QCOMPARE(scale.plan.dtype, tensor.scheme.scaleDType);
    const auto config = compressedTensorsInt8Format().quantizationConfig(spec, {tensor.scheme});
    BITLATHE_VERIFY_OK(config);
    const Json& inputs = (*config)["config_groups"]["group_0"]["input_activations"];
    QVERIFY(inputs["strategy"] == Json("tensor") && inputs["dynamic"] == Json(false) && inputs["num_bits"] == Json(8) &&
            inputs["symmetric"] == Json(true) && inputs["type"] == Json("int"));
}

void TestStaticInputs::readBack()
{
    const QuantizedTensor tensor = staticTensor();
    for (const bool isScalar : {false, true}) {
        const auto read = readChanged(compressedTensorsInt8Format(), tensor, [&](Tensors& tensors, Json&) {
            tensors.back().plan.shape = isScalar ? checkpoint::Shape{} : checkpoint::Shape{1};
        });
        BITLATHE_VERIFY_OK(read);
        QVERIFY(read->scheme.staticInputs);
        QCOMPARE(read->scheme.activationBits, 8);
        QCOMPARE(read->inputScale, 0.0625F);
        QCOMPARE(read->codes, tensor.codes);
    }
}

void TestStaticInputs::badScales_data()
{
    QTest::addColumn<float>("scale");
    QTest::addColumn<bool>("present");
    QTest::addColumn<QString>("words");
    QTest::newRow("zero") << 0.0F << true << "expected a number above 0, found 0";
    QTest::newRow("negative") << -1.0F << true << "expected a number above 0, found -1";
    QTest::newRow("missing") << 1.0F << false << "input_scale";
}

void TestStaticInputs::badScales()
{
    QFETCH(const float, scale);
    QFETCH(const bool, present);
    QFETCH(const QString, words);
    QuantizedTensor tensor = staticTensor();
    tensor.inputScale = scale;
    const auto read = readChanged(compressedTensorsInt8Format(), tensor, [&](Tensors& tensors, Json&) {
        if (!present) {
            tensors.pop_back();
        }
    });
    QVERIFY(!read);
    const std::string sentence = read.error().sentence();
    QVERIFY2(sentence.find(words.toStdString()) != std::string::npos, sentence.c_str());
    QVERIFY2(sentence.find("input_scale") != std::string::npos, sentence.c_str());
}

/// Asymmetric inputs, and a strategy that does not go with the way scales are found.
void TestStaticInputs::otherKindsStayUnknown()
{
    const QuantizedTensor tensor = staticTensor();
    for (const auto& [key, value] : {std::pair<const char*, Json>{"symmetric", false},
                                     {"dynamic", true},
                                     {"strategy", "token"},
                                     {"num_bits", 4},
                                     {"type", "float"}}) {
        const auto read = readChanged(compressedTensorsInt8Format(), tensor, [&](Tensors&, Json& config) {
            config["config_groups"]["group_0"]["input_activations"][key] = value;
        });
        BITLATHE_VERIFY_OK(read);
        QVERIFY2(read->scheme.activationBits == 0, key);
        QVERIFY(!read->scheme.staticInputs);
    }
}

QTEST_GUILESS_MAIN(TestStaticInputs)
#include "tst_staticinputs.moc"
