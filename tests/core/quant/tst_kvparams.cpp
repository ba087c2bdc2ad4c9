// SPDX-License-Identifier: Apache-2.0
// KV parameters: the files and lines that lmdeploy made from the same statistics, and folders that are not right.
#include "core/base/file.h"
#include "core/quant/kvparamfiles.h"
#include "support/tempfolder.h"

#include <QTest>

#include <fstream>
#include <limits>

using namespace bitlathe;
using namespace bitlathe::quant;
using bitlathe::tests::TempFolder;
namespace fs = std::filesystem;

namespace
{

fs::path golden()
{
    return tests::sharedFolder() / "golden/lmdeploy";
}

KvScheme scheme(const char* name)
{
    return *findKvScheme(name);
}

/// Two layers of two heads of two dimensions.
calibrate::KeyValueRanges smallRanges()
{
    calibrate::KeyValueStats layer;
    layer.keyMin = {-1, -2, -3, -4};
    layer.keyMax = {1, 2, 3, 6};
    layer.keyAbsMax = {1, 2, 3, 6};
    layer.valueMin = {0, 0, 0, 0};
    layer.valueMax = {0, 0, 448, 896};
    layer.valueAbsMax = {0, 0, 448, 896};
    return {2, 2, {layer, layer}, {"model.layers.0", "model.layers.1"}};
}

QString errorOf(const auto& result)
{
    return result ? QString("none") : QString::fromStdString(result.error().sentence());
}

void write(const fs::path& file, const std::string& content)
{
    std::ofstream(file, std::ios::binary) << content;
}

} // namespace

class TestKvParams : public QObject
{
    Q_OBJECT

private slots:
    void names();
    void lmdeployFiles_data();
    void lmdeployFiles();
    void publishedExample();
    void symmetricForTurbomind();
    void fp8();
    void readBack();
    void otherModel();
    void badRanks();
    void badStatistics();
    void badFiles();
    void noPlace();
};

void TestKvParams::names()
{
    for (const KvScheme& each : kvSchemes()) {
        QCOMPARE(*findKvScheme(each.name()), each);
    }
    const auto two = findKvSchemes("int8,int4-token");
    BITLATHE_VERIFY_OK(two);
    QCOMPARE(two->size(), 2U);
    const auto unknown = findKvSchemes("int8,int5");
    QVERIFY(!unknown);
    QCOMPARE(unknown.error().code, ErrorCode::UnknownName);
    QVERIFY(errorOf(unknown).contains("int4-token"));
}

void TestKvParams::lmdeployFiles_data()
{
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("kv");
    QTest::addColumn<int>("ranks");
    QTest::newRow("asymmetric") << "asym-tp1"
                                << "int8" << 1;
    QTest::newRow("asymmetric, two ranks") << "asym-tp2"
                                           << "int8" << 2;
    QTest::newRow("symmetric") << "sym-tp1"
                               << "int8-sym" << 1;
    QTest::newRow("symmetric, two ranks") << "sym-tp2"
                                          << "int8-sym" << 2;
}

void TestKvParams::lmdeployFiles()
{
    BITLATHE_NEED_SHARED();
    QFETCH(QString, folder);
    QFETCH(QString, kv);
    QFETCH(int, ranks);
    const auto ranges = calibrate::readKeyValueRanges(golden() / "calibrate");
    BITLATHE_VERIFY_OK(ranges);
    const auto params = kvParamsOf(*ranges, scheme(kv.toUtf8().constData()), ranks);
    BITLATHE_VERIFY_OK(params);
    const auto files = kvParamFiles(*params, KvConsumer::Lmdeploy);
    BITLATHE_VERIFY_OK(files);
    QCOMPARE(files->size(), params->layers.size() * static_cast<std::size_t>(ranks));
    const fs::path expected = golden() / "kv_qparams" / folder.toStdString();
    for (const auto& [name, bytes] : *files) {
        QVERIFY2(bytes == readFile(expected / name).value_or(""), name.c_str());
    }
    std::string lines;
    for (std::int64_t layer = 0; layer < static_cast<std::int64_t>(params->layers.size()); ++layer) {
        for (std::int64_t part = 0; part < params->parts(); ++part) {
            lines += kvParamsLine(*params, layer, part) + '\n';
        }
    }
    QCOMPARE(QString::fromStdString(lines), QString::fromStdString(readFile(expected / "printed.txt").value_or("")));
}

