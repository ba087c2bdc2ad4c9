// SPDX-License-Identifier: Apache-2.0
// The Try page driven as a person would: several models, marks, probabilities, a conversation, stopping.
#include "tests/support/pagetest.h"
#include "ui/pages/answerview.h"
#include "ui/pages/completioncolumn.h"
#include "ui/pages/trypage.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QCheckBox>
#include <QHelpEvent>
#include <QPlainTextEdit>
#include <QSettings>
#include <QSpinBox>
#include <QSplitter>
#include <QTest>
#include <QToolTip>

using namespace bitlathe;
using namespace bitlathe::tests;
using namespace bitlathe::ui;

class TestTryPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_session = sessionWithDemo(m_folder);
        QVERIFY(m_session != nullptr);
        plan::Recipe recipe = m_session->recipe();
        recipe.scheme.bits = 2;
        recipe.scheme.groupSize = 64;
        recipe.exportTo.format = "dense";
        recipe.exportTo.out = m_folder / "int2";
        QSignalSpy done(m_session.get(), &Session::runChanged);
        m_session->startRun(recipe);
        QVERIFY(done.wait(kJobMs));
    }

    void init()
    {
        m_page = std::make_unique<TryPage>(*m_session);
        m_page->resize(1280, 800);
        m_page->show();
        fieldOf<QSpinBox>(*m_page, QStringLiteral("New tokens"))->setValue(12);
    }
    void cleanup() { m_page.reset(); }
    void cleanupTestCase() { m_session.reset(); }

    void modelsThatDifferAreMarked()
    {
        QCOMPARE(columns().size(), 2);
        QCOMPARE(columns()[0]->name(), QStringLiteral("demo-llama"));
        QCOMPARE(columns()[1]->name(), QStringLiteral("int2"));
        generate();
        const QList<AnswerView*> answers{answerOf(0), answerOf(1)};
        QCOMPARE(answers[0]->tokens().size(), 12);
        QVERIFY(answers[0]->toPlainText() != answers[1]->toPlainText());
        QVERIFY(isMarkedSomewhere(*answers[0]) && isMarkedSomewhere(*answers[1]));
        QVERIFY(labelText(*m_page, QStringLiteral("Where completions differ")).contains(QStringLiteral("int2 agrees")));
        QVERIFY(says(*columns()[1], QStringLiteral("tokens/s")));
        QVERIFY(says(*columns()[1], QStringLiteral("of weights")));
        QVERIFY(m_page->commandLine().contains(QStringLiteral("--max-new-tokens 12")));
    }

    void equalModelsAreNotMarked()
    {
        columns()[1]->addFolder(columns()[0]->folder(), true);
        generate();
        const QList<AnswerView*> answers{answerOf(0), answerOf(1)};
        QCOMPARE(answers[0]->toPlainText(), answers[1]->toPlainText());
        QVERIFY(!isMarkedSomewhere(*answers[0]) && !isMarkedSomewhere(*answers[1]));
        QVERIFY(
            labelText(*m_page, QStringLiteral("Where completions differ")).contains(QStringLiteral("writes the same")));
    }

    void tokensTellTheirProbability()
    {
        generate();
        AnswerView* answer = answerOf(0);
        const QString tip = answer->tipAt(1);
        QVERIFY2(tip.contains(QLatin1Char('%')), qPrintable(tip));
        QCOMPARE(tip.count(QLatin1Char('\n')), 5); // Itself and five likely ones.
        QVERIFY(answer->tipAt(1 << 20).isEmpty());
        // By the pointer,
        const QPoint inside = answer->cursorRect(QTextCursor(answer->document())).center() + QPoint(4, 0);
        QHelpEvent help(QEvent::ToolTip, inside, answer->viewport()->mapToGlobal(inside));
        QCoreApplication::sendEvent(answer->viewport(), &help);
        QTRY_VERIFY(QToolTip::text().contains(QLatin1Char('%')));
        QToolTip::hideText();
        // and by the keyboard.
        answer->setFocus();
        QSignalSpy pointed(answer, &AnswerView::tokenPointed);
        QTest::keyClick(answer, Qt::Key_Home, Qt::ControlModifier);
        QTest::keyClick(answer, Qt::Key_Right);
        QVERIFY(!pointed.isEmpty() && pointed.last()[0].toString().contains(QLatin1Char('%')));
    }

    void upToFourModels()
    {
        action(QStringLiteral("Add a model"))->trigger();
        action(QStringLiteral("Add a model"))->trigger();
        QCOMPARE(columns().size(), 4);
        QVERIFY(!action(QStringLiteral("Add a model"))->isEnabled());
        QVERIFY(columns()[3]->folders().size() >= 2);
        columns()[2]->addFolder(columns()[0]->folder(), true);
        columns()[3]->addFolder(columns()[1]->folder(), true);
        generate();
        QCOMPARE(columns()[2]->ids(), columns()[0]->ids());
        QCOMPARE(columns()[3]->ids(), columns()[1]->ids());
        for (int left = 3; left >= 1; --left) {
            action(QStringLiteral("Remove the last model"))->trigger();
            QCOMPARE(columns().size(), left);
        }
        QVERIFY(!action(QStringLiteral("Remove the last model"))->isEnabled());
    }

    void conversationsGoOn()
    {
        auto* chat = m_page->findChild<QCheckBox*>();
        chat->setChecked(true);
        auto* message = fieldOf<QPlainTextEdit>(*m_page, QStringLiteral("Message"));
        QVERIFY(message != nullptr);
        message->setPlainText(QStringLiteral("Hello there"));
        generate();
        QVERIFY(message->toPlainText().isEmpty());
        const AnswerView* answer = answerOf(0);
        const QString first = answer->toPlainText();
        QVERIFY(first.startsWith(QStringLiteral("Hello there\n")));
        message->setPlainText(QStringLiteral("And then?"));
        generate();
        QVERIFY(answer->toPlainText().startsWith(first));
        QVERIFY(answer->toPlainText().contains(QStringLiteral("And then?")));
        QCOMPARE(answer->tokens().size(), 12); // Of the newest answer.
        action(QStringLiteral("New conversation"))->trigger();
        QVERIFY(answer->toPlainText().isEmpty());
        message->setPlainText(QStringLiteral("Hello there"));
        generate();
        QCOMPARE(answer->toPlainText(), first); // Nothing of the old one is left.
    }

    void stoppingKeepsWhatIsThere()
    {
        fieldOf<QSpinBox>(*m_page, QStringLiteral("New tokens"))->setValue(4096);
        m_page->primaryAction()->trigger();
        QVERIFY(m_page->isBusy());
        AnswerView* answer = answerOf(0);
        QTRY_VERIFY_WITH_TIMEOUT(!answer->tokens().isEmpty(), kJobMs);
        action(QStringLiteral("Stop"))->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!m_page->isBusy(), kJobMs);
        QVERIFY(!answer->tokens().isEmpty() && answer->tokens().size() < 4096);
        QVERIFY(!answer->toPlainText().isEmpty());
    }

    void remembers()
    {
        QSettings settings(fromPath(m_folder / "settings.ini"), QSettings::IniFormat);
        action(QStringLiteral("Add a model"))->trigger();
        fieldOf<QSpinBox>(*m_page, QStringLiteral("Top k"))->setValue(40);
        m_page->findChild<QCheckBox*>()->setChecked(true);
        m_page->saveState(settings);
        m_page = std::make_unique<TryPage>(*m_session);
        m_page->restoreState(settings);
        QCOMPARE(columns().size(), 3);
        QVERIFY(m_page->commandLine().contains(QStringLiteral("--top-k 40")));
        QVERIFY(m_page->commandLine().contains(QStringLiteral("--chat")));
    }

