// SPDX-License-Identifier: Apache-2.0
// The store of quantized keys and values: what it gives back, what it takes, and that it can be cut and filled again.
#include "core/model/generate.h"
#include "core/model/goldenmodel.h"
#include "core/model/randommodel.h"
#include "core/quant/quantizedkvstore.h"
#include "kernels/threads.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cmath>
#include <random>

using namespace bitlathe;
using namespace bitlathe::quant;

namespace
{

constexpr model::RandomShape kShape{
    .vocabulary = 64, .hidden = 48, .blocks = 2, .intermediate = 56, .heads = 4, .kvHeads = 2, .maxPositions = 128};

model::ModelSpec smallSpec()
{
    model::ModelSpec spec;
    spec.kvHeads = 2;
    spec.headDim = 20;
    spec.blocks.resize(2);
    return spec;
}

std::vector<float> rows(std::int64_t tokens, const model::ModelSpec& spec, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.5F, 2.0F);
    std::vector<float> values(static_cast<std::size_t>(tokens * spec.kvHeads * spec.headDim));
    std::ranges::generate(values, [&] { return normal(random); });
    return values;
}

/// Ranges that hold everything that rows() gives; the second head's are twice as wide.
calibrate::KeyValueRanges wideRanges(const model::ModelSpec& spec)
{
    calibrate::KeyValueStats layer;
    for (std::int64_t i = 0; i < spec.kvHeads * spec.headDim; ++i) {
        const float end = i < spec.headDim ? 12.0F : 24.0F;
        for (auto* low : {&layer.keyMin, &layer.valueMin}) {
            low->push_back(-end);
        }
        for (auto* high : {&layer.keyMax, &layer.valueMax, &layer.keyAbsMax, &layer.valueAbsMax}) {
            high->push_back(end);
        }
    }
    return {spec.kvHeads, spec.headDim, {layer, layer}, {"model.layers.0", "model.layers.1"}};
}

KvCache cacheOf(const KvScheme& scheme, const model::ModelSpec& spec)
{
    return tests::valueOf(kvCacheOf(scheme, wideRanges(spec), spec, "test"));
}

/// Half a step of the widest grid that the rows meet, with what f16 adds.
float largestError(const KvScheme& scheme, float largest)
{
    switch (scheme.kind) {
    case KvKind::Float: return 0.0F;
    case KvKind::Int:
        return scheme.granularity == KvGranularity::Token
                   ? 0.52F * 2 * largest / static_cast<float>((1 << scheme.bits) - 1) + 0.01F
                   : 0.52F * 48.0F / 255;
    case KvKind::Fp8: return largest / 16 + 0.001F;
    }
    return 0;
}

} // namespace

class TestQuantizedKvStore : public QObject
{
    Q_OBJECT

private slots:
    void closeToWhatWasStored();
    void headsHaveTheirOwnGrids();
    void stepsEqualOneStep();
    void truncates();
    void takesLessMemory();
    void sameForAnyThreads();
    void otherModel();
    void plainByItself();
    void generation();
};

void TestQuantizedKvStore::closeToWhatWasStored()
{
    const model::ModelSpec spec = smallSpec();
    const auto keys = rows(9, spec, 1);
    const auto values = rows(9, spec, 2);
    for (const KvScheme& scheme : kvSchemes()) {
        const auto store = cacheOf(scheme, spec).makeStore(spec, 9);
        for (std::int64_t block = 0; block < 2; ++block) {
            store->append(block, keys, values);
            const auto gotKeys = store->keys(block);
            const auto gotValues = store->values(block);
            QCOMPARE(gotKeys.size(), keys.size());
            float largest = 0;
            float error = 0;
            for (std::size_t i = 0; i < keys.size(); ++i) {
                largest = std::max({largest, std::abs(keys[i]), std::abs(values[i])});
                error = std::max({error, std::abs(gotKeys[i] - keys[i]), std::abs(gotValues[i] - values[i])});
            }
            QVERIFY2(error <= largestError(scheme, largest), scheme.name().c_str());
            QVERIFY2(!scheme.isQuantized() || error > 0, scheme.name().c_str());
        }
    }
}

void TestQuantizedKvStore::headsHaveTheirOwnGrids()
{
    const model::ModelSpec spec = smallSpec();
    const auto store = cacheOf(*findKvScheme("int8-head"), spec).makeStore(spec, 1);
    std::vector<float> x(40, 11.0F);
    store->append(0, x, x);
    // Steps of 24 / 255 and 48 / 255 in f16, zero 0: 117 and 58 of them.
    QCOMPARE(store->keys(0)[0], 117 * 0.09411621093750F);
    QCOMPARE(store->values(0)[39], 58 * 0.188232421875F);
}

void TestQuantizedKvStore::stepsEqualOneStep()
{
    const model::ModelSpec spec = smallSpec();
    const auto keys = rows(7, spec, 3);
    const std::size_t width = 40;
    for (const KvScheme& scheme : kvSchemes()) {
        const auto whole = cacheOf(scheme, spec).makeStore(spec, 7);
        whole->append(1, keys, keys);
        const auto stepped = cacheOf(scheme, spec).makeStore(spec, 0);
        for (const auto& [begin, count] : {std::pair<std::size_t, std::size_t>{0, 3}, {3, 1}, {4, 3}}) {
            const auto part = std::span(keys).subspan(begin * width, count * width);
            stepped->append(1, part, part);
            stepped->advance(static_cast<std::int64_t>(count));
        }
        QCOMPARE(stepped->length(), 7);
        QVERIFY2(std::ranges::equal(whole->keys(1), stepped->keys(1)), scheme.name().c_str());
        QVERIFY2(std::ranges::equal(whole->values(1), stepped->values(1)), scheme.name().c_str());
    }
}

