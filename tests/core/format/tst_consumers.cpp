// SPDX-License-Identifier: Apache-2.0
// Consumers: who loads what, and what is said where one does not.
#include "core/format/consumers.h"

#include "formatfixtures.h"
#include "layerfolder.h"

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;
using quant::Scheme;

namespace
{

/// The demo model's layers with their blocks: q, k, v share an input, gate and up another.
model::ModelSpec demoBlocks()
{
    model::ModelSpec spec = demoLayers();
    constexpr std::array kGroups{0, 0, 0, 1, 2, 2, 3};
    spec.blocks.resize(8);
    for (model::LinearSpec& linear : spec.linears) {
        linear.inputGroup = kGroups[linear.id.index() % 7];
        spec.blocks[static_cast<std::size_t>(linear.block)].linears.push_back(linear.id);
    }
    return spec;
}

/// The programs that refuse, one word each, in the order of the table.
std::string refusers(const char* format, const LinearSchemes& schemes, std::string_view writer = {})
{
    const auto found = findFormat(format);
    std::string names;
    for (const Finding& finding : consumerFindings(**found, demoBlocks(), schemes, writer)) {
        if (finding.code != "consumer-refuses" || finding.severity != Severity::Warning || finding.advice.empty()) {
            return "a finding of another kind";
        }
        const std::string message = finding.message.english();
        names += (names.empty() ? "" : " ") + message.substr(0, message.find(' '));
    }
    return names;
}

} // namespace

class TestConsumers : public QObject
{
    Q_OBJECT

private slots:
    void everyFormatHasSome();
    void everyRuleHasAFormat();
    void sameForAll_data();
    void sameForAll();
    void differentLayers();
    void actOrderWantsStaticGroups();
    void writersReadWhatTheyWrote();
    void namesTheLayer();
    void configurationsThatLackKeys();
};

void TestConsumers::everyFormatHasSome()
{
    for (const Format* format : readableFormats()) {
        QVERIFY2(!format->consumers().empty(), std::string(format->name()).c_str());
    }
    QCOMPARE(consumersOf("awq"),
             (std::vector<std::string>{"vLLM", "SGLang", "transformers", "AutoAWQ", "GPTQModel", "lmdeploy"}));
    QCOMPARE(consumersOf("gptq"),
             (std::vector<std::string>{"vLLM", "SGLang", "transformers", "GPTQModel", "AutoGPTQ"}));
    QCOMPARE(consumersOf("awq-gemv-fast"), (std::vector<std::string>{"AutoAWQ", "GPTQModel"}));
}

void TestConsumers::everyRuleHasAFormat()
{
    for (const ConsumerRule& rule : consumerRules()) {
        const auto isNamed = [&rule](const Format* format) { return format->name() == rule.format; };
        QVERIFY2(std::ranges::any_of(readableFormats(), isNamed), std::string(rule.format).c_str());
        QVERIFY(rule.bits.bits != 0);
    }
}

void TestConsumers::sameForAll_data()
{
    QTest::addColumn<QString>("format");
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("groupSize");
    QTest::addColumn<bool>("symmetric");
    QTest::addColumn<QString>("refusing");
    QTest::newRow("the safe GPTQ") << "gptq" << 4 << 128 << true << "";
    QTest::newRow("8 bits a row") << "gptq" << 8 << -1 << true << "";
    QTest::newRow("GPTQ of 3 bits") << "gptq" << 3 << 128 << true << "vLLM SGLang";
    QTest::newRow("GPTQ of 2 bits") << "gptq" << 2 << 64 << true << "vLLM SGLang";
    QTest::newRow("GPTQ with zero points") << "gptq" << 4 << 128 << false << "vLLM SGLang GPTQModel";
    QTest::newRow("v2 with zero points") << "gptq-v2" << 4 << 128 << false << "vLLM";
    QTest::newRow("groups of 48") << "gptq" << 4 << 48 << true << "vLLM SGLang GPTQModel";
    QTest::newRow("groups of 256") << "gptq" << 4 << 256 << true << "vLLM SGLang";
    QTest::newRow("the safe AWQ") << "awq" << 4 << 128 << false << "";
    QTest::newRow("AWQ in groups of 64") << "awq" << 4 << 64 << false << "lmdeploy";
    QTest::newRow("AWQ in groups of 256") << "awq" << 4 << 256 << false << "AutoAWQ GPTQModel lmdeploy";
    QTest::newRow("W4A16") << "compressed-tensors" << 4 << 128 << true << "";
    QTest::newRow("W4A16 with zero points") << "compressed-tensors" << 4 << 128 << false << "transformers";
    QTest::newRow("W2A16") << "compressed-tensors" << 2 << 128 << true << "vLLM SGLang";
    QTest::newRow("W8A8") << "compressed-tensors-int8" << 8 << -1 << true << "";
}

