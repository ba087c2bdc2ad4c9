// SPDX-License-Identifier: Apache-2.0
// The memory of a model by batch and context, as a person with a keyboard finds it.
#include "tests/support/tempfolder.h"
#include "ui/bridge/numbers.h"
#include "ui/bridge/session.h"
#include "ui/pages/memoryview.h"
#include "ui/plots/lineplot.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QSettings>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTest>

using namespace bitlathe;
using namespace bitlathe::ui;

namespace
{

constexpr int kOpenMs = 60'000;
const QString kModel = QStringLiteral(BITLATHE_SHARED "/models/demo-llama");

std::vector<evaluate::MemoryUse> expectedUses(const format::OpenedModel& opened)
{
    const evaluate::MemoryModel model = evaluate::memoryModel(opened);
    return evaluate::memoryUses(model, evaluate::usualBatches(), evaluate::usualContexts(model.spec),
                                {{}, *quant::findKvScheme("int8"), *quant::findKvScheme("int4-token")});
}

/// As the table writes them: of the demo model, whose least number is some MiB.
QString cellText(std::uint64_t bytes)
{
    constexpr double kMebibyte = 1024.0 * 1024.0;
    return QLocale().toString(static_cast<double>(bytes) / kMebibyte, 'f', 2);
}

} // namespace

class TestMemoryView : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((m_folder / "cache").string()));
        qputenv("XDG_DATA_HOME", QByteArray::fromStdString((m_folder / "data").string()));
        BITLATHE_NEED_SHARED();
        m_view.resize(900, 700);
        m_view.show();
        m_plot = m_view.findChild<LinePlot*>();
        m_table = m_view.findChild<QTableWidget*>();
        m_batch = m_view.findChild<QComboBox*>(QStringLiteral("batch"));
    }

    void saysWhatWouldBeHere()
    {
        QVERIFY(m_plot->table().rows.isEmpty());
        QVERIFY(!m_table->isVisible());
        QVERIFY(!m_batch->isEnabled());
        QSignalSpy opened(&m_session, &Session::modelOpened);
        m_session.openModel(kModel);
        QVERIFY(opened.wait(kOpenMs));
        QTRY_VERIFY_WITH_TIMEOUT(m_table->isVisible(), kOpenMs);
        QVERIFY(m_batch->isEnabled());
    }

    void tableHasEveryUse()
    {
        const auto uses = expectedUses(*m_session.model());
        QCOMPARE(m_table->rowCount() * 3, static_cast<int>(uses.size()));
        QCOMPARE(m_table->columnCount(), 5);
        for (int i = 0; i < static_cast<int>(uses.size()); ++i) {
            const evaluate::MemoryUse& use = uses[static_cast<std::size_t>(i)];
            const int row = i / 3;
            const int column = 2 + i % 3;
            QCOMPARE(m_table->item(row, 0)->text(), formatCount(use.batch));
            QCOMPARE(m_table->item(row, 1)->text(), formatCount(use.context));
            QCOMPARE(m_table->item(row, column)->text(), cellText(use.bytes()));
            QVERIFY(m_table->horizontalHeaderItem(column)->text().contains(QStringLiteral("(MiB)")));
        }
    }

    void batchOfTheKeyboardChangesThePlot()
    {
        const auto first = m_plot->table();
        m_batch->setFocus();
        QTest::keyClick(m_batch, Qt::Key_Down);
        QTest::keyClick(m_batch, Qt::Key_Down);
        QTest::keyClick(m_batch, Qt::Key_Down);
        QCOMPARE(m_batch->currentText(), QStringLiteral("8"));
        const auto numbers = m_plot->table();
        QCOMPARE(numbers.rows.size(), first.rows.size());
        std::vector<double> wanted;
        for (const evaluate::MemoryUse& use : expectedUses(*m_session.model())) {
            if (use.batch == 8) {
                wanted.push_back(static_cast<double>(use.bytes()));
            }
        }
        for (qsizetype i = 0; i < numbers.rows.size() * 3; ++i) {
            const double ratio = numbers.rows[i / 3][1 + i % 3].toDouble() / numbers.rows[0][1].toDouble();
            QVERIFY(std::abs(ratio - wanted[static_cast<std::size_t>(i)] / wanted[0]) < 1e-6 * ratio);
        }
        QVERIFY2(m_plot->title().contains(QStringLiteral("batch 8")), qPrintable(m_plot->title()));
        QCOMPARE(m_table->item(m_table->currentRow(), 0)->text(), QStringLiteral("8"));
    }

    void copiesWhatItShows()
    {
        m_table->setFocus();
        QTest::keyClick(m_table, Qt::Key_C, Qt::ControlModifier);
        const QStringList lines = QGuiApplication::clipboard()->text().trimmed().split(QLatin1Char('\n'));
        QCOMPARE(lines.size(), m_table->rowCount() + 1);
        QVERIFY2(lines.front().startsWith(QStringLiteral("Batch,Context,")), qPrintable(lines.front()));
        QVERIFY2(lines[1].startsWith(QStringLiteral("1,")), qPrintable(lines[1]));
    }

    void remembersTheBatch()
    {
        QSettings settings(QString::fromStdString((m_folder / "state.ini").string()), QSettings::IniFormat);
        m_view.saveState(settings);
        MemoryView other(m_session);
        other.restoreState(settings);
        QCOMPARE(other.findChild<QComboBox*>(QStringLiteral("batch"))->currentText(), QStringLiteral("8"));
    }

    void runAddsItsWeights()
    {
        auto run = std::make_shared<run::RunResult>();
        run->out = "out/demo-int4";
        run->bytes = 5'000'000;
        run->recipe.model = "another model";
        m_session.showRun(run);
        QTest::qWait(200);
        QCOMPARE(m_table->columnCount(), 5);
        run = std::make_shared<run::RunResult>(*run);
        run->recipe.model = m_session.model()->folder();
        m_session.showRun(run);
        QTRY_COMPARE_WITH_TIMEOUT(m_table->columnCount(), 8, kOpenMs);
        QVERIFY(m_table->horizontalHeaderItem(5)->text().startsWith(QStringLiteral("demo-int4\n")));
        const evaluate::MemoryUse use = expectedUses(*m_session.model()).front();
        QCOMPARE(m_table->item(0, 5)->text(), cellText(use.bytes() - use.bytesWeights + run->bytes));
    }

private:
    Theme m_theme;
    tests::TempFolder m_folder;
    Session m_session;
    MemoryView m_view{m_session};
    LinePlot* m_plot = nullptr;
    QTableWidget* m_table = nullptr;
    QComboBox* m_batch = nullptr;
};

QTEST_MAIN(TestMemoryView)
#include "tst_memoryview.moc"