private:
    /// From left to right.
    QList<CompletionColumn*> columns() const
    {
        const auto* splitter = m_page->findChild<QSplitter*>();
        QList<CompletionColumn*> all;
        for (int i = 0; i < splitter->count(); ++i) {
            all << qobject_cast<CompletionColumn*>(splitter->widget(i));
        }
        return all;
    }
    AnswerView* answerOf(int column) const { return columns()[column]->findChild<AnswerView*>(); }
    QAction* action(const QString& text) const
    {
        const QList<QAction*> all = m_page->actions();
        const auto found = std::ranges::find(all, text, &QAction::text);
        return found == all.end() ? nullptr : *found;
    }
    void generate()
    {
        m_page->primaryAction()->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!m_page->isBusy(), kJobMs);
    }
    static bool isMarkedSomewhere(const AnswerView& answer)
    {
        QTextCursor cursor(answer.document());
        while (!cursor.atEnd()) {
            cursor.movePosition(QTextCursor::NextCharacter);
            if (cursor.charFormat().fontUnderline()) {
                return true;
            }
        }
        return false;
    }

    Theme m_theme; // The one instance, which outlives the page.
    TempFolder m_folder;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<TryPage> m_page;
};

QTEST_MAIN(TestTryPage)
#include "tst_trypage.moc"
