// SPDX-License-Identifier: Apache-2.0
// The quantization_config of compressed-tensors: what is written, what is understood, what is refused.
#include "core/format/compressedtensorsconfig.h"

#include "formatfixtures.h"

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;

namespace
{

Json group(const Json& targets, int bits)
{
    return {{"targets", targets},
            {"weights", {{"num_bits", bits}, {"type", "int"}, {"strategy", "group"}, {"group_size", 32}}}};
}

Json config(const Json& groups, const Json& ignore = Json::array())
{
    return {{"quant_method", "compressed-tensors"},
            {"format", "pack-quantized"},
            {"config_groups", groups},
            {"ignore", ignore}};
}

quant::Scheme scheme(int bits, std::int64_t groupSize)
{
    quant::Scheme made;
    made.bits = bits;
    made.groupSize = groupSize;
    return made;
}

} // namespace

class TestCompressedTensorsConfig : public QObject
{
    Q_OBJECT

private slots:
    void oneSchemeForAll();
    void severalSchemes();
    void leavesOutWhatOlderReadersRefuse();
    void nothingQuantized();
    void targetsByNamePatternAndClass();
    void hostilePatternsEnd();
    void readsWhatItWrites();
    void readsActOrder();
    void refuses_data();
    void refuses();
};

void TestCompressedTensorsConfig::oneSchemeForAll()
{
    const model::ModelSpec spec = demoLayers();
    LinearSchemes schemes(spec.linears.size(), scheme(4, 128));
    schemes[5].reset();
    const Json json = writeCompressedConfig(spec, schemes);
    VERIFY_JSON(json["quant_method"], Json("compressed-tensors"));
    VERIFY_JSON(json["format"], Json("pack-quantized"));
    VERIFY_JSON(json["quantization_status"], Json("compressed"));
    VERIFY_JSON(json["ignore"], Json::array({"model.layers.0.mlp.up_proj", "lm_head"}));
    QCOMPARE(json["config_groups"].size(), std::size_t{1});
    const Json& only = json["config_groups"]["group_0"];
    VERIFY_JSON(only["targets"], Json::array({"Linear"}));
    VERIFY_JSON(only["weights"]["num_bits"], Json(4));
    VERIFY_JSON(only["weights"]["strategy"], Json("group"));
    VERIFY_JSON(only["weights"]["group_size"], Json(128));
    QVERIFY(only["input_activations"].is_null());
}

void TestCompressedTensorsConfig::severalSchemes()
{
    const model::ModelSpec spec = demoLayers();
    LinearSchemes schemes(spec.linears.size(), scheme(4, 128));
    schemes[6] = scheme(8, quant::kPerChannel);
    schemes[13] = scheme(8, quant::kPerTensor); // Stored like one scale per channel.
    const Json json = writeCompressedConfig(spec, schemes);
    QCOMPARE(json["config_groups"].size(), std::size_t{2});
    VERIFY_JSON(json["config_groups"]["group_1"]["targets"],
                Json::array({"model.layers.0.mlp.down_proj", "model.layers.1.mlp.down_proj"}));
    VERIFY_JSON(json["config_groups"]["group_1"]["weights"]["strategy"], Json("channel"));
    QVERIFY(json["config_groups"]["group_1"]["weights"]["group_size"].is_null());
    QCOMPARE(json["config_groups"]["group_0"]["targets"].size(), std::size_t{54});
    VERIFY_JSON(json["ignore"], Json::array({"lm_head"}));
}

void TestCompressedTensorsConfig::leavesOutWhatOlderReadersRefuse()
{
    const model::ModelSpec spec = demoLayers();
    const Json json = writeCompressedConfig(spec, LinearSchemes(spec.linears.size(), scheme(4, 128)));
    const Json& weights = json["config_groups"]["group_0"]["weights"];
    QVERIFY(!weights.contains("scale_dtype"));
    QVERIFY(!weights.contains("zp_dtype"));
}

void TestCompressedTensorsConfig::nothingQuantized()
{
    const model::ModelSpec spec = demoLayers();
    QVERIFY(writeCompressedConfig(spec, LinearSchemes(spec.linears.size())).is_null());
}

void TestCompressedTensorsConfig::targetsByNamePatternAndClass()
{
    const auto read = readCompressedConfig(config({{"class", group({"Linear"}, 8)},
                                                   {"pattern", group({"re:.*down_proj", "Conv2d"}, 4)},
                                                   {"name", group({"model.layers.1.mlp.down_proj"}, 2)}},
                                                  {"lm_head", "re:.*layers\\.3\\."}),
                                           "config.json");
    BITLATHE_VERIFY_OK(read);
    QCOMPARE(read->groupOf("model.layers.0.mlp.up_proj")->scheme.bits, 8);
    QCOMPARE(read->groupOf("model.layers.0.mlp.down_proj")->scheme.bits, 4);
    QCOMPARE(read->groupOf("model.layers.1.mlp.down_proj")->scheme.bits, 2);
    QVERIFY(read->groupOf("lm_head") == nullptr);
    QVERIFY(read->groupOf("model.layers.3.mlp.down_proj") == nullptr);
    QVERIFY(read->groupOf("model.layers.33.mlp.down_proj") != nullptr);
}

