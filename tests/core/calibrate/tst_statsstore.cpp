// SPDX-License-Identifier: Apache-2.0
// StatsStore: round trips, names, and files that were damaged.
#include "core/base/file.h"
#include "core/calibrate/statsstore.h"
#include "support/tempfolder.h"

#include <QTest>

#include <fstream>
#include <numeric>
#include <set>

using namespace bitlathe;
using namespace bitlathe::calibrate;
using bitlathe::tests::TempFolder;

namespace
{

const StatsKey kKey{"model", "samples", "f32", true};

InputStats makeInput(std::vector<LayerId> linears, std::int64_t features, float from, bool hessian)
{
    InputStats input;
    input.block = 1;
    input.linears = std::move(linears);
    input.features = features;
    input.tokens = 77;
    for (auto* vector : {&input.min, &input.max, &input.mean, &input.absMax, &input.absMean}) {
        vector->resize(static_cast<std::size_t>(features));
        std::iota(vector->begin(), vector->end(), from);
        from += 100.0F;
    }
    for (std::int64_t i = 0; hessian && i < features * features; ++i) {
        input.hessian.push_back(static_cast<float>((i / features + 1) * (i % features + 1)));
    }
    return input;
}

BlockStats makeBlock(bool hessian)
{
    BlockStats stats;
    stats.block = 1;
    stats.inputs = {makeInput({LayerId(4), LayerId(5), LayerId(6)}, 9, 1.0F, hessian),
                    makeInput({LayerId(7)}, 5, -3.0F, hessian)};
    stats.keyValue = {{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}, {11, 12}};
    return stats;
}

void compareInputs(const InputStats& a, const InputStats& b)
{
    QVERIFY(a.linears == b.linears);
    QCOMPARE(a.block, b.block);
    QCOMPARE(a.features, b.features);
    QCOMPARE(a.tokens, b.tokens);
    QCOMPARE(a.min, b.min);
    QCOMPARE(a.max, b.max);
    QCOMPARE(a.mean, b.mean);
    QCOMPARE(a.absMax, b.absMax);
    QCOMPARE(a.absMean, b.absMean);
}

/// Adds one to the byte at a place counted from the end of a file.
void spoil(const std::filesystem::path& file, std::int64_t fromEnd)
{
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(-fromEnd, std::ios::end);
    const int byte = stream.get();
    stream.seekp(-fromEnd, std::ios::end);
    stream.put(static_cast<char>(byte + 1));
}

} // namespace

class TestStatsStore : public QObject
{
    Q_OBJECT

private slots:
    void roundTrip_data();
    void roundTrip();
    void keysDiffer();
    void completeness();
    void forLinear();
    void truncated();
    void spoiledHessian();
    void spoiledSummary();
    void notStatistics();
    void noFolder();
};

void TestStatsStore::roundTrip_data()
{
    QTest::addColumn<bool>("hessian");
    QTest::newRow("with Hessians") << true;
    QTest::newRow("without") << false;
}

void TestStatsStore::roundTrip()
{
    QFETCH(bool, hessian);
    const TempFolder folder;
    const auto store = StatsStore::open(folder.path(), kKey, 3);
    BITLATHE_VERIFY_OK(store);
    const BlockStats stats = makeBlock(hessian);
    BITLATHE_VERIFY_OK((*store)->writeBlock(stats));
    const auto read = (*store)->block(1);
    BITLATHE_VERIFY_OK(read);
    const auto summary = (*store)->blockSummary(1);
    BITLATHE_VERIFY_OK(summary);
    QCOMPARE((*read)->inputs.size(), stats.inputs.size());
    for (std::size_t i = 0; i < stats.inputs.size(); ++i) {
        compareInputs((*read)->inputs[i], stats.inputs[i]);
        compareInputs((*summary)->inputs[i], stats.inputs[i]);
        QCOMPARE((*read)->inputs[i].hessian, stats.inputs[i].hessian);
        QVERIFY((*summary)->inputs[i].hessian.empty());
    }
    QCOMPARE((*read)->keyValue.keyMax, stats.keyValue.keyMax);
    QCOMPARE((*read)->keyValue.valueAbsMax, stats.keyValue.valueAbsMax);
}

