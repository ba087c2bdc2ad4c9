// SPDX-License-Identifier: Apache-2.0
// Ranges of keys and values: files of lmdeploy, our own, and files that are not right.
#include "core/calibrate/calibrate.h"
#include "core/calibrate/keyvalueranges.h"
#include "core/checkpoint/safetensors.h"
#include "core/model/goldenmodel.h"
#include "support/tempfolder.h"
#include "support/torchpickle.h"

#include <QTest>

#include <fstream>
#include <limits>

using namespace bitlathe;
using namespace bitlathe::calibrate;
using bitlathe::tests::TempFolder;
namespace fs = std::filesystem;

namespace
{

struct NamedValues
{
    std::string name;
    checkpoint::Shape shape;
    std::vector<float> values;
};

void writeTensors(const fs::path& file, const std::vector<NamedValues>& tensors)
{
    std::vector<checkpoint::TensorEntry> entries;
    std::string content;
    for (const NamedValues& tensor : tensors) {
        const std::size_t bytes = tensor.values.size() * sizeof(float);
        entries.push_back({tensor.name, checkpoint::DType::F32, tensor.shape, 0, 0, bytes});
        content.append(reinterpret_cast<const char*>(tensor.values.data()), bytes);
    }
    std::ofstream(file, std::ios::binary) << checkpoint::safetensorsHeader(entries) << content;
}

std::vector<NamedValues> twoLayers()
{
    std::vector<NamedValues> tensors;
    for (const char* stat : {"max", "min", "absmax"}) {
        for (const char* layer : {"model.layers.0", "model.layers.1"}) {
            tensors.push_back({std::string(stat) + '/' + layer, {1, 2}, {1, 2}});
        }
    }
    return tensors;
}

} // namespace

class TestKeyValueRanges : public QObject
{
    Q_OBJECT

private slots:
    void torchEqualsSafetensors();
    void bad_data();
    void bad();
    void missing();
    void tablesOfLmdeploy();
};

void TestKeyValueRanges::torchEqualsSafetensors()
{
    BITLATHE_NEED_SHARED();
    const fs::path golden = tests::sharedFolder() / "golden/lmdeploy/calibrate";
    QVERIFY(holdsKeyValueRanges(golden));
    const auto torch = readKeyValueRanges(golden);
    BITLATHE_VERIFY_OK(torch);
    const TempFolder folder;
    fs::copy_file(golden / "key_stats.safetensors", folder / "key_stats.safetensors");
    fs::copy_file(golden / "value_stats.safetensors", folder / "value_stats.safetensors");
    const auto plain = readKeyValueRanges(folder.path());
    BITLATHE_VERIFY_OK(plain);
    QCOMPARE(torch->layers.size(), 8U);
    QCOMPARE(torch->names.at(7), "model.layers.7");
    QCOMPARE(torch->names, plain->names);
    QCOMPARE(torch->kvHeads, plain->kvHeads);
    QCOMPARE(torch->headDim, plain->headDim);
    for (std::size_t i = 0; i < torch->layers.size(); ++i) {
        QCOMPARE(torch->layers[i].keyMin, plain->layers[i].keyMin);
        QCOMPARE(torch->layers[i].keyMax, plain->layers[i].keyMax);
        QCOMPARE(torch->layers[i].valueAbsMax, plain->layers[i].valueAbsMax);
    }
}

void TestKeyValueRanges::bad_data()
{
    QTest::addColumn<int>("change");
    QTest::addColumn<QString>("found");
    QTest::newRow("not finite") << 0 << "NaN or infinity";
    QTest::newRow("another shape") << 1 << "of another type or shape";
    QTest::newRow("a layer is missing") << 2 << "of 1 layers, where others have 2";
    QTest::newRow("a gap") << 3 << "of 2 layers, where others have 2";
    QTest::newRow("no layer") << 4 << "a tensor \"max/embedding\"";
    QTest::newRow("no table") << 5 << "a tensor \"weights\"";
    QTest::newRow("fewer dimensions") << 6 << "of another type or shape";
    QTest::newRow("no tensors") << 7 << "of 0 layers";
}

