// SPDX-License-Identifier: Apache-2.0
// Tests first starts of bitlathe-cli: without a home, with one that can't be written, as another user, without network.
#include "cli/program.h"
#include "support/firststart.h"

using namespace bitlathe;
using namespace bitlathe::tests;

class TestFirstStart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void quantizesAndSaysWhatItCannotKeep_data() { addSurroundings(); }
    void quantizesAndSaysWhatItCannotKeep()
    {
        const TempFolder folder;
        const Surroundings surroundings = surroundingsOf(QString::fromUtf8(QTest::currentDataTag()), homeOf(folder));
        BITLATHE_NEED_SURROUNDINGS(surroundings, QStringLiteral(BITLATHE_CLI));

        QProcess version;
        startIn(surroundings, version, QStringLiteral(BITLATHE_CLI), {"--version"});
        BITLATHE_VERIFY_EXIT(Program::finish(version), 0);

        QProcess quantize;
        startIn(surroundings, quantize, QStringLiteral(BITLATHE_CLI),
                {"quantize", text(demoModel()), "--method", "rtn", "--bits", "4", "--group-size", "128", "--out",
                 text(folder / "out"), "--json"});
        const Outcome outcome = Program::finish(quantize);
        BITLATHE_VERIFY_EXIT(outcome, 0);
        QCOMPARE(outcome.document()["out"].get<std::string>(), (folder / "out").string());
        QVERIFY(std::filesystem::exists(folder / "out" / "model.safetensors"));
        const bool said = outcome.err.find("note: ") != std::string::npos &&
                          (outcome.err.find("not kept") != std::string::npos ||
                           outcome.err.find("temporary files") != std::string::npos);
        QVERIFY2(said == !surroundings.keeps, outcome.all().c_str());
    }

    void platformOfTheWindowDoesNotMatter()
    {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("QT_QPA_PLATFORM", "nonsense");
        process.setProcessEnvironment(environment);
        process.start(BITLATHE_CLI, {"--version"});
        BITLATHE_VERIFY_EXIT(Program::finish(process), 0);
    }
};

QTEST_GUILESS_MAIN(TestFirstStart)
#include "tst_firststart.moc"