/// A pattern whose naive matching takes exponential time; the test's own time limit is the check.
void TestCompressedTensorsConfig::hostilePatternsEnd()
{
    const auto read =
        readCompressedConfig(config({{"g", group({"Linear"}, 4)}}, Json::array({"re:((a*)*)*x"})), "config.json");
    BITLATHE_VERIFY_OK(read);
    QVERIFY(read->groupOf(std::string(200, 'a')) != nullptr);
}

void TestCompressedTensorsConfig::readsWhatItWrites()
{
    const model::ModelSpec spec = demoLayers();
    LinearSchemes schemes(spec.linears.size(), scheme(4, 64));
    schemes[0].reset();
    schemes[1] = scheme(8, quant::kPerChannel);
    schemes[1]->symmetric = false;
    const auto read = readCompressedConfig(writeCompressedConfig(spec, schemes), "config.json");
    BITLATHE_VERIFY_OK(read);
    for (const model::LinearSpec& linear : spec.linears) {
        const CompressedGroup* found = read->groupOf(linear.name);
        QCOMPARE(found != nullptr, schemes[linear.id.index()].has_value());
        if (found != nullptr) {
            QCOMPARE(found->scheme, *schemes[linear.id.index()]);
        }
    }
}

void TestCompressedTensorsConfig::readsActOrder()
{
    for (const auto& [value, expected] : std::vector<std::pair<Json, bool>>{{"group", true},
                                                                            {"dynamic", true},
                                                                            {"weight", false},
                                                                            {"static", false},
                                                                            {nullptr, false},
                                                                            {true, true}}) {
        Json only = group({"Linear"}, 4);
        only["weights"]["actorder"] = value;
        const auto read = readCompressedConfig(config({{"group_0", only}}), "config.json");
        BITLATHE_VERIFY_OK(read);
        QCOMPARE(read->groups[0].scheme.actOrder, expected);
    }
}

void TestCompressedTensorsConfig::refuses_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("names");
    const auto row = [](const char* name, const Json& json) -> QTestData& {
        return QTest::newRow(name) << QString::fromStdString(json.dump());
    };
    const int invalid = static_cast<int>(ErrorCode::ConfigInvalid);
    const int unsupported = static_cast<int>(ErrorCode::NotSupported);
    const Json good = config({{"group_0", group({"Linear"}, 4)}});
    const auto weights = [&good](const char* key, Json value) {
        Json changed = good;
        changed["config_groups"]["group_0"]["weights"][key] = std::move(value);
        return changed;
    };
    const auto top = [&good](const char* key, Json value) {
        Json changed = good;
        changed[key] = std::move(value);
        return changed;
    };
    row("no object", Json(3)) << invalid << "object";
    row("no groups", Json{{"format", "pack-quantized"}}) << invalid << "config_groups";
    row("groups of a wrong type", top("config_groups", Json::array())) << invalid << "config_groups";
    row("group of a wrong type", top("config_groups", {{"g", 4}})) << invalid << "g";
    row("bits as text", weights("num_bits", "4")) << invalid << "num_bits";
    row("no bits", weights("num_bits", nullptr)) << invalid << "num_bits";
    row("16 bits", weights("num_bits", 16)) << invalid << "num_bits";
    row("7 bits", weights("num_bits", 7)) << unsupported << "7";
    row("float", weights("type", "float")) << unsupported << "float";
    row("blocks", weights("strategy", "block")) << unsupported << "block";
    row("groups of 0", weights("group_size", 0)) << invalid << "group_size";
    row("layout", top("format", "nvfp4-pack-quantized")) << unsupported << "nvfp4-pack-quantized";
    row("status", top("quantization_status", "frozen")) << unsupported << "frozen";
    row("sparse", top("sparsity_config", {{"format", "sparse-24-bitmask"}})) << unsupported << "sparsity_config";
    row("transforms", top("transform_config", {{"config_groups", {{"u", 1}}}})) << unsupported << "transform_config";
    row("ignore of numbers", top("ignore", Json::array({1}))) << invalid << "ignore";
    row("pattern", top("ignore", Json::array({"re:("}))) << unsupported << "re:(";
    row("endless pattern", top("ignore", Json::array({"re:" + std::string(5000, 'a')}))) << unsupported << "patterns";
}

void TestCompressedTensorsConfig::refuses()
{
    QFETCH(const QString, text);
    QFETCH(const int, code);
    QFETCH(const QString, names);
    const auto read = readCompressedConfig(Json::parse(text.toStdString()), "config.json");
    QVERIFY(!read.has_value());
    QCOMPARE(static_cast<int>(read.error().code), code);
    const std::string sentence = read.error().sentence();
    QVERIFY2(sentence.find(names.toStdString()) != std::string::npos, sentence.c_str());
    QVERIFY2(sentence.starts_with("config.json"), sentence.c_str());
}

QTEST_GUILESS_MAIN(TestCompressedTensorsConfig)
#include "tst_compressedtensorsconfig.moc"
