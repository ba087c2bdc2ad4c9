// SPDX-License-Identifier: Apache-2.0
// The Model page with every family of models: layers, facts, histogram and the inputs that have an outlier map.
#include "tests/support/pagetest.h"
#include "ui/bridge/session.h"
#include "ui/pages/inputview.h"
#include "ui/pages/modelpage.h"
#include "ui/plots/histogramplot.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTabWidget>
#include <QTest>
#include <QTreeView>

#include <cmath>
#include <set>

using namespace bitlathe;
using namespace bitlathe::tests;
using namespace bitlathe::ui;

namespace
{

constexpr int kOpenMs = 60'000;

int rowsBelow(const QAbstractItemModel& model, const QModelIndex& parent = {})
{
    int rows = 0;
    for (int row = 0; row < model.rowCount(parent); ++row) {
        rows += 1 + rowsBelow(model, model.index(row, 0, parent));
    }
    return rows;
}

} // namespace

class TestModelPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((m_folder / "cache").string()));
        qputenv("XDG_DATA_HOME", QByteArray::fromStdString((m_folder / "data").string()));
    }

    void cleanup()
    {
        m_page.reset();
        m_session.reset();
    }

    void showsEveryFamily_data()
    {
        QTest::addColumn<QString>("folder");
        const QDir models(QStringLiteral(BITLATHE_SHARED "/models/arch"));
        for (const QString& name : models.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
            QTest::newRow(qPrintable(name)) << models.filePath(name);
        }
        if (!models.exists()) {
            QTest::newRow("none") << QString();
        }
    }

    void showsEveryFamily()
    {
        QFETCH(const QString, folder);
        if (folder.isEmpty()) {
            QSKIP("the shared models are not there");
        }
        Session session;
        ModelPage page(session);
        page.resize(1200, 800);
        page.show();
        QSignalSpy opened(&session, &Session::modelOpened);
        QSignalSpy failed(&session, &Session::failed);
        session.openModel(folder);
        QVERIFY(opened.wait(kOpenMs));
        const model::ModelSpec& spec = session.model()->spec;

        const auto* tree = page.findChild<QTreeView*>();
        QVERIFY(rowsBelow(*tree->model()) >=
                static_cast<int>(spec.linears.size()) + static_cast<int>(spec.blockCount()));
        const auto* facts = page.findChild<QLabel*>(QStringLiteral("facts"));
        QVERIFY2(facts->text().contains(QString::fromStdString(spec.architecture)), qPrintable(facts->text()));
        QCOMPARE(facts->text().contains(QStringLiteral("Experts")), spec.experts > 0);

        const auto* histogram = page.findChild<HistogramPlot*>();
        QTRY_VERIFY_WITH_TIMEOUT(!histogram->table().rows.isEmpty(), kOpenMs);
        QVERIFY2(histogram->title().startsWith(session.selectedLayerName()), qPrintable(histogram->title()));

        // Every input of a block once, and every linear of the model belongs to one of them.
        const auto* inputs = page.findChild<QComboBox*>(QStringLiteral("inputs"));
        std::set<std::pair<std::int64_t, std::int64_t>> groups;
        for (const model::LinearSpec& linear : spec.linears) {
            groups.emplace(linear.inputGroup, linear.expert);
        }
        QCOMPARE(inputs->count(), static_cast<int>(groups.size()));
        QStringList names;
        for (int i = 0; i < inputs->count(); ++i) {
            names << inputs->itemText(i);
        }
        QCOMPARE(QSet<QString>(names.begin(), names.end()).size(), names.size());
        const QString first = QString::fromStdString(spec.linears.front().name).section(QLatin1Char('.'), -1);
        QVERIFY2(names.front().contains(first), qPrintable(names.front()));
        QVERIFY2(failed.isEmpty(), "no error was reported");
    }

    void theHistogramIsOfAPart()
    {
        openDemo();
        const auto* histogram = m_page->findChild<HistogramPlot*>();
        const auto total = [histogram] {
            double sum = 0;
            for (const auto& row : histogram->table().rows) {
                sum += row[2].toDouble();
            }
            return sum;
        };
        const model::LinearSpec& linear = m_session->model()->spec.linear(m_session->selectedLayer());
        const auto all = static_cast<double>(linear.inFeatures * linear.outFeatures);
        QTRY_COMPARE_WITH_TIMEOUT(total(), all, kOpenMs);
        auto* part = fieldOf<QComboBox>(*m_page, "Histogram of");
        auto* row = fieldOf<QSpinBox>(*m_page, "Row");
        auto* group = fieldOf<QSpinBox>(*m_page, "Group");
        QVERIFY(part != nullptr && row != nullptr && group != nullptr);
        QVERIFY(!row->isEnabled() && !group->isEnabled());
        part->setCurrentIndex(1);
        QTRY_COMPARE(total(), static_cast<double>(linear.inFeatures));
        QVERIFY(row->isEnabled() && !group->isEnabled());
        QCOMPARE(row->maximum(), static_cast<int>(linear.outFeatures - 1));
        part->setCurrentIndex(2);
        QTRY_COMPARE(total(), static_cast<double>(m_session->recipe().scheme.groupSize));
        group->setValue(group->maximum());
        QTRY_COMPARE(total(), static_cast<double>(m_session->recipe().scheme.groupSize));
    }

    void tokensAndChannelsOfALayer()
    {
        openDemo();
        editCalibration("demo/text/calibration.jsonl");
        auto* tabs = m_page->findChild<QTabWidget*>();
        for (int i = 0; i < tabs->count(); ++i) {
            if (tabs->tabText(i) == QStringLiteral("Tokens and channels")) {
                tabs->setCurrentIndex(i);
            }
        }
        auto* view = m_page->findChild<InputView*>();
        QVERIFY(view->isVisible());
        const model::LinearSpec& last = m_session->model()->spec.linears.back();
        m_session->selectLayer(last.id);
        auto* table = view->findChild<QTableView*>();
        QTRY_VERIFY_WITH_TIMEOUT(table->model()->rowCount() > 0, kOpenMs);
        // What the table says is what the map shows, largest first.
        QTRY_COMPARE_WITH_TIMEOUT(view->findChild<MapPlot*>()->table().rows.size() > 0, true, kOpenMs);
        double before = INFINITY;
        for (int i = 0; i < table->model()->rowCount(); ++i) {
            const double largest = table->model()->index(i, ChannelModel::Largest).data(Qt::UserRole).toDouble();
            QVERIFY(largest <= before && largest > 0);
            before = largest;
        }
        QVERIFY(table->model()->index(0, ChannelModel::TimesMedian).data(Qt::UserRole).toDouble() >= 1);
    }

    /// Of the calibration text, and of another as soon as the recipe names one; only where somebody looks.
    void tokensAndChannelsFollowTheRecipe()
    {
        openDemo();
        editCalibration("demo/text/calibration.jsonl");
        auto* tabs = m_page->findChild<QTabWidget*>();
        auto* view = m_page->findChild<InputView*>();
        tabs->setCurrentWidget(view);
        m_session->selectLayer(m_session->model()->spec.linears.front().id);
        const auto tokens = [view] {
            QStringList names;
            for (const auto& row : view->findChild<MapPlot*>()->table().rows) {
                names << row.front().toString();
            }
            return names;
        };
        QTRY_VERIFY_WITH_TIMEOUT(!view->isBusy() && !tokens().isEmpty(), kOpenMs);
        const QStringList first = tokens();
        editCalibration("demo/text/evaluation.txt");
        QVERIFY(view->isBusy());
        QTRY_VERIFY_WITH_TIMEOUT(!view->isBusy(), kOpenMs);
        QVERIFY(tokens() != first);

        plan::Recipe recipe = m_session->recipe();
        recipe.calibration.samples.samples = 7; // The first of which is the same.
        recipe.seed = 9;
        m_session->editRecipe(recipe, {});
        QVERIFY(!view->isBusy());
        tabs->setCurrentIndex(0);
        editCalibration("demo/text/calibration.jsonl");
        QVERIFY(!view->isBusy());
        tabs->setCurrentWidget(view);
        QTRY_VERIFY_WITH_TIMEOUT(!view->isBusy() && tokens() == first, kOpenMs);
    }

    void theViewIsRememberedByItsName()
    {
        openDemo();
        QSettings settings(fromPath(m_folder / "settings.ini"), QSettings::IniFormat);
        const auto shown = [&settings, this] {
            ModelPage page(*m_session);
            page.restoreState(settings);
            return page.findChild<QTabWidget*>()->currentWidget()->objectName();
        };
        QCOMPARE(shown(), QStringLiteral("factsView"));
        auto* tabs = m_page->findChild<QTabWidget*>();
        for (int i = 0; i < tabs->count(); ++i) {
            tabs->setCurrentIndex(i);
            m_page->saveState(settings);
            QCOMPARE(shown(), tabs->widget(i)->objectName());
        }
        QCOMPARE(settings.value("view").toString(), QStringLiteral("memoryView"));
        settings.setValue("view", 3); // As earlier versions kept it.
        QCOMPARE(shown(), QStringLiteral("factsView"));
    }

private:
    void editCalibration(const char* file)
    {
        plan::Recipe recipe = m_session->recipe();
        recipe.calibration.data = resource(file)->string();
        m_session->editRecipe(recipe, {});
    }
    void openDemo()
    {
        m_session = tests::sessionWithDemo(m_folder);
        QVERIFY(m_session != nullptr);
        m_page = std::make_unique<ModelPage>(*m_session);
        m_page->resize(1200, 800);
        m_page->show();
    }
    std::unique_ptr<Session> m_session;
    std::unique_ptr<ModelPage> m_page;
    Theme m_theme;
    tests::TempFolder m_folder;
};

QTEST_MAIN(TestModelPage)
#include "tst_modelpage.moc"