void TestKeyValueRanges::bad()
{
    QFETCH(int, change);
    QFETCH(QString, found);
    auto tensors = twoLayers();
    switch (change) {
    case 0: tensors[2].values[1] = std::numeric_limits<float>::quiet_NaN(); break;
    case 1: tensors[3].shape = {2, 1}; break;
    case 2: tensors.erase(tensors.begin() + 3); break;
    case 3: tensors[3].name = "min/model.layers.2"; break;
    case 4: tensors[0].name = "max/embedding"; break;
    case 5: tensors[0].name = "weights"; break;
    case 6: tensors[0].shape = {2}; break;
    default: tensors.clear(); break;
    }
    const TempFolder folder;
    writeTensors(folder / "key_stats.safetensors", twoLayers());
    writeTensors(folder / "value_stats.safetensors", tensors);
    const auto ranges = readKeyValueRanges(folder.path());
    QVERIFY(!ranges);
    const QString sentence = QString::fromStdString(ranges.error().sentence());
    QVERIFY2(sentence.contains(found) && sentence.contains("value_stats"), qPrintable(sentence));
}

void TestKeyValueRanges::missing()
{
    const TempFolder folder;
    QVERIFY(!holdsKeyValueRanges(folder.path()));
    QCOMPARE(readKeyValueRanges(folder.path()).error().code, ErrorCode::FileMissing);
    writeTensors(folder / "key_stats.safetensors", twoLayers());
    const auto ranges = readKeyValueRanges(folder.path());
    QVERIFY(!ranges);
    QCOMPARE(ranges.error().code, ErrorCode::FileMissing);
    QVERIFY(QString::fromStdString(ranges.error().sentence()).contains("value_stats"));
    std::ofstream(folder / "value_stats.pth") << "no such file";
    QVERIFY(!readKeyValueRanges(folder.path()));
}

/// The same tokens through the same model, there in f16: arithmetic in f32 differs from it by up to 0.43 % of a
/// tensor's largest magnitude.
void TestKeyValueRanges::tablesOfLmdeploy()
{
    BITLATHE_NEED_SHARED();
    constexpr double kTolerance = 0.005;
    const fs::path golden = tests::sharedFolder() / "golden/lmdeploy/calibrate";
    const auto tokens = tests::valueOf(checkpoint::Checkpoint::open(golden / "tokens.safetensors"));
    const checkpoint::TensorEntry& entry = tokens->entries().front();
    const std::vector<float> ids = checkpoint::toF32(tokens->view(entry));
    std::vector<std::vector<model::TokenId>> samples;
    for (auto first = ids.begin(); first != ids.end(); first += entry.shape.at(1)) {
        samples.emplace_back(first, first + entry.shape.at(1));
    }
    const auto model = tests::openGolden(tests::sharedModel("demo-llama"));
    const TempFolder folder;
    CalibrationOptions options;
    options.hessian = false;
    options.cacheRoot = folder / "cache";
    const auto store = calibrate::calibrate(*model, "demo", samples, options);
    BITLATHE_VERIFY_OK(store);
    BITLATHE_VERIFY_OK(writeStatsTables(folder.path(), **store, model->spec()));
    for (const char* name : {"key_stats.safetensors", "value_stats.safetensors", "inputs_stats.safetensors"}) {
        const auto ours = tests::valueOf(checkpoint::Checkpoint::open(folder / name));
        const auto theirs = tests::valueOf(checkpoint::Checkpoint::open(golden / name));
        QCOMPARE(ours->entries().size(), theirs->entries().size());
        for (const checkpoint::TensorEntry& each : theirs->entries()) {
            const auto tensor = ours->tensor(each.name, each.shape);
            BITLATHE_VERIFY_OK(tensor);
            const std::vector<float> expected = checkpoint::toF32(theirs->view(each));
            const std::vector<float> zeros(expected.size());
            const double largest = tests::largestDifference(expected, zeros);
            const double error = tests::largestDifference(checkpoint::toF32(*tensor), expected);
            QVERIFY2(error <= kTolerance * largest, each.name.c_str());
        }
    }
}

QTEST_GUILESS_MAIN(TestKeyValueRanges)
#include "tst_keyvalueranges.moc"
