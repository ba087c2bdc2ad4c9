// SPDX-License-Identifier: Apache-2.0
// The commands of the user guide run, in its order, on the demo model; its tables of options say what --help says.
#include "cli/program.h"
#include "core/quant/quantizer.h"
#include "support/guidefiles.h"

#include <QFileInfo>
#include <QTest>

#include <filesystem>

using namespace bitlathe;
using namespace bitlathe::tests;

namespace
{

const QString kEnglish = QStringLiteral("en");
constexpr int kBlockMs = 240'000; ///< Each takes seconds; room for a busy machine.

} // namespace

class TestGuide : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// Every block marked sh, as a shell runs it in one folder that holds "demo" and nothing else.
    void commandsRun()
    {
        const TempFolder folder;
        std::filesystem::create_directory_symlink(BITLATHE_SOURCE_DIR "/resources/demo", folder / "demo");
        QProcessEnvironment environment = m_program.environment();
        environment.insert("PATH", QFileInfo(BITLATHE_CLI).path() + ':' + environment.value("PATH"));
        int run = 0;
        for (const QString& id : guideIds(kEnglish)) {
            for (const QString& block : guideBlocks(guideText(kEnglish, id), QStringLiteral("sh"))) {
                QProcess shell;
                shell.setProcessEnvironment(environment);
                shell.setWorkingDirectory(text(folder.path()));
                shell.start("/bin/sh", {"-e", "-c", block});
                shell.waitForStarted();
                const Outcome outcome = Program::finish(shell, kBlockMs);
                QVERIFY2(outcome.code == 0, qPrintable(id + ".md:\n" + block + QString::fromStdString(outcome.all())));
                ++run;
            }
        }
        QVERIFY(run >= 25);
    }

    /// Pages of methods: each option is one of quantize, and its standard is that of --help.
    void optionsAreThoseOfTheProgram()
    {
        const QString help = QString::fromStdString(m_program.run({"quantize", "--help"}).out);
        static const QRegularExpression row(QStringLiteral("^\\| `(--[a-z0-9-]+)` \\| (`([^`]+)`)? ?\\|"),
                                            QRegularExpression::MultilineOption);
        int checked = 0;
        for (const quant::Quantizer* method : quant::quantizers()) {
            const QString id = QString::fromUtf8(method->name().data(), qsizetype(method->name().size()));
            auto rows = row.globalMatch(guideText(kEnglish, id));
            QVERIFY2(rows.hasNext(), qPrintable(id));
            while (rows.hasNext()) {
                const QRegularExpressionMatch match = rows.next();
                const QString option = match.captured(1);
                // "  --grid INT=20  ...", "  --duo-scaling,--no-duo-scaling{false}"
                const QRegularExpression line(
                    QStringLiteral("^  (?:\\S*,)?%1(?:[,{ ][^=\\n]*)?(?:=(\\S+))?").arg(option),
                    QRegularExpression::MultilineOption);
                const QRegularExpressionMatch found = line.match(help);
                QVERIFY2(found.hasMatch(), qPrintable(id + ": " + option));
                if (!match.captured(3).isEmpty()) {
                    QVERIFY2(found.captured(1) == match.captured(3),
                             qPrintable(id + ": " + option + " is " + found.captured(1) + " in --help"));
                    ++checked;
                }
            }
        }
        QVERIFY(checked > 15);
    }

private:
    Program m_program;
};

QTEST_GUILESS_MAIN(TestGuide)
#include "tst_guide.moc"