void TestQuantizedKvStore::truncates()
{
    const model::ModelSpec spec = smallSpec();
    const auto keys = rows(6, spec, 4);
    for (const KvScheme& scheme : kvSchemes()) {
        const auto store = cacheOf(scheme, spec).makeStore(spec, 6);
        store->append(0, keys, keys);
        store->advance(6);
        const std::vector<float> before(store->keys(0).begin(), store->keys(0).end());
        store->truncate(2);
        QCOMPARE(store->length(), 2);
        QCOMPARE(store->keys(0).size(), 80U);
        store->append(0, std::span(keys).subspan(80), std::span(keys).subspan(80));
        QVERIFY(std::ranges::equal(store->keys(0), before));
        QVERIFY_EXCEPTION_THROWN(store->append(0, std::span(keys).first(39), std::span(keys).first(39)),
                                 std::invalid_argument);
    }
}

void TestQuantizedKvStore::takesLessMemory()
{
    model::ModelSpec spec = smallSpec();
    spec.headDim = 64;
    spec.blocks.resize(16);
    const auto keys = rows(256, spec, 5);
    const auto bytesOf = [&](const char* name) {
        auto ranges = wideRanges(spec);
        ranges.layers.resize(16, ranges.layers.front());
        ranges.names.resize(16);
        const KvScheme scheme = *findKvScheme(name);
        const auto store = tests::valueOf(kvCacheOf(scheme, ranges, spec, "test")).makeStore(spec, 256);
        for (std::int64_t block = 0; block < 16; ++block) {
            store->append(block, keys, keys);
            (void)store->keys(block);
            (void)store->values(block);
        }
        return static_cast<double>(store->bytes());
    };
    const double plain = bytesOf("none"); // f32
    const double room = plain / 16;       // One layer of it, widened.
    QCOMPARE(plain, 16.0 * 256 * 2 * 2 * 64 * 4);
    QCOMPARE(bytesOf("int8"), plain / 4 + room);
    QCOMPARE(bytesOf("fp8-head"), plain / 4 + room);
    QCOMPARE(bytesOf("int8-token"), plain / 4 * 68 / 64 + room);
    QCOMPARE(bytesOf("int4-token"), plain / 4 * 36 / 64 + room);
    QCOMPARE(findKvScheme("int4-token")->bytesPerToken(2, 64), 2 * 2 * (32 + 4));
    QCOMPARE(findKvScheme("none")->bytesPerToken(2, 64), 2 * 2 * 128);
}

void TestQuantizedKvStore::sameForAnyThreads()
{
    const model::ModelSpec spec = smallSpec();
    const auto keys = rows(3000, spec, 6);
    std::vector<std::vector<float>> results;
    for (const int threads : {1, 3}) {
        kernels::setThreadCount(threads);
        const auto store = cacheOf(*findKvScheme("int4-token"), spec).makeStore(spec, 3000);
        store->append(0, keys, keys);
        results.emplace_back(store->keys(0).begin(), store->keys(0).end());
    }
    kernels::setThreadCount(0);
    QCOMPARE(results[0], results[1]);
}

void TestQuantizedKvStore::otherModel()
{
    model::ModelSpec spec = smallSpec();
    const auto ranges = wideRanges(spec);
    spec.blocks.resize(3);
    const auto cache = kvCacheOf(*findKvScheme("int8"), ranges, spec, "folder");
    QVERIFY(!cache);
    QCOMPARE(cache.error().code, ErrorCode::SettingInvalid);
    QVERIFY(cache.error().sentence().starts_with("folder: "));
}

void TestQuantizedKvStore::plainByItself()
{
    QVERIFY(!KvCache().maker());
    const KvCache token{*findKvScheme("int8-token"), nullptr};
    QVERIFY(token.maker());
}

void TestQuantizedKvStore::generation()
{
    const tests::TempFolder folder;
    BITLATHE_VERIFY_OK(model::writeRandomModel(kShape, 3, folder / "model"));
    const auto model = tests::openGolden(folder / "model");
    const std::vector<model::TokenId> prompt{1, 7, 9};
    model::GenerationOptions options;
    options.maxNewTokens = 12;
    const auto plain = model::generate(*model, prompt, options);
    BITLATHE_VERIFY_OK(plain);
    bool asked = false;
    options.kvStore = [&](const model::ModelSpec& spec, std::int64_t capacity) {
        asked = capacity == 15;
        return KvCache{*findKvScheme("int8-token"), nullptr}.makeStore(spec, capacity);
    };
    const auto quantized = model::generate(*model, prompt, options);
    BITLATHE_VERIFY_OK(quantized);
    QVERIFY(asked);
    QCOMPARE(quantized->ids.size(), plain->ids.size());
    QCOMPARE(quantized->ids.front(), plain->ids.front());
}

QTEST_GUILESS_MAIN(TestQuantizedKvStore)
#include "tst_quantizedkvstore.moc"
