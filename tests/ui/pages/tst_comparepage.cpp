// SPDX-License-Identifier: Apache-2.0
// The compare page driven as a person would: protocol, choice questions, what the table and the command line then say.
#include "tests/support/pagetest.h"
#include "ui/models/comparisonmodel.h"
#include "ui/models/differencemodel.h"
#include "ui/models/speedmodel.h"
#include "ui/models/tokenlossmodel.h"
#include "ui/pages/comparepage.h"
#include "ui/pages/differenceview.h"
#include "ui/pages/speedview.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTest>
#include <QTextBrowser>

#include <fstream>

using namespace bitlathe;
using namespace bitlathe::tests;
using namespace bitlathe::ui;

namespace
{

QString cell(const QTableView& table, ComparisonModel::Row row, int column)
{
    return table.model()->index(row, column).data().toString();
}

} // namespace

class TestComparePage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_session = sessionWithDemo(m_folder);
        QVERIFY(m_session != nullptr);
        std::ofstream(m_folder / "questions.jsonl")
            << R"({"question": "Which animal barks?", "A": "A dog", "B": "A fish", "answer": "A"})" << '\n'
            << R"({"question": "What is frozen water?", "A": "Sand", "B": "Ice", "answer": "B"})" << '\n'
            << R"({"question": "Without an answer", "A": "Sand", "B": "Ice"})" << '\n';
        std::ofstream(m_folder / "prompts.txt") << "The function returns\nA list of\n";
        std::ofstream(m_folder / "none.jsonl") << R"({"question": "Without options", "answer": "B"})" << '\n';
    }

    void protocolAndQuestions()
    {
        ComparePage page(*m_session);
        page.resize(1280, 800);
        page.show();
        prepare(page);
        auto* protocol = fieldOf<QComboBox>(page, QStringLiteral("Protocol"));
        auto* stride = fieldOf<QSpinBox>(page, QStringLiteral("Stride"));
        auto* length = fieldOf<QSpinBox>(page, QStringLiteral("Window length"));
        QVERIFY(!stride->isVisible());
        protocol->setFocus();
        QTest::keyClicks(protocol, QStringLiteral("l")); // llama.cpp
        QCOMPARE(protocol->currentText(), QStringLiteral("llama.cpp"));
        QCOMPARE(length->value(), 512);
        length->setValue(128);
        fieldOf<QLineEdit>(page, QStringLiteral("Choice questions"))->setText(fromPath(m_folder / "questions.jsonl"));
        QVERIFY(page.commandLine().contains(QStringLiteral("--protocol llama.cpp --length 128 --windows 2")));
        QVERIFY(
            page.commandLine().contains(QStringLiteral("--choice \"%1\"").arg(fromPath(m_folder / "questions.jsonl"))));
        page.primaryAction()->trigger();
        const QList<QTableView*> tables = page.findChildren<QTableView*>();
        const auto table = std::ranges::find_if(
            tables, [](const QTableView* one) { return qobject_cast<ComparisonModel*>(one->model()) != nullptr; });
        QVERIFY(table != tables.end());
        QTRY_VERIFY_WITH_TIMEOUT(m_session->comparison() && m_session->comparison()->models[0].choice, kJobMs);
        const auto& compared = m_session->comparison()->models[0];
        QCOMPARE(compared.perplexity.protocol.kind, evaluate::ProtocolKind::LlamaCpp);
        QCOMPARE(compared.choice->all.questions, 2); // The third has no answer.
        QVERIFY(!(*table)->isRowHidden(ComparisonModel::ChoiceAccuracy));
        QVERIFY(cell(**table, ComparisonModel::ChoiceAccuracy, 0).contains(QLatin1Char('%')));
        QVERIFY(std::ranges::any_of(page.findChildren<QLabel*>(), [](const QLabel* label) {
            return label->text().contains(QStringLiteral("as llama.cpp takes it")) &&
                   label->text().contains(QStringLiteral("questions"));
        }));
        protocol->setCurrentText(QStringLiteral("strided"));
        QVERIFY(stride->isVisible());
        stride->setValue(4096);
        QVERIFY(page.commandLine().contains(QStringLiteral("--protocol strided --length 128 --stride 128")));
    }

    /// Two models over two prompts: what each writes, and which tokens the second loses.
    void textsAndTokens()
    {
        plan::Recipe recipe = m_session->recipe();
        recipe.scheme.bits = 4;
        recipe.exportTo.out = m_folder / "int4";
        QSignalSpy done(m_session.get(), &Session::runChanged);
        m_session->startRun(recipe);
        QVERIFY(done.wait(kJobMs));
        ComparePage page(*m_session);
        page.resize(1280, 800);
        page.show();
        prepare(page);
        fieldOf<QLineEdit>(page, QStringLiteral("Prompts"))->setText(fromPath(m_folder / "prompts.txt"));
        QVERIFY(
            page.commandLine().contains(QStringLiteral("--prompts \"%1\"").arg(fromPath(m_folder / "prompts.txt"))));
        page.primaryAction()->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(m_session->comparison() && m_session->comparison()->models.size() == 2 &&
                                     m_session->comparison()->models[1].generation,
                                 kJobMs);
        const evaluate::ComparedModel& model = m_session->comparison()->models[1];
        QVERIFY(model.tokens);
        auto* tokens = page.findChild<TokenLossModel*>();
        QCOMPARE(tokens->rowCount(), static_cast<int>(model.tokens->worst.size()));
        QVERIFY(tokens->rowCount() > 0);
        QCOMPARE(tokens->index(0, TokenLossModel::Divergence).data(Qt::UserRole).toDouble(),
                 model.tokens->worst.front().kl);
        const auto* texts = page.findChild<QTextBrowser*>();
        QVERIFY(texts->toPlainText().contains(QStringLiteral("The function returns")) ||
                model.generation->agreement->examples.empty());
        QVERIFY(texts->toPlainText().contains(QString::fromStdString(model.name)));
    }

    void speed()
    {
        ComparePage page(*m_session);
        page.resize(1280, 800);
        page.show();
        auto* view = page.findChild<SpeedView*>();
        QVERIFY(view != nullptr);
        auto* measure = buttonOf(*view, QStringLiteral("Measure"));
        QVERIFY(measure != nullptr && measure->isEnabled());
        fieldOf<QLineEdit>(*view, QStringLiteral("Prompt lengths"))->setText(QStringLiteral("8, x"));
        QVERIFY(!measure->isEnabled() && !view->options());
        fieldOf<QLineEdit>(*view, QStringLiteral("Prompt lengths"))->setText(QStringLiteral(" 8 ,16"));
        fieldOf<QLineEdit>(*view, QStringLiteral("Contexts"))->setText(QStringLiteral("16"));
        fieldOf<QLineEdit>(*view, QStringLiteral("Batches"))->setText(QStringLiteral("1,2"));
        fieldOf<QSpinBox>(*view, QStringLiteral("Tokens each"))->setValue(2);
        fieldOf<QSpinBox>(*view, QStringLiteral("Repeats"))->setValue(3);
        QVERIFY(measure->isEnabled());
        QCOMPARE(view->options()->prompts, (std::vector<std::int64_t>{8, 16}));
        const int models = page.findChild<QListWidget*>()->count();
        QVERIFY(models >= 1);
        QSignalSpy done(m_session.get(), &Session::speedsChanged);
        measure->click();
        QVERIFY(done.wait(kJobMs));
        const auto* table = view->findChild<SpeedModel*>();
        QCOMPARE(table->rowCount(), 4 * models); // Two prompts, two batches.
        const evaluate::Repeats& rate = m_session->speeds()->front().throughput.decode[1].perSecond;
        QCOMPARE(table->index(3 * models, SpeedModel::PerSecond).data(Qt::UserRole).toDouble(), rate.median());
        QVERIFY(table->index(3 * models, SpeedModel::ToBase).data().toString().isEmpty());
        QVERIFY(says(*view, QStringLiteral("3")));
        // A page that is made later shows them, too.
        const ComparePage later(*m_session);
        QCOMPARE(later.findChild<SpeedModel*>()->rowCount(), 4 * models);
    }

    /// The second model of textsAndTokens() beside the first, layer by layer.
    void tensors()
    {
        ComparePage page(*m_session);
        page.resize(1280, 800);
        page.show();
        auto* view = page.findChild<DifferenceView*>();
        auto* folder = fieldOf<QComboBox>(*view, QStringLiteral("Folder"));
        QVERIFY(folder->findText(QStringLiteral("int4")) >= 0);
        folder->setCurrentIndex(folder->findText(QStringLiteral("int4")));
        QSignalSpy done(m_session.get(), &Session::differencesChanged);
        buttonOf(*view, QStringLiteral("Compare tensors"))->click();
        QVERIFY(done.wait(kJobMs));
        auto* table = view->findChild<QTableView*>();
        const QAbstractItemModel* rows = table->model();
        const auto& found = m_session->differences()->found;
        QCOMPARE(rows->rowCount(), static_cast<int>(found.tensors.size()));
        QVERIFY(found.equal > 0 && found.equal < static_cast<std::int64_t>(found.tensors.size()));
        // The largest differences first; equal tensors are called so, and stand last.
        const auto relative = [rows](int row) { return rows->index(row, DifferenceModel::Relative); };
        QVERIFY(relative(0).data(Qt::UserRole).toDouble() > 0.05);
        QCOMPARE(relative(rows->rowCount() - 1).data().toString(), QStringLiteral("equal"));
        table->selectRow(0);
        QCOMPARE(m_session->selectedLayerName(), rows->index(0, DifferenceModel::Name).data().toString());
        QVERIFY(says(*view, QStringLiteral("tensors are equal")));
    }

    void refusesQuestionsThatNobodyCanAnswer()
    {
        ComparePage page(*m_session);
        page.show();
        prepare(page);
        fieldOf<QLineEdit>(page, QStringLiteral("Choice questions"))->setText(fromPath(m_folder / "none.jsonl"));
        QSignalSpy failed(m_session.get(), &Session::failed);
        page.primaryAction()->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, kJobMs);
        QVERIFY(translated(failed[0][0].value<Error>()).contains(QStringLiteral("none.jsonl")));
    }

    void remembers()
    {
        QSettings settings(fromPath(m_folder / "settings.ini"), QSettings::IniFormat);
        {
            ComparePage page(*m_session);
            fieldOf<QComboBox>(page, QStringLiteral("Protocol"))->setCurrentText(QStringLiteral("strided"));
            fieldOf<QSpinBox>(page, QStringLiteral("Stride"))->setValue(77);
            fieldOf<QLineEdit>(page, QStringLiteral("Choice questions"))->setText(QStringLiteral("q.jsonl"));
            fieldOf<QComboBox>(page, QStringLiteral("Answers are chosen"))->setCurrentIndex(2);
            fieldOf<QSpinBox>(page, QStringLiteral("Examples before each"))->setValue(3);
            fieldOf<QLineEdit>(page, QStringLiteral("Prompts"))->setText(QStringLiteral("p.txt"));
            fieldOf<QSpinBox>(page, QStringLiteral("New tokens"))->setValue(24);
            fieldOf<QLineEdit>(page, QStringLiteral("Batches"))->setText(QStringLiteral("2, 8"));
            page.saveState(settings);
        }
        ComparePage page(*m_session);
        page.restoreState(settings);
        QCOMPARE(fieldOf<QComboBox>(page, QStringLiteral("Protocol"))->currentText(), QStringLiteral("strided"));
        QCOMPARE(fieldOf<QSpinBox>(page, QStringLiteral("Stride"))->value(), 77);
        QCOMPARE(fieldOf<QLineEdit>(page, QStringLiteral("Choice questions"))->text(), QStringLiteral("q.jsonl"));
        QVERIFY(page.commandLine().contains(
            QStringLiteral("--choice \"q.jsonl\" --choice-by text-per-byte --choice-shots 3")));
        QVERIFY(page.commandLine().contains(QStringLiteral("--prompts \"p.txt\" --new-tokens 24")));
        QCOMPARE(page.findChild<SpeedView*>()->options()->batches, (std::vector<std::int64_t>{2, 8}));
    }

    void cleanupTestCase() { m_session.reset(); }

private:
    void prepare(ComparePage& page)
    {
        fieldOf<QLineEdit>(page, QStringLiteral("Text"))->setText(fromPath(*resource("demo/text/evaluation.txt")));
        fieldOf<QSpinBox>(page, QStringLiteral("Window length"))->setValue(128);
        fieldOf<QSpinBox>(page, QStringLiteral("Windows"))->setValue(2);
    }

    Theme m_theme; // The one instance, which outlives the pages.
    TempFolder m_folder;
    std::unique_ptr<Session> m_session;
};

QTEST_MAIN(TestComparePage)
#include "tst_comparepage.moc"
