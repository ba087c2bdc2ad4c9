// SPDX-License-Identifier: Apache-2.0
// Tests that manual page and completions know every command and option that --help shows, and that shells take them.
#include "cli/program.h"
#include "support/usagetext.h"

using namespace bitlathe;
using namespace bitlathe::tests;

class TestCompletions : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const Outcome help = m_program.run({"--help"});
        BITLATHE_VERIFY_EXIT(help, 0);
        const QString text = QString::fromStdString(help.out);
        const auto commands =
            QRegularExpression(QStringLiteral("^  ([a-z][a-z-]+)  "), QRegularExpression::MultilineOption);
        for (const auto& match : commands.globalMatch(text.mid(text.indexOf(QLatin1String("Subcommands:"))))) {
            const QString command = match.captured(1);
            const Outcome shown = m_program.run({command, "--help"});
            BITLATHE_VERIFY_EXIT(shown, 0);
            m_options[command] = optionsInHelp(QString::fromStdString(shown.out));
            QVERIFY2(m_options[command].contains(QStringLiteral("--json")), qPrintable(command));
        }
        QVERIFY(m_options.size() > 20);
        m_manual = QString::fromStdString(m_program.run({"manual"}).out);
        for (const QString& shell : shells()) {
            const Outcome script = m_program.run({"completions", shell});
            BITLATHE_VERIFY_EXIT(script, 0);
            m_scripts[shell] = QString::fromStdString(script.out);
        }
    }

    void manualTellsEveryOption()
    {
        const QString common = m_manual.section(QStringLiteral(".SH COMMANDS"), 0, 0);
        for (auto it = m_options.cbegin(); it != m_options.cend(); ++it) {
            const QString section = m_manual.section(QStringLiteral(".SS %1\n").arg(asRoff(it.key())), 1, 1)
                                        .section(QStringLiteral("\n.S"), 0, 0);
            QVERIFY2(!section.isEmpty(), qPrintable(it.key()));
            for (const QString& option : it.value()) {
                const QString shown = QStringLiteral("\\fB%1\\fR").arg(asRoff(option));
                QVERIFY2(section.contains(shown) || common.contains(shown), qPrintable(it.key() + u' ' + option));
            }
        }
    }

    void bashCompletesEveryOption()
    {
        for (auto it = m_options.cbegin(); it != m_options.cend(); ++it) {
            const QStringList found = completedByBash({it.key(), QStringLiteral("-")});
            for (const QString& option : it.value()) {
                QVERIFY2(found.contains(option), qPrintable(it.key() + u' ' + option));
            }
        }
    }

    void bashCompletesCommandsAndValues()
    {
        QCOMPARE(completedByBash({QStringLiteral("quant")}), QStringList{QStringLiteral("quantize")});
        QCOMPARE(completedByBash({QStringLiteral("-q"), QStringLiteral("insp")}),
                 QStringList{QStringLiteral("inspect")});
        QCOMPARE(completedByBash({QStringLiteral("perplexity"), QStringLiteral("--compute"), QStringLiteral("b")}),
                 QStringList{QStringLiteral("bf16")});
        QCOMPARE(completedByBash({QStringLiteral("perplexity"), QStringLiteral("--compute"), QStringLiteral("="),
                                  QStringLiteral("f")}),
                 QStringList{QStringLiteral("f32")});
        // A value that is free is left to the shell, which offers files.
        QCOMPARE(completedByBash({QStringLiteral("quantize"), QStringLiteral("--out"), QStringLiteral("")}),
                 QStringList());
    }

    void otherShellsKnowEveryOption_data() { addShells(); }
    void otherShellsKnowEveryOption()
    {
        QFETCH(QString, shell);
        for (auto it = m_options.cbegin(); it != m_options.cend(); ++it) {
            const QStringList missing = notIn(m_scripts[shell], shell, it.key(), it.value());
            QVERIFY2(missing.isEmpty(), qPrintable(it.key() + u' ' + missing.join(u' ')));
        }
    }

    void shellsReadTheScripts_data() { addShells(); }
    void shellsReadTheScripts()
    {
        QFETCH(QString, shell);
        checkSyntax(shell, m_scripts[shell]);
    }

    void unknownShellIsRefused()
    {
        const Outcome outcome = m_program.run({"completions", "tcsh"});
        BITLATHE_VERIFY_EXIT(outcome, 2);
        QVERIFY(outcome.err.find("zsh") != std::string::npos);
    }

private:
    static void addShells()
    {
        QTest::addColumn<QString>("shell");
        for (const QString& shell : shells()) {
            QTest::newRow(qPrintable(shell)) << shell;
        }
    }

    QStringList completedByBash(const QStringList& words) const
    {
        return bashOffers(m_scripts[QStringLiteral("bash")], QStringLiteral("bitlathe-cli"), words);
    }

    Program m_program;
    QMap<QString, QStringList> m_options; ///< By command, as its --help shows them.
    QMap<QString, QString> m_scripts;     ///< By shell.
    QString m_manual;
};

QTEST_GUILESS_MAIN(TestCompletions)
#include "tst_completions.moc"
