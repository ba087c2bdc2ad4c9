// SPDX-License-Identifier: Apache-2.0
// openModel: what a folder is, and one sentence about each that can't be opened.
#include "core/format/openmodel.h"

#include "core/base/resources.h"
#include "formatfixtures.h"

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;
using checkpoint::DType;

namespace fs = std::filesystem;

namespace
{

/// A copy of the demo model, its tensor file linked.
fs::path demoCopy(const TempFolder& temp)
{
    const fs::path source = *resource("demo/model");
    const fs::path copy = temp / "model";
    fs::create_directory(copy);
    for (const auto& file : fs::directory_iterator(source)) {
        if (file.path().extension() == ".safetensors") {
            fs::create_symlink(file.path(), copy / file.path().filename());
        } else {
            fs::copy_file(file.path(), copy / file.path().filename());
        }
    }
    return copy;
}

void changeConfig(const fs::path& folder, const std::function<void(Json&)>& change)
{
    Json config = readJsonFile(folder / "config.json");
    change(config);
    std::ofstream(folder / "config.json") << config.dump();
}

} // namespace

class TestOpenModel : public QObject
{
    Q_OBJECT

private slots:
    void demoModel();
    void compressedTensors();
    void namesOtherQuantizations_data();
    void namesOtherQuantizations();
    void readsOlderQuantizationFiles();
    void namesMissingTensors();
    void namesTensorsOfAnotherShape();
    void configOfNoUse_data();
    void configOfNoUse();
    void noConfig();
    void noFolder();
    void tokenizerThatDoesNotFit();
    void noTokenizer();
    void unknownFamily();
    void configurationThatQuantizesNothing();
};

void TestOpenModel::demoModel()
{
    const auto opened = openModel(*resource("demo/model"));
    BITLATHE_VERIFY_OK(opened);
    const OpenedModel& model = **opened;
    QVERIFY(!model.isQuantized());
    QCOMPARE(model.name(), std::string("model"));
    QCOMPARE(static_cast<int>(model.dtype), static_cast<int>(DType::BF16));
    const std::int64_t linears = 8 * (2 * 256 * 256 + 2 * 128 * 256 + 3 * 768 * 256);
    QCOMPARE(model.parameters, linears + 8192 * 256 + 17 * 256);
    QCOMPARE(model.bytesLinears(), static_cast<std::uint64_t>(2 * linears));
    QCOMPARE(model.bitsPerWeight(), 16.0);
    QCOMPARE(model.schemes.size(), std::size_t{56});
    QVERIFY(model.tokenizer != nullptr);
    QVERIFY(!model.tokenizerError.has_value());
    QVERIFY(model.findings.empty());
    const auto byFile = openModel(*resource("demo/model") / "model.safetensors");
    BITLATHE_VERIFY_OK(byFile);
    QCOMPARE((*byFile)->parameters, model.parameters);
}

void TestOpenModel::compressedTensors()
{
    BITLATHE_NEED_SHARED();
    const auto opened = openModel(sharedFolder() / "golden/ct-w4a16-g128");
    BITLATHE_VERIFY_OK(opened);
    const OpenedModel& model = **opened;
    QVERIFY(model.isQuantized());
    QCOMPARE(model.format->name(), std::string_view("compressed-tensors"));
    const auto demo = openModel(*resource("demo/model"));
    QCOMPARE(model.parameters, (*demo)->parameters);
    QCOMPARE(static_cast<int>(model.dtype), static_cast<int>(DType::BF16));
    QCOMPARE(model.bitsPerWeight(), 4.125);
    // Codes, scales of two bytes for each 128, and 16 bytes of weight_shape for each layer.
    const std::uint64_t weights = (*demo)->bytesLinears() / 2;
    QCOMPARE(model.bytesLinears(), weights / 2 + weights / 128 * 2 + 56 * 16);
    QVERIFY(model.tokenizer == nullptr);
    QVERIFY(model.tokenizerError.has_value());
    const auto weightsOfOne = model.source->weights(model.spec.linears[3]);
    BITLATHE_VERIFY_OK(weightsOfOne);
    const Json golden = readJsonFile(sharedFolder() / "golden/ct-w4a16-g128/golden.json");
    QCOMPARE(sha256OfValues(*weightsOfOne),
             golden["sha256_dequant_fp32"][model.spec.linears[3].name].get<std::string>());
}

void TestOpenModel::namesOtherQuantizations_data()
{
    QTest::addColumn<QString>("method");
    for (const char* method : {"eetq", "fp8", "hqq"}) {
        QTest::newRow(method) << method;
    }
}

void TestOpenModel::namesOtherQuantizations()
{
    QFETCH(const QString, method);
    const TempFolder temp;
    const fs::path folder = demoCopy(temp);
    changeConfig(folder, [&](Json& config) {
        config["quantization_config"] = {{"quant_method", method.toStdString()}, {"bits", 4}};
    });
    const auto opened = openModel(folder);
    QVERIFY(!opened.has_value());
    QCOMPARE(opened.error().code, ErrorCode::NotSupported);
    QVERIFY(opened.error().found.english().find(method.toStdString()) != std::string::npos);
    QVERIFY(opened.error().expected.english().find("compressed-tensors") != std::string::npos);
    QVERIFY(opened.error().subject.find("config.json") != std::string::npos);
}