void TestConsumers::sameForAll()
{
    QFETCH(const QString, format);
    QFETCH(const int, bits);
    QFETCH(const int, groupSize);
    QFETCH(const bool, symmetric);
    QFETCH(const QString, refusing);
    const LinearSchemes schemes(56, makeScheme(bits, groupSize, symmetric));
    QCOMPARE(refusers(qPrintable(format), schemes), refusing.toStdString());
}

void TestConsumers::differentLayers()
{
    LinearSchemes schemes(56, makeScheme(4, 128, true));
    schemes[3] = makeScheme(8, 128, true); // An o_proj shares its input with none.
    QCOMPARE(refusers("gptq", schemes), std::string("transformers AutoGPTQ"));
    QCOMPARE(refusers("compressed-tensors", schemes), std::string());
    schemes[3] = schemes[0];
    schemes[1] = std::nullopt; // One k_proj.
    QCOMPARE(refusers("gptq", schemes), std::string("vLLM SGLang transformers AutoGPTQ"));
    for (std::size_t i = 0; i < 56; i += 7) {
        schemes[i] = schemes[i + 1] = schemes[i + 2] = std::nullopt;
    }
    QCOMPARE(refusers("gptq", schemes), std::string());
}

void TestConsumers::actOrderWantsStaticGroups()
{
    quant::Scheme scheme = makeScheme(4, 128, true);
    scheme.actOrder = true;
    QCOMPARE(refusers("gptq", LinearSchemes(56, scheme)), std::string("vLLM"));
    QCOMPARE(refusers("compressed-tensors", LinearSchemes(56, scheme)), std::string("vLLM"));
    scheme.staticGroups = true;
    QCOMPARE(refusers("gptq", LinearSchemes(56, scheme)), std::string());
    QCOMPARE(refusers("compressed-tensors", LinearSchemes(56, scheme)), std::string());
    scheme.staticGroups = false;
    scheme.groupSize = quant::kPerChannel; // No column can leave its group.
    QCOMPARE(refusers("gptq", LinearSchemes(56, scheme)), std::string());
}

void TestConsumers::writersReadWhatTheyWrote()
{
    const LinearSchemes schemes(56, makeScheme(4, 128, false));
    QCOMPARE(refusers("gptq", schemes, "GPTQModel"), std::string("vLLM SGLang"));
}

void TestConsumers::namesTheLayer()
{
    LinearSchemes schemes(56, makeScheme(4, 128, true));
    schemes[12] = makeScheme(3, 128, true);
    const Findings findings = consumerFindings(**findFormat("gptq-v2"), demoBlocks(), schemes);
    QCOMPARE(findings.size(), 3U); // vLLM for the width and beside its neighbour, transformers beside the others.
    for (const Finding& finding : findings) {
        QVERIFY2(finding.subject == "model.layers.1.mlp.up_proj", finding.message.english().c_str());
    }
    QCOMPARE(findings[1].message.english(),
             std::string("vLLM does not load it: it needs the scheme of model.layers.1.mlp.gate_proj, which shares its "
                         "input"));
}

void TestConsumers::configurationsThatLackKeys()
{
    const Format& format = **findFormat("gptq");
    const auto tensor = randomTensor(makeScheme(4, 32, true), 64, 64, 1);
    const model::ModelSpec spec = oneLayer(64, 64);
    const auto encoded = format.encode(spec.linears[0], tensor, checkpoint::DType::F16);
    BITLATHE_VERIFY_OK(encoded);
    const TempFolder temp;
    Json config = configOf(format, spec, tensor.scheme);
    const auto messages = [&](const char* name) {
        std::vector<std::string> all;
        const auto opened = checkpoint::Checkpoint::open(temp / name);
        for (const Finding& finding : configFindings(format, **opened)) {
            all.push_back(finding.message.english());
        }
        return all;
    };
    writeFolder(temp / "whole", *encoded, config);
    std::ofstream(temp / "whole" / "quantize_config.json") << config["quantization_config"].dump();
    QVERIFY(messages("whole").empty());
    config["quantization_config"].erase("desc_act");
    writeFolder(temp / "lacking", *encoded, config);
    QCOMPARE(messages("lacking"),
             (std::vector<std::string>{"vLLM does not load it: quantization_config lacks the key desc_act",
                                       "SGLang does not load it: quantization_config lacks the key desc_act",
                                       "AutoGPTQ does not load it: there is no quantize_config.json"}));
}

QTEST_GUILESS_MAIN(TestConsumers)
#include "tst_consumers.moc"
