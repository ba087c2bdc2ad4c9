// SPDX-License-Identifier: Apache-2.0
// Grids of keys and values beside the weights: scales for vLLM in compressed-tensors folders, those of a workspace.
#include "core/format/kvgrids.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/calibrate/keyvalueranges.h"
#include "core/checkpoint/safetensors.h"
#include "core/format/compressedtensors.h"
#include "core/format/convert.h"
#include "core/format/exporter.h"
#include "core/format/gptq.h"
#include "core/format/turbomind.h"
#include "support/tempfolder.h"

#include <QTest>

#include <algorithm>

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;
namespace fs = std::filesystem;
using quant::KvGranularity;
using quant::KvKind;

namespace
{

fs::path goldenFolder()
{
    return sharedFolder() / "golden/ct-w4a16-g128";
}

/// Grids by lmdeploy's statistics of the demo model.
quant::KvParams paramsOf(const quant::KvScheme& scheme)
{
    const auto ranges = calibrate::readKeyValueRanges(sharedFolder() / "golden/lmdeploy/calibrate");
    return *quant::kvParamsOf(*ranges, scheme);
}

quant::KvParams fp8(KvGranularity granularity = KvGranularity::Layer)
{
    return paramsOf({KvKind::Fp8, 8, granularity, false});
}

/// A folder converted with the grids of a folder; an empty one: none given.
Result<ConvertReport> convertWith(const fs::path& from, const Format& to, const fs::path& out, const fs::path& kv)
{
    BITLATHE_TRY(const auto opened, openModel(from));
    BITLATHE_TRY(auto params, kvForExport(opened->spec, to, kv, {}));
    return convert(opened, to, {.out = out, .kv = std::move(params)});
}

bool says(const Findings& findings, std::string_view code)
{
    return std::ranges::any_of(findings, [code](const Finding& finding) { return finding.code == code; });
}

} // namespace

class TestKvGrids : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { BITLATHE_NEED_SHARED(); }

    void scalesTravelWithCompressedTensors_data();
    void scalesTravelWithCompressedTensors();
    void otherFormatsLeaveThemOut();
    void onlyWhatTheProgramTakes();
    void halfOfTheScales();
    void layersByNumber();
    void foldersThatLie_data();
    void foldersThatLie();
    void ofAWorkspace();
};

void TestKvGrids::scalesTravelWithCompressedTensors_data()
{
    QTest::addColumn<bool>("byHead");
    QTest::addColumn<QString>("strategy");
    QTest::newRow("a scale a layer") << false << "tensor";
    QTest::newRow("a scale a head") << true << "attn_head";
}

void TestKvGrids::scalesTravelWithCompressedTensors()
{
    QFETCH(const bool, byHead);
    QFETCH(const QString, strategy);
    const TempFolder temp;
    const quant::KvParams params = fp8(byHead ? KvGranularity::Head : KvGranularity::Layer);
    BITLATHE_VERIFY_OK(quant::writeKvParams(params, quant::KvConsumer::Vllm, temp / "kv"));
    BITLATHE_VERIFY_OK(convertWith(goldenFolder(), compressedTensorsFormat(), temp / "out", temp / "kv"));

    const auto opened = openModel(temp / "out");
    BITLATHE_VERIFY_OK(opened);
    const Json scheme = (*opened)->checkpoint->config()["quantization_config"]["kv_cache_scheme"];
    QCOMPARE(scheme["num_bits"].get<int>(), 8);
    QCOMPARE(scheme["type"].get<std::string>(), std::string("float"));
    QCOMPARE(scheme["strategy"].get<std::string>(), strategy.toStdString());
    QCOMPARE(scheme["dynamic"].get<bool>(), false);
    QCOMPARE(scheme["symmetric"].get<bool>(), true);
    // The largest magnitude that lmdeploy saw, in steps of fp8's 448.
    const auto ranges = calibrate::readKeyValueRanges(sharedFolder() / "golden/lmdeploy/calibrate");
    const auto tensor = (*opened)->checkpoint->tensor("model.layers.3.self_attn.v_scale");
    BITLATHE_VERIFY_OK(tensor);
    const std::vector<float>& largest = ranges->layers[3].valueAbsMax;
    const auto end = byHead ? largest.begin() + ranges->headDim : largest.end();
    QCOMPARE(tensor->shape, (checkpoint::Shape{byHead ? ranges->kvHeads : 1}));
    QCOMPARE(checkpoint::toF32(*tensor).front(), *std::max_element(largest.begin(), end) / 448.0F);

    const auto own = ownKvCache(**opened);
    BITLATHE_VERIFY_OK(own);
    QVERIFY(own->params != nullptr);
    QVERIFY(*own->params == params);
    QVERIFY(own->scheme == params.scheme);
    QVERIFY(!says((*opened)->findings, "tensors-not-used"));
    QVERIFY(!says((*opened)->findings, "kv-scales-missing"));
    QCOMPARE((*opened)->parameters, (*openModel(goldenFolder()))->parameters);
    BITLATHE_VERIFY_OK(verify(temp / "out"));
    const auto source = openModel(goldenFolder());
    const auto bytes = exportedBytes(**source, compressedTensorsFormat(), (*source)->schemes, params);
    BITLATHE_VERIFY_OK(bytes);
    QCOMPARE(*bytes, fs::file_size(temp / "out/model.safetensors"));
}