void TestStatsStore::keysDiffer()
{
    std::set<std::string> digests{kKey.digest()};
    for (int part = 0; part < 4; ++part) {
        StatsKey key = kKey;
        key.modelFingerprint += part == 0 ? "x" : "";
        key.samplesHash += part == 1 ? "x" : "";
        key.compute = part == 2 ? "bf16" : key.compute;
        key.hessian = part != 3;
        digests.insert(key.digest());
    }
    QCOMPARE(digests.size(), std::size_t{5});
    QCOMPARE(kKey.digest(), StatsKey(kKey).digest());
}

void TestStatsStore::completeness()
{
    const TempFolder folder;
    const auto store = *StatsStore::open(folder / "a/b", kKey, 2);
    QVERIFY(!store->hasBlock(0) && !store->complete());
    BlockStats stats = makeBlock(false);
    BITLATHE_VERIFY_OK(store->writeBlock(stats));
    QVERIFY(store->hasBlock(1) && !store->complete());
    stats.block = 0;
    BITLATHE_VERIFY_OK(store->writeBlock(stats));
    QVERIFY(store->complete());
    QVERIFY(!store->hasBlock(2) && !store->hasBlock(-1));
    QVERIFY((*StatsStore::open(folder / "a/b", kKey, 2))->complete());
    QVERIFY(readFile(store->folder() / "key.json")->find("\"samples\": \"samples\"") != std::string::npos);
    // Nothing temporary stays.
    const auto files = std::distance(std::filesystem::directory_iterator(store->folder()), {});
    QCOMPARE(files, 3);
}

void TestStatsStore::forLinear()
{
    const BlockStats stats = makeBlock(false);
    QCOMPARE(stats.forLinear(LayerId(6)), &stats.inputs[0]);
    QCOMPARE(stats.forLinear(LayerId(7)), &stats.inputs[1]);
    QVERIFY(stats.forLinear(LayerId(8)) == nullptr);
}

void TestStatsStore::truncated()
{
    const TempFolder folder;
    const auto store = *StatsStore::open(folder.path(), kKey, 2);
    BITLATHE_VERIFY_OK(store->writeBlock(makeBlock(true)));
    const auto file = store->folder() / "block-00001.safetensors";
    for (std::uintmax_t size = std::filesystem::file_size(file); size > 0; size = size / 2) {
        std::filesystem::resize_file(file, size - 1);
        QVERIFY(!store->block(1));
        QVERIFY(!store->blockSummary(1));
        QCOMPARE(store->block(1).error().subject, file.string());
    }
    QCOMPARE(store->block(0).error().code, ErrorCode::FileMissing);
}

void TestStatsStore::spoiledHessian()
{
    const TempFolder folder;
    const auto store = *StatsStore::open(folder.path(), kKey, 2);
    BITLATHE_VERIFY_OK(store->writeBlock(makeBlock(true)));
    spoil(store->folder() / "block-00001.safetensors", 3);
    const auto read = store->block(1);
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::FileInvalid);
    QVERIFY(read.error().sentence().find("bytes that changed since they were written. Delete this file") !=
            std::string::npos);
    BITLATHE_VERIFY_OK(store->blockSummary(1));
}

void TestStatsStore::spoiledSummary()
{
    const TempFolder folder;
    const auto store = *StatsStore::open(folder.path(), kKey, 2);
    BITLATHE_VERIFY_OK(store->writeBlock(makeBlock(false)));
    spoil(store->folder() / "block-00001.safetensors", 3);
    QCOMPARE(store->block(1).error().code, ErrorCode::FileInvalid);
    QCOMPARE(store->blockSummary(1).error().code, ErrorCode::FileInvalid);
}

void TestStatsStore::notStatistics()
{
    const TempFolder folder;
    const auto store = *StatsStore::open(folder.path(), kKey, 2);
    const auto file = store->folder() / "block-00000.safetensors";
    const std::string empty = R"({"__metadata__":{}})";
    std::string content(8, '\0');
    content[0] = static_cast<char>(empty.size());
    BITLATHE_VERIFY_OK(writeFileAtomically(file, content + empty));
    QCOMPARE(store->block(0).error().code, ErrorCode::FileInvalid);
    BITLATHE_VERIFY_OK(writeFileAtomically(file, "hello"));
    QVERIFY(!store->block(0));
}

void TestStatsStore::noFolder()
{
    const TempFolder folder;
    BITLATHE_VERIFY_OK(writeFileAtomically(folder / "file", "x"));
    const auto store = StatsStore::open(folder / "file", kKey, 2);
    QVERIFY(!store);
    QCOMPARE(store.error().code, ErrorCode::WriteFailed);
}

QTEST_GUILESS_MAIN(TestStatsStore)
#include "tst_statsstore.moc"
