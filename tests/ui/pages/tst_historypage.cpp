// SPDX-License-Identifier: Apache-2.0
// The history page driven as a person would: search, tags and notes, removing and taking back, settings side by side.
#include "tests/support/pagetest.h"
#include "ui/models/historymodel.h"
#include "ui/pages/historypage.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QLineEdit>
#include <QTableView>
#include <QTest>
#include <QUndoStack>

using namespace bitlathe;
using namespace bitlathe::tests;
using namespace bitlathe::ui;

class TestHistoryPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup()
    {
        m_page.reset();
        m_session.reset();
    }
    void searchesAllWords();
    void tagsAreEditedAndTakenBack();
    void removesByKeyAndTakesBack();
    void showsWhereSettingsDiffer();
    void comparesTheSelected();
    void usesARecipeAgain();

private:
    QTableView* table(const char* name) const
    {
        for (auto* one : m_page->findChildren<QTableView*>()) {
            if (one->accessibleName() == QLatin1String(name)) {
                return one;
            }
        }
        return nullptr;
    }
    QAction* action(const char* id) const { return m_page->findChild<QAction*>(QLatin1String(id)); }

    Theme m_theme;
    std::unique_ptr<TempFolder> m_folder;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<HistoryPage> m_page;
    QTableView* m_runs = nullptr;
};

void TestHistoryPage::init()
{
    m_folder = std::make_unique<TempFolder>();
    qputenv("XDG_CACHE_HOME", QByteArray::fromStdString((*m_folder / "cache").string()));
    qputenv("XDG_DATA_HOME", QByteArray::fromStdString((*m_folder / "data").string()));
    m_session = std::make_unique<Session>();
    for (const int bits : {8, 4, 3}) {
        plan::Recipe recipe;
        recipe.model = *resource("demo/model");
        recipe.method = bits == 3 ? "gptq" : "rtn";
        recipe.scheme.bits = bits;
        recipe.exportTo.out = *m_folder / std::to_string(bits);
        const auto id = m_session->history().begin(recipe);
        QVERIFY(id && m_session->history().end(*id, run::RunState::Done, nullptr, ""));
    }
    m_page = std::make_unique<HistoryPage>(*m_session);
    m_page->resize(1200, 800);
    m_page->show();
    m_runs = table("Runs");
    QTRY_COMPARE(m_runs->model()->rowCount(), 3);
}

void TestHistoryPage::searchesAllWords()
{
    auto* filter = m_page->findChild<QLineEdit*>();
    m_page->focusFilter();
    QTest::keyClicks(filter, QStringLiteral("RTN 4-bit"));
    QCOMPARE(m_runs->model()->rowCount(), 1);
    filter->clear();
    QTest::keyClicks(filter, QStringLiteral("gptq 4-bit"));
    QCOMPARE(m_runs->model()->rowCount(), 0);
    filter->clear();
    QCOMPARE(m_runs->model()->rowCount(), 3);
}

void TestHistoryPage::tagsAreEditedAndTakenBack()
{
    const QModelIndex tags = m_runs->model()->index(0, HistoryModel::Tags);
    m_runs->setCurrentIndex(tags);
    m_runs->edit(tags);
    auto* editor = m_runs->viewport()->findChild<QLineEdit*>();
    QVERIFY(editor != nullptr);
    QTest::keyClicks(editor, QStringLiteral(" small,keep ;small"));
    QTest::keyClick(editor, Qt::Key_Enter);
    QTRY_COMPARE(m_runs->model()->index(0, HistoryModel::Tags).data().toString(), QStringLiteral("small, keep"));
    QTRY_COMPARE(m_session->history().entries()->front().tags, std::string("small, keep"));
    QTest::keyClicks(m_page->findChild<QLineEdit*>(), QStringLiteral("keep"));
    QTRY_COMPARE(m_runs->model()->rowCount(), 1); // Tags are searched, too.
    m_session->undoStack()->undo();
    QTRY_COMPARE(m_session->history().entries()->front().tags, std::string());
    m_session->undoStack()->redo();
    QTRY_COMPARE(m_session->history().entries()->front().tags, std::string("small, keep"));
    // Two edits, one right after the other: both are kept.
    m_page->findChild<QLineEdit*>()->clear();
    m_runs->model()->setData(m_runs->model()->index(1, HistoryModel::Note), QStringLiteral("one"));
    m_runs->model()->setData(m_runs->model()->index(2, HistoryModel::Note), QStringLiteral("two"));
    QTRY_COMPARE(m_session->history().entries()->at(2).note, std::string("two"));
    QCOMPARE(m_session->history().entries()->at(1).note, std::string("one"));
}

void TestHistoryPage::removesByKeyAndTakesBack()
{
    m_runs->setFocus();
    m_runs->selectRow(0);
    m_runs->selectionModel()->select(m_runs->model()->index(1, 0),
                                     QItemSelectionModel::Select | QItemSelectionModel::Rows);
    QVERIFY(action("removeRun")->isEnabled());
    QTest::keyClick(m_runs, Qt::Key_Delete);
    QTRY_COMPARE(m_runs->model()->rowCount(), 1);
    QVERIFY(!action("removeRun")->isEnabled());
    m_session->undoStack()->undo();
    QTRY_COMPARE(m_runs->model()->rowCount(), 3);
    m_session->undoStack()->redo();
    QTRY_COMPARE(m_runs->model()->rowCount(), 1);
}

void TestHistoryPage::showsWhereSettingsDiffer()
{
    QTableView* settings = table("Settings of the selected runs");
    QVERIFY(settings != nullptr);
    m_runs->selectRow(0); // The newest: gptq, 3 bits.
    QTRY_VERIFY(settings->model()->rowCount() > 10);
    const auto row = [settings](const QString& name) {
        QStringList values;
        for (int i = 0; i < settings->model()->rowCount(); ++i) {
            if (settings->model()->index(i, 0).data().toString() == name) {
                for (int column = 1; column < settings->model()->columnCount(); ++column) {
                    values << settings->model()->index(i, column).data().toString();
                }
            }
        }
        return values;
    };
    QCOMPARE(row(QStringLiteral("method")), QStringList{QStringLiteral("gptq")});
    m_runs->selectRow(2);
    m_runs->selectionModel()->select(m_runs->model()->index(1, 0),
                                     QItemSelectionModel::Select | QItemSelectionModel::Rows);
    QTRY_COMPARE(settings->model()->columnCount(), 3);
    QVERIFY(row(QStringLiteral("method")).isEmpty()); // Both are rtn.
    QStringList bits = row(QStringLiteral("scheme.bits"));
    bits.sort();
    QCOMPARE(bits, (QStringList{QStringLiteral("4"), QStringLiteral("8")}));
}

void TestHistoryPage::comparesTheSelected()
{
    QStringList asked;
    connect(m_page.get(), &Page::compareRequested, this, [&asked](const QStringList& folders) { asked = folders; });
    m_runs->selectAll();
    action("compareRuns")->trigger();
    QCOMPARE(asked.size(), 3);
}

void TestHistoryPage::usesARecipeAgain()
{
    m_runs->selectRow(0);
    action("useRecipe")->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(m_session->model() != nullptr, kJobMs);
    QCOMPARE(m_session->recipe().scheme.bits, 3);
    QCOMPARE(m_session->recipe().method, std::string("gptq"));
}

QTEST_MAIN(TestHistoryPage)
#include "tst_historypage.moc"
