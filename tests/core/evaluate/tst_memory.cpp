// SPDX-License-Identifier: Apache-2.0
// Memory by batch and context: a published table of a 7B model, and models whose tensors can be counted.
#include "core/evaluate/memory.h"
#include "core/format/openmodel.h"
#include "support/tempfolder.h"

#include <QTest>

#include <fstream>

using namespace bitlathe;
using namespace bitlathe::evaluate;
using bitlathe::tests::TempFolder;

namespace
{

constexpr std::uint64_t kMebibyte = 1ULL << 20;

/// Of internlm-chat-7b.
constexpr const char* kConfig =
    R"({"architectures": ["InternLMForCausalLM"], "model_type": "internlm", "hidden_size": 4096,
    "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
    "vocab_size": 103168, "max_position_embeddings": 2048, "bias": true, "tie_word_embeddings": false,
    "torch_dtype": "float16"})";

Result<MemoryModel> modelOf(const TempFolder& folder, const std::string& config)
{
    std::ofstream(folder / "config.json") << config;
    return memoryModel(folder.path());
}

} // namespace

class TestMemory : public QObject
{
    Q_OBJECT

private slots:
    void publishedTable();
    void tokensWithTheirOwnGrids();
    void slidingWindow();
    void everyCombination();
    void countedTensors();
    void badInput();
};

void TestMemory::publishedTable()
{
    const TempFolder folder;
    const auto model = modelOf(folder, kConfig);
    BITLATHE_VERIFY_OK(model);
    QCOMPARE(model->parameters, 7'321'948'160);
    QCOMPARE(model->bytesWeights, std::uint64_t{14'643'896'320});
    const quant::KvScheme half;
    const quant::KvScheme eight = *quant::findKvScheme("int8");
    // Memory in MiB that lmdeploy 0.0.9 was seen to take, whose sequences have room for 2056 tokens. The driver counts
    // in steps of 32 MiB; other buffers take 147.5 MiB, and 2 MiB a sequence.
    struct Row
    {
        std::int64_t batch;
        std::uint64_t half;
        std::uint64_t eight;
    };
    for (const Row& row : {Row{8, 22337, 18241}, Row{16, 30593, 22369}, Row{32, 47073, 30625}, Row{48, 63553, 38881}}) {
        const auto batch = static_cast<std::uint64_t>(row.batch);
        const auto seen = [&](const quant::KvScheme& scheme) {
            const std::uint64_t bytes = model->bytesWeights + kvCacheBytes(model->spec, row.batch, 2056, scheme) +
                                        295 * kMebibyte / 2 + 2 * kMebibyte * batch;
            return (bytes / kMebibyte - 1) / 32 * 32 + 1;
        };
        QCOMPARE(seen(half), row.half);
        QCOMPARE(seen(eight), row.eight);
        QCOMPARE(kvCacheBytes(model->spec, row.batch, 2056, half), 1028 * batch * kMebibyte);
        QCOMPARE(kvCacheBytes(model->spec, row.batch, 2056, eight), 514 * batch * kMebibyte);
    }
}

void TestMemory::tokensWithTheirOwnGrids()
{
    const TempFolder folder;
    const auto model = modelOf(folder, kConfig);
    BITLATHE_VERIFY_OK(model);
    // 2 x 32 layers x 32 heads x 128 numbers, and 2 x 2 numbers of 2 bytes for each layer and head.
    QCOMPARE(kvCacheBytes(model->spec, 1, 1, *quant::findKvScheme("int8-token")), std::uint64_t{262'144 + 8'192});
    QCOMPARE(kvCacheBytes(model->spec, 1, 1, *quant::findKvScheme("int4-token")), std::uint64_t{131'072 + 8'192});
    QCOMPARE(kvCacheBytes(model->spec, 3, 100, {}), std::uint64_t{300 * 524'288});
}

void TestMemory::slidingWindow()
{
    model::ModelSpec spec;
    spec.kvHeads = 1;
    spec.headDim = 64;
    spec.blocks.resize(3);
    spec.slidingWindow = 100;
    spec.blocks[1].slides = false;
    QCOMPARE(kvCacheBytes(spec, 1, 50, {}), std::uint64_t{150 * 256});
    QCOMPARE(kvCacheBytes(spec, 2, 1000, {}), std::uint64_t{2 * 1200 * 256});
}

void TestMemory::everyCombination()
{
    const TempFolder folder;
    const auto model = modelOf(folder, kConfig);
    BITLATHE_VERIFY_OK(model);
    QCOMPARE(usualContexts(model->spec), (std::vector<std::int64_t>{128, 256, 512, 1024, 2048}));
    model::ModelSpec small;
    small.maxPositions = 300; // The limit is no power of two.
    QCOMPARE(usualContexts(small), (std::vector<std::int64_t>{128, 256, 300}));
    small.maxPositions = 5000;
    QCOMPARE(usualContexts(small), (std::vector<std::int64_t>{1024, 2048, 4096, 5000}));
    const auto uses = memoryUses(*model, {1, 8}, {1024, 2048}, {{}, *quant::findKvScheme("int8")});
    QCOMPARE(uses.size(), 8U);
    QCOMPARE(uses[7].batch, 8);
    QCOMPARE(uses[7].context, 2048);
    QCOMPARE(uses[7].bytesKv, uses[6].bytesKv / 2);
    QCOMPARE(uses[7].bytes(), model->bytesWeights + uses[7].bytesKv + activationBytes(model->spec, 8));
    QCOMPARE(usualBatches().back(), 64);
}

void TestMemory::countedTensors()
{
    BITLATHE_NEED_SHARED();
    const auto models = tests::sharedFolder() / "models";
    int seen = 0;
    for (const auto& parent : {models, models / "arch"}) {
        for (const auto& entry : std::filesystem::directory_iterator(parent)) {
            const auto opened = format::openModel(entry.path());
            if (!opened || !(*opened)->spec.canRun) {
                continue;
            }
            QVERIFY2(parameterCount((*opened)->spec) == (*opened)->parameters, entry.path().c_str());
            const auto model = memoryModel(entry.path());
            BITLATHE_VERIFY_OK(model);
            QCOMPARE(model->bytesWeights, (*opened)->checkpoint->bytesTensors());
            ++seen;
        }
    }
    QVERIFY(seen > 3);
}

void TestMemory::badInput()
{
    const TempFolder folder;
    QVERIFY(!memoryModel(folder / "nothing"));
    QCOMPARE(modelOf(folder, "{").error().code, ErrorCode::FileInvalid);
    QCOMPARE(modelOf(folder, R"({"model_type": "llama"})").error().code, ErrorCode::ConfigInvalid);
}

QTEST_GUILESS_MAIN(TestMemory)
#include "tst_memory.moc"
