// SPDX-License-Identifier: Apache-2.0
// The budget page driven as a person would: measure, ask for budgets, use the answer, take it back.
#include "tests/support/pagetest.h"
#include "ui/models/budgetmodel.h"
#include "ui/pages/budgetpage.h"
#include "ui/plots/lineplot.h"
#include "ui/theme/theme.h"
#include "ui/widgets/tickchoice.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QMenu>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QUndoStack>

using namespace bitlathe;
using namespace bitlathe::tests;
using namespace bitlathe::ui;

class TestBudgetPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_session = sessionWithDemo(m_folder);
        QVERIFY(m_session != nullptr);
        plan::Recipe recipe = m_session->recipe();
        recipe.method = "rtn";
        recipe.exportTo.format = "gptq";
        recipe.calibration.data = resource("demo/text/calibration.jsonl")->string();
        recipe.calibration.samples.samples = 4;
        recipe.calibration.samples.length = 128;
        m_session->editRecipe(recipe, {});
        m_page = std::make_unique<BudgetPage>(*m_session);
        m_page->resize(1280, 800);
        m_page->show();
        choices("Bits to choose from")->setTicked({QStringLiteral("3"), QStringLiteral("4"), QStringLiteral("8")});
        choices("Group sizes to choose from")->setTicked({QStringLiteral("64"), QStringLiteral("128")});
    }

    void measuresAndAnswers()
    {
        auto* model = m_page->findChild<BudgetModel*>();
        const QAbstractItemModelTester tester(model);
        QVERIFY(!m_page->actions().front()->isEnabled());
        QVERIFY(m_page->primaryAction()->isEnabled());
        m_page->primaryAction()->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(model->rowCount() > 0, kJobMs);
        QVERIFY(model->rowCount() == static_cast<int>(m_session->model()->spec.linears.size()));
        QVERIFY(m_page->actions().front()->isEnabled());
        const double bits = labelText(*m_page, QStringLiteral("Bits per weight")).toDouble();
        QVERIFY2(bits > 4.1 && bits <= 4.25, qPrintable(labelText(*m_page, QStringLiteral("Bits per weight"))));
        QVERIFY(says(*m_page, QStringLiteral("the best single scheme that is no larger")));
        const PlotTable numbers = m_page->findChild<LinePlot*>()->table();
        QVERIFY(numbers.rows.size() > 10);
        // The shares of all layers are all of the divergence.
        double share = 0;
        for (int row = 0; row < model->rowCount(); ++row) {
            share += model->index(row, BudgetModel::Share).data(Qt::UserRole).toDouble();
        }
        QVERIFY(std::abs(share - 1) < 1e-9);
        QVERIFY(m_page->commandLine().contains(QStringLiteral("--bits 3,4,8 --group-size 64,128 --target-bits 4.25")));
    }

    void newBudgetsAreAnsweredWithoutMeasuring()
    {
        const auto searched = m_session->search();
        auto* bits = fieldOf<QDoubleSpinBox>(*m_page, QStringLiteral("At most so many bits per weight"));
        bits->setValue(6);
        QTRY_VERIFY(labelText(*m_page, QStringLiteral("Bits per weight")).toDouble() > 5.5);
        bits->setValue(2);
        QTRY_VERIFY(says(*m_page, QStringLiteral("the least that these schemes reach")));
        QVERIFY(!m_page->actions().front()->isEnabled());
        auto* goal = fieldOf<QComboBox>(*m_page, QStringLiteral("Budget"));
        auto* size = fieldOf<QDoubleSpinBox>(*m_page, QStringLiteral("Files no larger than"));
        QVERIFY(!size->isVisible());
        goal->setCurrentIndex(1);
        QVERIFY(size->isVisible() && !bits->isVisible());
        QTRY_VERIFY(m_page->actions().front()->isEnabled()); // The suggested size has an answer.
        goal->setCurrentIndex(2);
        fieldOf<QDoubleSpinBox>(*m_page, QStringLiteral("Memory no more than"))->setValue(1000);
        QTRY_VERIFY(m_page->actions().front()->isEnabled());
        QVERIFY(m_page->commandLine().contains(
            QStringLiteral("--target-memory 1000MiB --context 4096 --batch 1 --kv none")));
        goal->setCurrentIndex(3);
        fieldOf<QDoubleSpinBox>(*m_page, QStringLiteral("Perplexity rises by at most"))->setValue(5);
        QTRY_VERIFY(m_page->commandLine().contains(QStringLiteral("--max-ppl-increase 5%")));
        QCOMPARE(m_session->search(), searched);
        goal->setCurrentIndex(0);
        bits->setValue(4.25);
        QTRY_VERIFY(m_page->actions().front()->isEnabled());
    }

    void useIsOneUndoableStep()
    {
        const plan::Recipe before = m_session->recipe();
        m_page->actions().front()->trigger();
        QVERIFY(!(m_session->recipe() == before));
        QVERIFY(!m_session->recipe().overrides.empty());
        const auto planned = plan::makePlan(m_session->recipe(), m_session->model());
        QVERIFY(planned.has_value());
        const double bits = planned->estimate.bitsPerWeight;
        QVERIFY2(bits > 4.1 && bits <= 4.25, qPrintable(QString::number(bits)));
        m_session->undoStack()->undo();
        QVERIFY(m_session->recipe() == before);
    }

    void selectionIsLinked()
    {
        auto* table = m_page->findChild<QTableView*>();
        table->setCurrentIndex(table->model()->index(3, 0));
        QCOMPARE(m_session->selectedLayerName(), table->model()->index(3, 0).data().toString());
        const LayerId other = m_session->model()->spec.linears[9].id;
        m_session->selectLayer(other);
        QCOMPARE(table->currentIndex().data().toString(), m_session->selectedLayerName());
    }

    void saysThatAnotherMethodNeedsAnotherMeasurement()
    {
        plan::Recipe recipe = m_session->recipe();
        recipe.exportTo.format = "compressed-tensors";
        m_session->editRecipe(recipe, {});
        fieldOf<QDoubleSpinBox>(*m_page, QStringLiteral("At most so many bits per weight"))->setValue(4.5);
        QTRY_VERIFY(says(*m_page, QStringLiteral("measure again")));
        recipe.calibration.data.clear();
        m_session->editRecipe(recipe, {});
        QVERIFY(!m_page->primaryAction()->isEnabled());
        QVERIFY(says(*m_page, QStringLiteral("no calibration text")));
    }

    void remembers()
    {
        QSettings settings(fromPath(m_folder / "settings.ini"), QSettings::IniFormat);
        m_page->saveState(settings);
        BudgetPage page(*m_session);
        page.restoreState(settings);
        QCOMPARE(choices("Bits to choose from", page)->ticked(), choices("Bits to choose from")->ticked());
        QCOMPARE(fieldOf<QDoubleSpinBox>(page, QStringLiteral("At most so many bits per weight"))->value(), 4.5);
    }

    void cleanupTestCase()
    {
        m_page.reset();
        m_session.reset();
    }

private:
    TickChoice* choices(const char* title, const QWidget& page) const
    {
        return fieldOf<TickChoice>(page, QString::fromLatin1(title));
    }
    TickChoice* choices(const char* title) const { return choices(title, *m_page); }

    Theme m_theme; // The one instance, which outlives the pages.
    TempFolder m_folder;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<BudgetPage> m_page;
};

QTEST_MAIN(TestBudgetPage)
#include "tst_budgetpage.moc"
