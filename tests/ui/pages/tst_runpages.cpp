// SPDX-License-Identifier: Apache-2.0
// What pages show after a run with scales: growth of the error, input scales, the first bad layer, outliers before and
// after, the threshold of LLM.int8(), ranges of keys and values.
#include "tests/support/pagetest.h"
#include "ui/models/groupmodel.h"
#include "ui/models/runlayermodel.h"
#include "ui/pages/keyvalueview.h"
#include "ui/pages/layerspage.h"
#include "ui/pages/outlierview.h"
#include "ui/pages/runviews.h"
#include "ui/plots/lineplot.h"
#include "ui/plots/mapplot.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QSignalSpy>
#include <QSlider>
#include <QTableView>
#include <QTest>

#include <algorithm>

using namespace bitlathe;
using namespace bitlathe::tests;
using namespace bitlathe::ui;

namespace
{

/// The plot of the tab of this title.
template <typename Plot>
Plot* plotOf(const QTabWidget& tabs, const QString& title)
{
    for (int i = 0; i < tabs.count(); ++i) {
        if (tabs.tabText(i) == title) {
            return tabs.widget(i)->findChild<Plot*>();
        }
    }
    return nullptr;
}

int tabOf(const QTabWidget& tabs, const QString& title)
{
    for (int i = 0; i < tabs.count(); ++i) {
        if (tabs.tabText(i) == title) {
            return i;
        }
    }
    return -1;
}

} // namespace

