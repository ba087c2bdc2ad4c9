// SPDX-License-Identifier: Apache-2.0
// KV caches for an evaluation: where their grids come from, and what a comparison makes of a folder's own.
#include "core/evaluate/comparison.h"
#include "core/format/compressedtensors.h"
#include "core/format/convert.h"
#include "core/format/kvgrids.h"
#include "support/goldenfolder.h"

#include <QTest>

using namespace bitlathe;
using namespace bitlathe::evaluate;
using namespace bitlathe::tests;
namespace fs = std::filesystem;
using quant::KvGranularity;
using quant::KvKind;

class TestKvCaches : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// A golden checkpoint with scales for an fp8 cache beside its weights.
    void initTestCase()
    {
        BITLATHE_NEED_SHARED();
        wholeGolden("ct-w4a16-g128", m_plain);
        const auto ranges = calibrate::readKeyValueRanges(m_stats);
        BITLATHE_VERIFY_OK(ranges);
        m_params = *quant::kvParamsOf(*ranges, {KvKind::Fp8, 8, KvGranularity::Layer, false});
        BITLATHE_VERIFY_OK(quant::writeKvParams(m_params, quant::KvConsumer::Vllm, m_temp / "kv"));
        const auto plain = format::openModel(m_plain);
        BITLATHE_VERIFY_OK(plain);
        BITLATHE_VERIFY_OK(
            format::convert(*plain, format::compressedTensorsFormat(), {.out = m_temp / "own", .kv = m_params}));
        m_own = *format::openModel(m_temp / "own");
        m_opened = *plain;
    }

    void ownGridsWithoutASource()
    {
        BITLATHE_NEED_SHARED();
        const auto caches = kvCachesOf(*m_own, *quant::findKvSchemes("fp8,int8-token"), {}, model::Compute::F32);
        BITLATHE_VERIFY_OK(caches);
        QVERIFY(*caches->front().params == m_params);
        QVERIFY(caches->back().params == nullptr);
        // The grids are for layers, not for heads; and the plain folder has none.
        QVERIFY(!kvCachesOf(*m_own, *quant::findKvSchemes("fp8-head"), {}, model::Compute::F32));
        QVERIFY(!kvCachesOf(*m_own, *quant::findKvSchemes("int8"), {}, model::Compute::F32));
        const auto none = kvCachesOf(*m_opened, *quant::findKvSchemes("fp8"), {}, model::Compute::F32);
        QVERIFY(!none);
        QVERIFY(none.error().sentence().find("neither KV parameters nor a text") != std::string::npos);
    }

    /// A folder that was named goes before the model's own.
    void namedGridsFirst()
    {
        BITLATHE_NEED_SHARED();
        const auto byHead =
            kvCachesOf(*m_own, *quant::findKvSchemes("fp8-head"), {.folder = m_stats, .data = {}}, model::Compute::F32);
        BITLATHE_VERIFY_OK(byHead);
        QCOMPARE(byHead->front().params->parts(), m_own->spec.kvHeads);
        const auto other = kvCachesOf(*m_own, *quant::findKvSchemes("int8"), {.folder = m_temp / "kv", .data = {}},
                                      model::Compute::F32);
        QVERIFY(!other);
        QVERIFY(other.error().sentence().find("those for \"fp8\"") != std::string::npos);
    }

    /// The row of a folder's own cache stands behind its plain one, once.
    void rowsOfAComparison_data()
    {
        QTest::addColumn<QString>("kv");
        QTest::addColumn<QStringList>("rows");
        QTest::newRow("none asked for") << "" << QStringList{"none", "none", "fp8"};
        QTest::newRow("another") << "int8-token" << QStringList{"none", "int8-token", "none", "int8-token", "fp8"};
    }
    void rowsOfAComparison()
    {
        BITLATHE_NEED_SHARED();
        QFETCH(const QString, kv);
        QFETCH(const QStringList, rows);
        CompareOptions options;
        options.data = (sharedFolder() / "data/heldout-docs.jsonl").string();
        options.windows = {256, 2, {}};
        options.kv = *quant::findKvSchemes(kv.toStdString());
        const auto compared = compare({m_plain, m_temp / "own"}, options);
        BITLATHE_VERIFY_OK(compared);
        QStringList found;
        for (const ComparedModel& row : compared->models) {
            found << QString::fromStdString(row.perplexity.kv.name());
        }
        QCOMPARE(found, rows);
        const ComparedModel& own = compared->models.back();
        const ComparedModel& plain = compared->models[compared->models.size() - (kv.isEmpty() ? 2 : 3)];
        QCOMPARE(own.memory.kvBytesPerToken * 2, plain.memory.kvBytesPerToken);
        QCOMPARE(plain.perplexity.perplexity, compared->models.front().perplexity.perplexity);
        QVERIFY(own.perplexity.perplexity != plain.perplexity.perplexity);
        QVERIFY(std::abs(own.perplexity.perplexity / plain.perplexity.perplexity - 1) < 0.02);
    }

private:
    const TempFolder m_temp;
    const fs::path m_stats = sharedFolder() / "golden/lmdeploy/calibrate";
    const fs::path m_plain = m_temp / "plain";
    quant::KvParams m_params;
    std::shared_ptr<const format::OpenedModel> m_own, m_opened;
};

QTEST_GUILESS_MAIN(TestKvCaches)
#include "tst_kvcaches.moc"