/// A conversion keeps codes, so that the grids still fit, where the format has a place for them.
void TestKvGrids::otherFormatsLeaveThemOut()
{
    const TempFolder temp;
    BITLATHE_VERIFY_OK(quant::writeKvParams(fp8(), quant::KvConsumer::Vllm, temp / "kv"));
    BITLATHE_VERIFY_OK(convertWith(goldenFolder(), compressedTensorsFormat(), temp / "with", temp / "kv"));

    const auto again = convertWith(temp / "with", compressedTensorsFormat(), temp / "again", {});
    BITLATHE_VERIFY_OK(again);
    QVERIFY(!says(again->findings, "kv-grids-left-out"));
    const auto kept = ownKvCache(**openModel(temp / "again"));
    QVERIFY(kept && kept->params && *kept->params == fp8());

    const auto left = convertWith(temp / "with", gptqFormat(), temp / "gptq", {});
    BITLATHE_VERIFY_OK(left);
    QVERIFY(says(left->findings, "kv-grids-left-out"));
    const auto opened = openModel(temp / "gptq");
    QVERIFY((*opened)->checkpoint->find("model.layers.0.self_attn.k_scale") == nullptr);
    QVERIFY(!ownKvCache(**opened)->scheme.isQuantized());
}

void TestKvGrids::onlyWhatTheProgramTakes()
{
    const TempFolder temp;
    const quant::KvParams whole = paramsOf({KvKind::Int, 8, KvGranularity::Layer, false});
    BITLATHE_VERIFY_OK(quant::writeKvParams(whole, quant::KvConsumer::Turbomind, temp / "int8"));
    BITLATHE_VERIFY_OK(quant::writeKvParams(fp8(), quant::KvConsumer::Vllm, temp / "fp8"));
    const auto refused = [&](const Format& to, const char* kv) {
        const auto done = convertWith(goldenFolder(), to, temp / "out", temp / kv);
        return done ? std::string() : done.error().sentence();
    };
    QVERIFY(refused(compressedTensorsFormat(), "int8").find("fp8") != std::string::npos);
    QVERIFY(refused(turbomindFormat(), "fp8").find("int8") != std::string::npos);
    QVERIFY(refused(gptqFormat(), "fp8").find("compressed-tensors") != std::string::npos);
    QVERIFY(refused(compressedTensorsFormat(), "none").find("none") != std::string::npos);
    QVERIFY(!fs::exists(temp / "out"));
    // Scales of another model.
    quant::KvParams other = fp8();
    other.layers.pop_back();
    BITLATHE_VERIFY_OK(quant::writeKvParams(other, quant::KvConsumer::Vllm, temp / "other"));
    QVERIFY(refused(compressedTensorsFormat(), "other").find("layers") != std::string::npos);
}

/// One layer's scales are not there: the folder opens, its cache is refused.
void TestKvGrids::halfOfTheScales()
{
    const TempFolder temp;
    quant::KvParams half = fp8();
    half.layers.pop_back();
    const auto opened = openModel(goldenFolder());
    BITLATHE_VERIFY_OK(opened);
    BITLATHE_VERIFY_OK(convert(*opened, compressedTensorsFormat(), {.out = temp / "half", .kv = half}));
    const auto read = openModel(temp / "half");
    BITLATHE_VERIFY_OK(read);
    const auto own = ownKvCache(**read);
    QVERIFY(!own);
    QVERIFY(own.error().sentence().find("7 layers") != std::string::npos);
    QVERIFY(!convert(*read, compressedTensorsFormat(), {.out = temp / "again"}));
    QVERIFY(!fs::exists(temp / "again"));
}