void TestKvParams::publishedExample()
{
    // Of internlm-chat-7b, layer 0, as lmdeploy's users publish it.
    calibrate::KeyValueStats layer;
    layer.keyMin = {-8.6015625F};
    layer.keyMax = {7.34765625F};
    layer.keyAbsMax = {8.6015625F};
    layer.valueMin = {-1.107421875F};
    layer.valueMax = {1.166015625F};
    layer.valueAbsMax = {1.166015625F};
    const auto params = kvParamsOf({1, 1, {layer}, {"model.layers.0"}}, scheme("int8"));
    BITLATHE_VERIFY_OK(params);
    QCOMPARE(kvParamsLine(*params, 0, 0),
             "Layer 0 MP 0 qparam: \t0.06256103515625 \t-0.626953125 \t0.00891876220703125 \t0.029296875");
    const auto files = kvParamFiles(*params, KvConsumer::Turbomind);
    BITLATHE_VERIFY_OK(files);
    QCOMPARE(QByteArray::fromStdString(files->front().second).toHex(), QByteArray("0020803d008020bf0020123c0000f03c"));
}

void TestKvParams::symmetricForTurbomind()
{
    const auto params = kvParamsOf(smallRanges(), scheme("int8-sym"), 2);
    BITLATHE_VERIFY_OK(params);
    const auto files = kvParamFiles(*params, KvConsumer::Turbomind);
    BITLATHE_VERIFY_OK(files);
    QCOMPARE(files->size(), 4U);
    QCOMPARE(files->at(1).first, "layers.0.past_kv_scale.1.weight");
    QCOMPARE(files->at(1).second.size(), 16U);
    const auto grids = parsePastKvScale(files->at(1).second, "file");
    BITLATHE_VERIFY_OK(grids);
    QCOMPARE(grids->first.zero, 0.0F);
    QCOMPARE(grids->second, params->layers[0].values[1]);
}

void TestKvParams::fp8()
{
    const auto layer = kvParamsOf(smallRanges(), scheme("fp8"));
    BITLATHE_VERIFY_OK(layer);
    QCOMPARE(layer->parts(), 1);
    QCOMPARE(layer->layers[1].values[0], (KvGrid{2.0F, 0.0F}));
    const auto heads = kvParamsOf(smallRanges(), scheme("fp8-head"));
    BITLATHE_VERIFY_OK(heads);
    QCOMPARE(heads->parts(), 2);
    // The first head's values are all zero.
    QCOMPARE(heads->layers[0].values[0], (KvGrid{1.0F, 0.0F}));
    QCOMPARE(heads->layers[0].keys[1], (KvGrid{6.0F / 448.0F, 0.0F}));
}

void TestKvParams::readBack()
{
    const TempFolder folder;
    for (const auto& [name, consumer, ranks] :
         {std::tuple("int8", KvConsumer::Turbomind, 2), std::tuple("int8-sym", KvConsumer::Lmdeploy, 1),
          std::tuple("fp8", KvConsumer::Vllm, 1), std::tuple("fp8-head", KvConsumer::Vllm, 1)}) {
        const fs::path out = folder / (std::string("made/") + name);
        auto params = kvParamsOf(smallRanges(), scheme(name), ranks);
        BITLATHE_VERIFY_OK(params);
        QVERIFY(!holdsKvParams(out));
        BITLATHE_VERIFY_OK(writeKvParams(*params, consumer, out));
        QVERIFY(holdsKvParams(out));
        const auto read = readKvParams(out);
        BITLATHE_VERIFY_OK(read);
        QCOMPARE(read->scheme, params->scheme);
        for (std::size_t i = 0; i < params->layers.size(); ++i) {
            QCOMPARE(read->layers[i].keys, params->layers[i].keys);
            QCOMPARE(read->layers[i].values, params->layers[i].values);
        }
    }
}

