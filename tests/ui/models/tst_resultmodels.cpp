// SPDX-License-Identifier: Apache-2.0
// Tests of the item models over engine results: layers of a model, layers of a run, a comparison.
#include "core/format/openmodel.h"
#include "support/tempfolder.h"
#include "ui/bridge/numbers.h"
#include "ui/models/comparisonmodel.h"
#include "ui/models/layermodel.h"
#include "ui/models/runlayermodel.h"
#include "ui/theme/theme.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QTest>

using namespace bitlathe;
using namespace bitlathe::ui;

namespace
{

std::filesystem::path demoModel()
{
    return std::filesystem::path(BITLATHE_SOURCE_DIR) / "resources/demo/model";
}

run::LayerRecord record(int id, double error)
{
    run::LayerRecord layer;
    layer.layer = LayerId(id);
    layer.name = "model.layers.0.layer" + std::to_string(id);
    layer.scheme = quant::Scheme{};
    layer.quality.relativeError = error;
    return layer;
}

} // namespace

class TestResultModels : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { new Theme(qApp); }

    void layersOfAModel()
    {
        const auto opened = format::openModel(demoModel());
        BITLATHE_VERIFY_OK(opened);
        LayerModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setModel(*opened);
        QCOMPARE(model.rowCount(), 9); // Outside the blocks, and eight blocks.
        const QModelIndex block0 = model.index(1, 0);
        QCOMPARE(model.rowCount(block0), 9); // Seven linears and two norms.
        // The demo model has 8,396,032 parameters by its headers; the groups' sums must give them.
        qlonglong parameters = 0;
        for (int group = 0; group < model.rowCount(); ++group) {
            parameters += model.index(group, LayerModel::Parameters).data(Qt::UserRole).toLongLong();
        }
        QCOMPARE(parameters, static_cast<qlonglong>((*opened)->checkpoint->bytesTensors() / 2)); // All are bf16.
    }

    void everyLinearIsFoundById()
    {
        const auto opened = format::openModel(demoModel());
        BITLATHE_VERIFY_OK(opened);
        LayerModel model;
        model.setModel(*opened);
        for (const model::LinearSpec& linear : (*opened)->spec.linears) {
            const QModelIndex index = model.indexOf(linear.id);
            QVERIFY(index.isValid());
            QCOMPARE(LayerModel::layerOf(index), linear.id);
        }
        QVERIFY(!model.indexOf(LayerId(9999)).isValid());
        QVERIFY(!model.indexOf(LayerId()).isValid());
    }

    void modelClosedLeavesNothing()
    {
        LayerModel model;
        model.setModel(nullptr);
        QCOMPARE(model.rowCount(), 0);
    }

    void layersOfARunGrow()
    {
        RunLayerModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.append(record(0, 0.001));
        model.append(record(1, 0.2));
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.index(0, RunLayerModel::VerdictColumn).data().toString(), QStringLiteral("fine"));
        QCOMPARE(model.index(1, RunLayerModel::VerdictColumn).data().toString(), QStringLiteral("bad"));
        QVERIFY(!model.index(1, RunLayerModel::VerdictColumn).data(Qt::DecorationRole).isNull());
        QCOMPARE(model.indexOf(LayerId(1)).row(), 1);
        QCOMPARE(model.index(1, RunLayerModel::OutputError).data(Qt::UserRole).toDouble(), 0.2);
    }

    void keptLayerHasNoNumbers()
    {
        RunLayerModel model;
        run::LayerRecord kept = record(0, 0);
        kept.scheme.reset();
        model.setLayers({kept});
        QCOMPARE(model.index(0, RunLayerModel::Bits).data().toString(), QStringLiteral("kept"));
        QCOMPARE(model.index(0, RunLayerModel::OutputError).data().toString(), QStringLiteral("\u2013"));
    }

    void outlierShareOfLlmInt8Only()
    {
        RunLayerModel model;
        run::LayerRecord outliers = record(0, 0.001);
        outliers.scheme->kind = quant::SchemeKind::Int8Outliers;
        outliers.quality.fromStatistics = true;
        outliers.quality.outlierShare = 0.125;
        run::LayerRecord blind = outliers;
        blind.quality.fromStatistics = false;
        model.setLayers({outliers, record(1, 0.001), blind});
        QCOMPARE(model.index(0, RunLayerModel::Outliers).data().toString(), formatPercent(0.125));
        QCOMPARE(model.index(0, RunLayerModel::Outliers).data(Qt::UserRole).toDouble(), 0.125);
        QCOMPARE(model.index(1, RunLayerModel::Outliers).data().toString(), QStringLiteral("\u2013"));
        QCOMPARE(model.index(2, RunLayerModel::Outliers).data().toString(), QStringLiteral("\u2013"));
    }

    void comparisonSaysBaseAndDifferences()
    {
        auto comparison = std::make_shared<evaluate::Comparison>();
        evaluate::ComparedModel base;
        base.name = "fp16";
        base.perplexity.perplexity = 9.3291;
        base.perplexity.standardError = 0.14;
        base.perplexity.tokensScored = 20470;
        evaluate::ComparedModel int4 = base;
        int4.name = "int4";
        int4.perplexity.perplexity = 9.9077;
        int4.delta = 0.5786;
        int4.deltaError = 0.0213;
        int4.kl = evaluate::KlFacts{};
        int4.kl->mean = 0.0662;
        int4.kl->standardError = 0.0012;
        int4.kl->sameTop = 0.874;
        evaluate::ComparedModel waiting;
        waiting.name = "int8";
        comparison->models = {base, int4, waiting};
        ComparisonModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setComparison(comparison);
        QCOMPARE(model.columnCount(), 3);
        const auto text = [&model](int row, int column) { return model.index(row, column).data().toString(); };
        QCOMPARE(text(ComparisonModel::Difference, 0), QStringLiteral("base"));
        QCOMPARE(text(ComparisonModel::Difference, 1), QStringLiteral("+0.579 ± 0.021"));
        QCOMPARE(text(ComparisonModel::Perplexity, 0), QStringLiteral("9.33 ± 0.14"));
        QCOMPARE(text(ComparisonModel::SameTop, 1), QStringLiteral("87.4\u00a0%"));
        QCOMPARE(text(ComparisonModel::Perplexity, 2), QStringLiteral("\u2013")); // Not measured yet.
        QVERIFY(model.headerData(0, Qt::Horizontal).toString().contains(QStringLiteral("base")));
    }
};

QTEST_MAIN(TestResultModels)
#include "tst_resultmodels.moc"