void TestKvGrids::layersByNumber()
{
    const TempFolder temp;
    quant::KvParams params{{KvKind::Fp8, 8, KvGranularity::Layer, false}, {}};
    for (const int layer : {10, 2, 0, 1, 9, 3, 8, 4, 7, 5, 6}) {
        const float scale = 1.0F + static_cast<float>(layer);
        params.layers.push_back({{{scale, 0}}, {{scale, 0}}, "model.layers." + std::to_string(layer)});
    }
    BITLATHE_VERIFY_OK(quant::writeKvParams(params, quant::KvConsumer::Vllm, temp.path()));
    const auto read = quant::readKvParams(temp.path());
    BITLATHE_VERIFY_OK(read);
    for (std::size_t layer = 0; layer < 11; ++layer) {
        QCOMPARE(read->layers[layer].keys.front().scale, 1.0F + static_cast<float>(layer));
    }
}

void TestKvGrids::foldersThatLie_data()
{
    QTest::addColumn<QString>("scheme");
    QTest::addColumn<QString>("finding"); ///< Of the folder without scales; empty: it does not open.
    const char* const fp8Scheme = R"({"num_bits": 8, "type": "float", "strategy": "tensor", "dynamic": false})";
    QTest::newRow("no scales") << fp8Scheme << "kv-scales-missing";
    QTest::newRow("int4") << R"({"num_bits": 4, "type": "int"})"
                          << "kv-cache-not-quantized";
    QTest::newRow("dynamic") << R"({"num_bits": 8, "type": "float", "dynamic": true})"
                             << "kv-cache-not-quantized";
    QTest::newRow("no object") << "7"
                               << "";
    QTest::newRow("bits in words") << R"({"num_bits": "eight", "type": "float"})"
                                   << "";
}

void TestKvGrids::foldersThatLie()
{
    QFETCH(const QString, scheme);
    QFETCH(const QString, finding);
    const TempFolder temp;
    fs::copy(goldenFolder(), temp / "model", fs::copy_options::recursive);
    auto config = *readJson(temp / "model/config.json");
    config["quantization_config"]["kv_cache_scheme"] = Json::parse(scheme.toStdString());
    BITLATHE_VERIFY_OK(writeFileAtomically(temp / "model/config.json", config.dump()));
    const auto opened = openModel(temp / "model");
    if (finding.isEmpty()) {
        QVERIFY(!opened);
        QVERIFY(opened.error().sentence().find("kv_cache_scheme") != std::string::npos);
        return;
    }
    BITLATHE_VERIFY_OK(opened);
    QVERIFY(says((*opened)->findings, finding.toStdString()));
    const auto own = ownKvCache(**opened); // It runs all the same, as a folder that asks for nothing.
    BITLATHE_VERIFY_OK(own);
    QVERIFY(!own->scheme.isQuantized());
}

/// The files count where config.ini asks for them.
void TestKvGrids::ofAWorkspace()
{
    const TempFolder temp;
    const fs::path model = sharedFolder() / "models/demo-llama";
    const fs::path kv = sharedFolder() / "golden/lmdeploy/kv_qparams/asym-tp1";
    BITLATHE_VERIFY_OK(convertWith(model, turbomindFormat(), temp / "with", kv));
    const auto with = openModel(temp / "with");
    BITLATHE_VERIFY_OK(with);
    const auto own = ownKvCache(**with);
    BITLATHE_VERIFY_OK(own);
    QCOMPARE(own->scheme.name(), std::string("int8"));
    QCOMPARE(own->params->parts(), 1);
    const fs::path ini = temp / "with/triton_models/weights/config.ini";
    std::string text = *readFile(ini);
    text.replace(text.find("quant_policy = 4"), 16, "quant_policy = 0");
    BITLATHE_VERIFY_OK(writeFileAtomically(ini, text));
    QVERIFY(!ownKvCache(**openModel(temp / "with"))->scheme.isQuantized());
}

QTEST_GUILESS_MAIN(TestKvGrids)
#include "tst_kvgrids.moc"