class TestRunPages : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_session = sessionWithDemo(m_folder);
        QVERIFY(m_session != nullptr);
        plan::Recipe recipe = m_session->recipe();
        recipe.method = "awq";
        recipe.scheme.bits = 2;
        recipe.scheme.symmetric = false;
        recipe.options.awq.grid = 4;
        recipe.calibration.data = resource("demo/text/calibration.jsonl")->string();
        recipe.calibration.samples = {4, 64, 0};
        recipe.exportTo.format = "gptq-v2"; // which holds 2 bits with zero points
        recipe.exportTo.out = m_folder / "out";
        recipe.evaluation.data.clear();
        m_session->editRecipe(recipe, QStringLiteral("test"));
        QSignalSpy done(m_session.get(), &Session::runChanged);
        m_session->startRun(recipe);
        QVERIFY(done.wait(kJobMs));
        QTRY_VERIFY_WITH_TIMEOUT(m_session->statistics() != nullptr, kJobMs);
    }

    void growthIsMeasuredWhenSomebodyLooks()
    {
        LayersPage page(*m_session);
        page.resize(1200, 800);
        page.show();
        auto* views = page.findChild<RunViews*>();
        auto* growth = plotOf<LinePlot>(*views, QStringLiteral("Growth"));
        QVERIFY(growth != nullptr);
        QTest::qWait(50);
        QVERIFY(growth->table().rows.isEmpty());
        views->setCurrentIndex(tabOf(*views, QStringLiteral("Growth")));
        QTRY_COMPARE_WITH_TIMEOUT(growth->table().rows.size(), m_session->model()->spec.blockCount(), kJobMs);
        QVERIFY(growth->table().rows.last()[1].toDouble() > 0);
    }

    void inputScalesFollowTheSelectedLayer()
    {
        LayersPage page(*m_session);
        page.show();
        auto* scales = plotOf<LinePlot>(*page.findChild<RunViews*>(), QStringLiteral("Input scales"));
        for (const model::LinearSpec& linear : m_session->model()->spec.linears) {
            m_session->selectLayer(linear.id);
            const run::ScaleRecord* record = m_session->lastRun()->scalesOf(linear.id);
            QCOMPARE(scales->table().rows.size(), record != nullptr ? std::ssize(record->scales) : 0);
            if (record != nullptr) {
                QCOMPARE(scales->table().rows[3][1].toDouble(), record->scales[3]);
            }
        }
    }

    void groupsAreListedAndSorted()
    {
        LayersPage page(*m_session);
        page.show();
        auto* views = page.findChild<RunViews*>();
        views->setCurrentIndex(tabOf(*views, QStringLiteral("Groups")));
        auto* table = qobject_cast<QTableView*>(views->currentWidget());
        QVERIFY(table != nullptr);
        const model::LinearSpec& linear = m_session->model()->spec.linears.back();
        m_session->selectLayer(linear.id);
        const auto opened = format::openModel(m_session->lastRun()->out);
        BITLATHE_VERIFY_OK(opened);
        const auto tensor =
            (*opened)->format->decode(*(*opened)->checkpoint, linear, *(*opened)->schemes[linear.id.index()]);
        BITLATHE_VERIFY_OK(tensor);
        const auto value = [table](int row, int column) {
            return table->model()->index(row, column).data(Qt::UserRole).toDouble();
        };
        const auto groups = static_cast<int>(tensor->groups());
        QTRY_COMPARE_WITH_TIMEOUT(table->model()->rowCount(), static_cast<int>(tensor->rows) * groups, kJobMs);
        for (const int row : {0, groups, 3 * groups + groups - 1}) {
            QCOMPARE(value(row, GroupModel::Row), row / groups);
            QCOMPARE(value(row, GroupModel::Group), row % groups);
            QCOMPARE(value(row, GroupModel::Scale), static_cast<double>(tensor->scale(row / groups, row % groups)));
            QCOMPARE(value(row, GroupModel::Zero), tensor->zero(row / groups, row % groups));
        }
        QModelIndex kept = table->model()->index(5, GroupModel::Scale);
        table->setCurrentIndex(kept);
        const double scale = kept.data(Qt::UserRole).toDouble();
        const QPoint header(table->columnViewportPosition(GroupModel::Scale) + 20,
                            table->horizontalHeader()->height() / 2);
        QTest::mouseClick(table->horizontalHeader()->viewport(), Qt::LeftButton, {}, header);
        const auto ascends = [&] {
            for (int row = 1; row < table->model()->rowCount(); ++row) {
                if (value(row, GroupModel::Scale) < value(row - 1, GroupModel::Scale)) {
                    return false;
                }
            }
            return true;
        };
        QTRY_VERIFY_WITH_TIMEOUT(ascends(), kJobMs);
        QCOMPARE(table->currentIndex().data(Qt::UserRole).toDouble(), scale); // The same group, elsewhere.
    }

    void theFirstBadLayerIsALink()
    {
        LayersPage page(*m_session);
        page.show();
        const auto& layers = m_session->lastRun()->layers;
        const auto bad = std::find_if(layers.begin(), layers.end(), [](const run::LayerRecord& layer) {
            return quant::verdict(layer.quality.relativeError) == quant::Verdict::Bad;
        });
        QVERIFY(bad != layers.end()); // 2 bits
        QLabel* label = nullptr;
        for (QLabel* one : page.findChildren<QLabel*>()) {
            if (one->text().contains(QString::fromStdString(bad->name))) {
                label = one;
            }
        }
        QVERIFY(label != nullptr);
        m_session->selectLayer(layers.back().layer);
        Q_EMIT label->linkActivated(QString::number(bad->layer.value()));
        QCOMPARE(m_session->selectedLayer(), bad->layer);
    }

    void outliersShowBeforeAndAfter()
    {
        OutlierView view(*m_session);
        view.resize(900, 600);
        view.show();
        auto* map = view.findChild<MapPlot*>();
        QTRY_VERIFY_WITH_TIMEOUT(!map->table().rows.isEmpty(), kJobMs);
        const auto combos = view.findChildren<QComboBox*>();
        QCOMPARE(combos.size(), 2);
        QCOMPARE(combos[1]->count(), 2);
        const PlotTable before = map->table();
        combos[1]->setCurrentIndex(1);
        QTRY_VERIFY_WITH_TIMEOUT(map->table().rows != before.rows, kJobMs);
        const PlotTable after = map->table();
        QCOMPARE(after.rows.size(), before.rows.size());
        // The first block's largest channel, divided by the scale that the run folded into it.
        const auto channel = static_cast<std::size_t>(after.rows[0][2].toLongLong());
        const auto stats = m_session->statistics()->blockSummary(0);
        const calibrate::InputStats& input = (*stats)->inputs.front();
        const run::ScaleRecord* record = m_session->lastRun()->scalesOf(input.linears.front());
        QVERIFY(record != nullptr);
        const double expected = static_cast<double>(input.absMax[channel]) / record->scales[channel];
        QVERIFY(std::abs(after.rows[0][3].toDouble() - expected) < 1e-5 * expected);
    }

    void theThresholdIsDraggedAndAnswers()
    {
        OutlierView view(*m_session);
        view.resize(900, 600);
        view.show();
        auto* map = view.findChild<MapPlot*>();
        auto* slider = view.findChild<QSlider*>();
        QTRY_VERIFY_WITH_TIMEOUT(slider->isEnabled(), kJobMs);
        QCOMPARE(slider->value(), 60);
        const auto text = [&view] {
            QString found;
            for (const QLabel* label : view.findChildren<QLabel*>()) {
                if (label->text().contains(QStringLiteral("16 bits."))) {
                    found = label->text();
                }
            }
            return found;
        };
        QTRY_VERIFY2_WITH_TIMEOUT(text().contains(QStringLiteral("Selected layer")), qPrintable(text()), kJobMs);
        const QString at6 = text();
        const int steps = m_session->undoStack()->count();
        slider->setValue(5);
        QCOMPARE(m_session->recipe().options.bitsAndBytes.threshold, 0.5);
        QVERIFY(text() != at6);
        Q_EMIT map->thresholdDragged(0.73);
        QCOMPARE(slider->value(), 7);
        QCOMPARE(m_session->undoStack()->count(), steps + 1); // one drag is one step
        m_session->undoStack()->undo();
        QCOMPARE(slider->value(), 60);
        QCOMPARE(text(), at6);
    }

    void keysAndValuesHaveARowForEachHead()
    {
        KeyValueView view(*m_session);
        view.resize(900, 600);
        view.show();
        auto* map = view.findChild<MapPlot*>();
        const model::ModelSpec& spec = m_session->model()->spec;
        constexpr int kTop = 5; // of each row, in the table twin
        QTRY_COMPARE_WITH_TIMEOUT(map->table().rows.size(), spec.blockCount() * spec.kvHeads * kTop, kJobMs);
        const auto stats = m_session->statistics()->blockSummary(0);
        const std::vector<float>& keys = (*stats)->keyValue.keyAbsMax;
        const float most = *std::max_element(keys.begin(), keys.begin() + spec.headDim);
        QCOMPARE(map->table().rows[0][3].toFloat(), most);
        const auto combos = view.findChildren<QComboBox*>();
        combos[0]->setCurrentIndex(1);
        const std::vector<float>& values = (*stats)->keyValue.valueAbsMax;
        QTRY_COMPARE_WITH_TIMEOUT(map->table().rows[0][3].toFloat(),
                                  *std::max_element(values.begin(), values.begin() + spec.headDim), kJobMs);
        for (int number = 0; number < combos[1]->count(); ++number) {
            for (int sharing = 0; sharing < combos[2]->count(); ++sharing) {
                combos[1]->setCurrentIndex(number);
                combos[2]->setCurrentIndex(sharing);
            }
        }
        QTRY_VERIFY_WITH_TIMEOUT(map->table().header[3] == combos[1]->currentText(), kJobMs);
    }

    void cleanupTestCase() { m_session.reset(); }

    void outlierColumnsOnlyWhereThereAreSome()
    {
        Session session;
        LayersPage page(session);
        const auto tables = page.findChildren<QTableView*>();
        const auto found = std::find_if(tables.begin(), tables.end(), [](const QTableView* one) {
            return one->accessibleName() == QStringLiteral("Layers of the run");
        });
        QVERIFY(found != tables.end());
        const QTableView* table = *found;
        auto run = std::make_shared<run::RunResult>(*m_session->lastRun());
        session.showRun(run);
        QVERIFY(table->isColumnHidden(RunLayerModel::Outliers));
        run = std::make_shared<run::RunResult>(*run);
        run->layers.front().scheme->kind = quant::SchemeKind::Int8Outliers;
        session.showRun(run);
        QVERIFY(!table->isColumnHidden(RunLayerModel::Outliers));
    }

private:
    Theme m_theme;
    TempFolder m_folder;
    std::unique_ptr<Session> m_session;
};

QTEST_MAIN(TestRunPages)
#include "tst_runpages.moc"