void TestKvParams::otherModel()
{
    const auto params = kvParamsOf(smallRanges(), scheme("int8-head"));
    BITLATHE_VERIFY_OK(params);
    model::ModelSpec spec;
    spec.blocks.resize(2);
    spec.kvHeads = 2;
    BITLATHE_VERIFY_OK(checkKvParams(*params, spec, "folder"));
    spec.kvHeads = 3;
    QVERIFY(errorOf(checkKvParams(*params, spec, "folder")).contains("2 layers and 3 key heads"));
    spec.kvHeads = 2;
    spec.blocks.resize(4);
    QVERIFY(errorOf(checkKvParams(*params, spec, "folder")).contains("4 layers"));
}

void TestKvParams::badRanks()
{
    for (const std::int64_t ranks : {0, -1, 3, 4}) {
        const auto params = kvParamsOf(smallRanges(), scheme("int8"), ranks);
        QVERIFY(!params);
        QCOMPARE(params.error().code, ErrorCode::SettingInvalid);
        QVERIFY(errorOf(params).contains("divides the 2 key heads"));
    }
    QVERIFY(!kvParamsOf(smallRanges(), scheme("int8-token")));
}

void TestKvParams::badStatistics()
{
    auto ranges = smallRanges();
    ranges.layers[1].valueMax[3] = 1e6F; // More than f16 holds.
    const auto wide = kvParamsOf(ranges, scheme("int8"));
    QVERIFY(!wide);
    QCOMPARE(wide.error().code, ErrorCode::WeightsNotFinite);
    QVERIFY(errorOf(wide).contains("layer 1"));
    BITLATHE_VERIFY_OK(kvParamsOf(ranges, scheme("fp8")));
    ranges.layers[0].keyMin[0] = std::numeric_limits<float>::quiet_NaN();
    ranges.layers[0].keyMax[0] = std::numeric_limits<float>::infinity();
    QVERIFY(!kvParamsOf(ranges, scheme("int8")));
}

void TestKvParams::badFiles()
{
    const TempFolder folder;
    QCOMPARE(readKvParams(folder.path()).error().code, ErrorCode::FileMissing);
    const auto params = kvParamsOf(smallRanges(), scheme("int8"), 2);
    BITLATHE_VERIFY_OK(params);
    BITLATHE_VERIFY_OK(writeKvParams(*params, KvConsumer::Turbomind, folder.path()));
    fs::remove(folder / "layers.1.past_kv_scale.0.weight");
    const auto missing = readKvParams(folder.path());
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, ErrorCode::FileMissing);
    QVERIFY(errorOf(missing).contains("layers.1.past_kv_scale.0.weight"));
    for (const std::string& content :
         {std::string(12, '\0'), std::string(16, '\0'), std::string(16, '\xff'), std::string(20, 'a'), std::string()}) {
        write(folder / "layers.1.past_kv_scale.0.weight", content);
        QVERIFY(!readKvParams(folder.path()));
    }
    const TempFolder scales;
    write(scales / "kv_cache_scales.safetensors", "no such file");
    QVERIFY(!readKvParams(scales.path()));
}

void TestKvParams::noPlace()
{
    const auto heads = kvParamsOf(smallRanges(), scheme("int8-head"));
    BITLATHE_VERIFY_OK(heads);
    for (const KvConsumer consumer : {KvConsumer::Turbomind, KvConsumer::Lmdeploy, KvConsumer::Vllm}) {
        const auto files = kvParamFiles(*heads, consumer);
        QVERIFY(!files);
        QCOMPARE(files.error().code, ErrorCode::NotSupported);
        QCOMPARE(*findKvConsumer(kvConsumerName(consumer)), consumer);
    }
    QCOMPARE(findKvConsumer("llama.cpp").error().code, ErrorCode::UnknownName);
}

QTEST_GUILESS_MAIN(TestKvParams)
#include "tst_kvparams.moc"
