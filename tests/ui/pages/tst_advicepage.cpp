// SPDX-License-Identifier: Apache-2.0
// The advice page driven as a person would: a device, what comes of it, its reasons, the run that follows.
#include "tests/support/pagetest.h"
#include "ui/models/advicemodel.h"
#include "ui/pages/advicepage.h"
#include "ui/theme/theme.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTest>
#include <QUndoStack>

using namespace bitlathe;
using namespace bitlathe::tests;
using namespace bitlathe::ui;

namespace
{

const QString kReasons = QStringLiteral("Reasons for the selected way");

} // namespace

class TestAdvicePage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((m_folder / "cache").string()));
        qputenv("XDG_DATA_HOME", QByteArray::fromStdString((m_folder / "data").string()));
        m_session = std::make_unique<Session>();
    }

    void followsTheDevice()
    {
        AdvicePage page(*m_session);
        page.resize(1280, 800);
        page.show();
        auto* model = page.findChild<AdviceModel*>();
        const QAbstractItemModelTester tester(model);
        QCOMPARE(model->rowCount(), 0);
        QVERIFY(!page.primaryAction()->isEnabled());
        QSignalSpy opened(m_session.get(), &Session::modelOpened);
        m_session->openModel(fromPath(*resource("demo/model")));
        QVERIFY(opened.wait(kJobMs));
        QTRY_VERIFY_WITH_TIMEOUT(model->rowCount() > 0, kJobMs);
        for (const plan::AdviceOption& option : model->options()) {
            QVERIFY(!option.onGpu);
            QVERIFY(option.fits());
        }
        QVERIFY(labelText(page, kReasons).contains(QStringLiteral("<li>")));
        auto* vram = fieldOf<QDoubleSpinBox>(page, QStringLiteral("Memory of the GPU"));
        QVERIFY(!vram->isVisible());
        page.findChild<QCheckBox*>()->setChecked(true);
        QVERIFY(vram->isVisible());
        QTRY_VERIFY(std::ranges::any_of(model->options(), &plan::AdviceOption::onGpu));
        QVERIFY(page.commandLine().contains(
            QStringLiteral("--vram 8GiB --use desktop --quality balanced --context 4096 --batch 1")));
        // Another row, other reasons.
        auto* table = page.findChild<QTableView*>();
        const QString first = labelText(page, kReasons);
        table->setCurrentIndex(model->index(1, 0));
        QVERIFY(labelText(page, kReasons) != first);
    }

    void saysWhatIsMissing()
    {
        AdvicePage page(*m_session);
        page.show();
        fieldOf<QDoubleSpinBox>(page, QStringLiteral("Memory of the machine"))->setValue(0.1);
        fieldOf<QSpinBox>(page, QStringLiteral("Sequences at once"))->setValue(4096);
        QTRY_VERIFY_WITH_TIMEOUT(says(page, QStringLiteral("Nothing fits")), kJobMs);
        auto* model = page.findChild<AdviceModel*>();
        QCOMPARE(model->rowCount(), 1);
        QVERIFY(!model->options().front().fits());
        QVERIFY(!model->index(0, AdviceModel::Memory).data(Qt::DecorationRole).isNull());
    }

    void becomesARun()
    {
        AdvicePage page(*m_session);
        page.show();
        auto* model = page.findChild<AdviceModel*>();
        fieldOf<QComboBox>(page, QStringLiteral("What counts"))->setCurrentIndex(2); // Small.
        QTRY_VERIFY_WITH_TIMEOUT(model->rowCount() > 0, kJobMs);
        const auto quantizes = std::ranges::find_if(
            model->options(), [](const plan::AdviceOption& each) { return each.recipe.has_value(); });
        QVERIFY(quantizes != model->options().end());
        const plan::AdviceOption option = *quantizes;
        const int row = static_cast<int>(quantizes - model->options().begin());
        page.findChild<QTableView*>()->setCurrentIndex(model->index(row, 0));
        const plan::Recipe before = m_session->recipe();
        QSignalSpy requested(&page, &AdvicePage::pageRequested);
        page.primaryAction()->trigger();
        QCOMPARE(requested.size(), 1);
        QCOMPARE(requested[0][0].toString(), QStringLiteral("wizard"));
        QCOMPARE(m_session->recipe().method, option.method);
        QCOMPARE(m_session->recipe().exportTo.format, option.format);
        QCOMPARE(m_session->recipe().model, before.model);
        QCOMPARE(m_session->recipe().calibration.data, before.calibration.data);
        QVERIFY(plan::makePlan(m_session->recipe(), m_session->model()).has_value());
        m_session->undoStack()->undo();
        QVERIFY(m_session->recipe() == before);
    }

    void remembers()
    {
        QSettings settings(fromPath(m_folder / "settings.ini"), QSettings::IniFormat);
        {
            AdvicePage page(*m_session);
            page.findChild<QCheckBox*>()->setChecked(true);
            fieldOf<QDoubleSpinBox>(page, QStringLiteral("Memory of the GPU"))->setValue(24);
            fieldOf<QComboBox>(page, QStringLiteral("Program"))->setCurrentIndex(1);
            page.saveState(settings);
        }
        AdvicePage page(*m_session);
        page.restoreState(settings);
        QVERIFY(page.findChild<QCheckBox*>()->isChecked());
        QCOMPARE(fieldOf<QDoubleSpinBox>(page, QStringLiteral("Memory of the GPU"))->value(), 24.0);
        QCOMPARE(fieldOf<QComboBox>(page, QStringLiteral("Program"))->currentIndex(), 1);
    }

    void cleanupTestCase() { m_session.reset(); }

private:
    Theme m_theme; // The one instance, which outlives the pages.
    TempFolder m_folder;
    std::unique_ptr<Session> m_session;
};

QTEST_MAIN(TestAdvicePage)
#include "tst_advicepage.moc"
