// SPDX-License-Identifier: Apache-2.0
// Tests the window's program from outside: first starts in poor surroundings, clean ends, what it prints without a
// display.
#include "support/firststart.h"
#include "support/usagetext.h"

#include <QFile>

#include <csignal>

using namespace bitlathe;
using namespace bitlathe::tests;

namespace
{

const QString kProgram = QStringLiteral(BITLATHE_WINDOW);

/// Whether a process has a handler for SIGTERM, as the window has once it is built.
bool handlesTerm(qint64 pid)
{
    QFile status(QStringLiteral("/proc/%1/status").arg(pid));
    if (!status.open(QIODevice::ReadOnly)) {
        return false;
    }
    const QString caught =
        QString::fromUtf8(status.readAll()).section(QLatin1String("SigCgt:"), 1, 1).section(u'\n', 0, 0);
    return (caught.trimmed().toULongLong(nullptr, 16) & (1ULL << (SIGTERM - 1))) != 0;
}

struct Printed
{
    int code = -1;
    QString out;
    QString err;
};

Printed printedBy(const QStringList& arguments, const QString& platform = QStringLiteral("offscreen"))
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("QT_QPA_PLATFORM"), platform);
    environment.remove(QStringLiteral("DISPLAY"));
    process.setProcessEnvironment(environment);
    process.start(kProgram, arguments);
    Printed printed;
    if (process.waitForFinished(60'000) && process.exitStatus() == QProcess::NormalExit) {
        printed.code = process.exitCode();
    }
    process.kill();
    process.waitForFinished();
    printed.out = QString::fromUtf8(process.readAllStandardOutput());
    printed.err = QString::fromUtf8(process.readAllStandardError());
    return printed;
}

} // namespace

class TestProgram : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void startsAndEnds_data() { addSurroundings(); }
    void startsAndEnds()
    {
        const TempFolder folder;
        Surroundings surroundings = surroundingsOf(QString::fromUtf8(QTest::currentDataTag()), homeOf(folder));
        surroundings.environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
        BITLATHE_NEED_SURROUNDINGS(surroundings, kProgram);

        QProcess process;
        startIn(surroundings, process, kProgram, {QStringLiteral("--demo")});
        const bool ready = QTest::qWaitFor([&process] { return handlesTerm(process.processId()); }, 60'000);
        process.terminate();
        const bool ended = process.waitForFinished(60'000);
        const QString said = QString::fromUtf8(process.readAllStandardError());
        QVERIFY2(ready, qPrintable(said));
        QVERIFY2(ended, qPrintable(said));
        QVERIFY2(process.exitStatus() == QProcess::NormalExit, qPrintable(said));
        QCOMPARE(process.exitCode(), 0);
        const bool told = said.contains(QLatin1String("not kept")) || said.contains(QLatin1String("temporary files"));
        QVERIFY2(told == !surroundings.keeps, qPrintable(said));
    }

    void wrongPlatformIsExplained()
    {
        const Printed printed = printedBy({}, QStringLiteral("nonsense"));
        QCOMPARE(printed.code, 1);
        QVERIFY2(printed.err.contains(QLatin1String("no window can be opened")), qPrintable(printed.err));
        QVERIFY2(printed.err.contains(QLatin1String("nonsense")), qPrintable(printed.err));
    }

    void versionNeedsNoDisplay()
    {
        const Printed printed = printedBy({QStringLiteral("--version")}, QStringLiteral("nonsense"));
        QCOMPARE(printed.code, 0);
        QVERIFY2(printed.out.startsWith(QLatin1String("bitlathe ")), qPrintable(printed.out));
        for (const char* fact : {"build: ", "Qt " QT_VERSION_STR, "commit: ", "processor levels: ", "CUDA plug-in: "}) {
            QVERIFY2(printed.out.contains(QLatin1String(fact)), fact);
        }
    }

    void manualAndCompletionsKnowEveryOption()
    {
        const QStringList options = optionsInHelp(printedBy({QStringLiteral("--help")}).out);
        QVERIFY(options.contains(QStringLiteral("--screenshots")) && options.contains(QStringLiteral("-v")));
        const QString manual = printedBy({QStringLiteral("--manual")}, QStringLiteral("nonsense")).out;
        for (const QString& option : options) {
            if (option != QLatin1String("--help-all")) { // Qt's own, which shows what --help shows and options of Qt
                QVERIFY2(manual.contains(QStringLiteral("\\fB%1\\fR").arg(asRoff(option))), qPrintable(option));
            }
        }
        for (const QString& shell : shells()) {
            const QString script = printedBy({QStringLiteral("--completions"), shell}, QStringLiteral("nonsense")).out;
            QStringList missing = notIn(script, shell, {}, options);
            missing.removeAll(QStringLiteral("--help-all"));
            QVERIFY2(missing.isEmpty(), qPrintable(shell + u' ' + missing.join(u' ')));
        }
    }

    void bashCompletesValues()
    {
        const QString script = printedBy({QStringLiteral("--completions"), QStringLiteral("bash")}).out;
        QCOMPARE(bashOffers(script, QStringLiteral("bitlathe"), {QStringLiteral("--theme"), QStringLiteral("d")}),
                 QStringList{QStringLiteral("dark")});
        QCOMPARE(bashOffers(script, QStringLiteral("bitlathe"), {QStringLiteral("--scr")}),
                 QStringList{QStringLiteral("--screenshots")});
    }
};

QTEST_GUILESS_MAIN(TestProgram)
#include "tst_program.moc"