void TestOpenModel::readsOlderQuantizationFiles()
{
    const TempFolder temp;
    const fs::path folder = demoCopy(temp);
    std::ofstream(folder / "quantize_config.json") << R"({"bits": 4, "group_size": 128})";
    const auto opened = openModel(folder);
    QVERIFY(!opened.has_value());
    QCOMPARE(opened.error().code, ErrorCode::TensorMissing);
    QVERIFY2(opened.error().sentence().find(".qweight") != std::string::npos, opened.error().sentence().c_str());
}

void TestOpenModel::namesMissingTensors()
{
    const TempFolder temp;
    const fs::path folder = demoCopy(temp);
    changeConfig(folder, [](Json& config) { config["num_hidden_layers"] = 9; });
    const auto opened = openModel(folder);
    QVERIFY(!opened.has_value());
    QCOMPARE(opened.error().code, ErrorCode::TensorMissing);
    QVERIFY2(opened.error().found.english().find("9 missing: model.layers.8.") != std::string::npos,
             opened.error().sentence().c_str());
}

void TestOpenModel::namesTensorsOfAnotherShape()
{
    const TempFolder temp;
    const fs::path folder = demoCopy(temp);
    changeConfig(folder, [](Json& config) { config["vocab_size"] = 8193; });
    const auto opened = openModel(folder);
    QVERIFY(!opened.has_value());
    QCOMPARE(opened.error().code, ErrorCode::TensorInvalid);
    QCOMPARE(opened.error().subject, std::string("model.embed_tokens.weight"));
}

void TestOpenModel::configOfNoUse_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("empty object") << "{}";
    QTest::newRow("lacks a key") << R"({"model_type": "llama", "hidden_size": 256})";
    QTest::newRow("wrong type") << R"({"model_type": "llama", "hidden_size": "256", "num_hidden_layers": 8,
        "num_attention_heads": 4, "intermediate_size": 768, "vocab_size": 8192})";
    QTest::newRow("a list") << "[]";
    QTest::newRow("cut off") << R"({"model_type": "lla)";
}

void TestOpenModel::configOfNoUse()
{
    QFETCH(const QString, text);
    const TempFolder temp;
    const fs::path folder = demoCopy(temp);
    std::ofstream(folder / "config.json") << text.toStdString();
    const auto opened = openModel(folder);
    QVERIFY(!opened.has_value());
    QVERIFY(opened.error().code == ErrorCode::ConfigInvalid || opened.error().code == ErrorCode::FileInvalid);
    QVERIFY2(opened.error().subject.find("config.json") != std::string::npos, opened.error().sentence().c_str());
}

void TestOpenModel::noConfig()
{
    const TempFolder temp;
    const fs::path folder = demoCopy(temp);
    fs::remove(folder / "config.json");
    const auto opened = openModel(folder);
    QVERIFY(!opened.has_value());
    QCOMPARE(opened.error().code, ErrorCode::FileMissing);
    QVERIFY(opened.error().subject.ends_with("config.json"));
}

void TestOpenModel::noFolder()
{
    const TempFolder temp;
    const auto opened = openModel(temp / "nothing");
    QVERIFY(!opened.has_value());
    QCOMPARE(opened.error().code, ErrorCode::FileMissing);
}

/// The demo's tokenizer beside a model of 256 tokens.
void TestOpenModel::tokenizerThatDoesNotFit()
{
    BITLATHE_NEED_SHARED();
    const TempFolder temp;
    const fs::path folder = temp / "model";
    fs::create_directory(folder);
    const fs::path small = sharedFolder() / "models/arch/llama-gqa-untied";
    fs::copy_file(small / "config.json", folder / "config.json");
    fs::copy_file(small / "model.safetensors", folder / "model.safetensors");
    fs::copy_file(*resource("demo/model") / "tokenizer.model", folder / "tokenizer.model");
    const auto opened = openModel(folder);
    BITLATHE_VERIFY_OK(opened);
    QVERIFY((*opened)->tokenizer == nullptr);
    QVERIFY((*opened)->tokenizerError.has_value());
    QCOMPARE((*opened)->tokenizerError->code, ErrorCode::TokenizerInvalid);
    QCOMPARE(static_cast<int>((*opened)->dtype), static_cast<int>(DType::F32));
    QCOMPARE((*opened)->bitsPerWeight(), 32.0);
}

void TestOpenModel::noTokenizer()
{
    const TempFolder temp;
    const fs::path folder = demoCopy(temp);
    for (const char* name : {"tokenizer.model", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"}) {
        fs::remove(folder / name);
    }
    const auto opened = openModel(folder);
    BITLATHE_VERIFY_OK(opened);
    QVERIFY((*opened)->tokenizer == nullptr);
    QVERIFY((*opened)->tokenizerError.has_value());
}

void TestOpenModel::unknownFamily()
{
    const TempFolder temp;
    const fs::path folder = demoCopy(temp);
    changeConfig(folder, [](Json& config) { config["model_type"] = "something-new"; });
    const auto opened = openModel(folder);
    BITLATHE_VERIFY_OK(opened);
    QVERIFY(!(*opened)->spec.canRun);
    QVERIFY((*opened)->parameters > 8'000'000);
    QVERIFY(!runnable(**opened, {}).has_value());
}

void TestOpenModel::configurationThatQuantizesNothing()
{
    const TempFolder temp;
    const fs::path folder = demoCopy(temp);
    changeConfig(folder, [](Json& config) {
        config["quantization_config"] = {{"quant_method", "compressed-tensors"}, {"config_groups", Json::object()}};
    });
    const auto opened = openModel(folder);
    BITLATHE_VERIFY_OK(opened);
    QVERIFY(!(*opened)->isQuantized());
}

QTEST_GUILESS_MAIN(TestOpenModel)
#include "tst_openmodel.moc"
