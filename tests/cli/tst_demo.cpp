// SPDX-License-Identifier: Apache-2.0
// The demo end to end.
#include "cli/program.h"
#include "core/base/file.h"
#include "support/jsonschema.h"

using namespace bitlathe;
using namespace bitlathe::tests;
namespace fs = std::filesystem;

class TestDemo : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void printsTheTableAndWritesEverything()
    {
        const TempFolder folder;
        const QStringList arguments = {"demo", "--out", text(folder / "demo"), "--windows", "2"};
        const Outcome outcome = m_program.run(arguments);
        BITLATHE_VERIFY_EXIT(outcome, 0);
        for (const char* part : {"demo-llama ", "demo-llama-int8", "demo-llama-int4-g128", "Perplexity", "±",
                                 "report.html", "report.json"}) {
            QVERIFY2(outcome.out.find(part) != std::string::npos, part);
        }
        QVERIFY(readFile(folder / "demo/report.html")->find("Activation outliers</h2>") != std::string::npos);
        const auto report = readJson(folder / "demo/report.json");
        BITLATHE_VERIFY_OK(report);
        const auto schema = readJson(BITLATHE_SOURCE_DIR "/resources/schemas/report.schema.json");
        BITLATHE_VERIFY_OK(schema);
        QCOMPARE(schemaViolation(*report, *schema), std::string());
        QCOMPARE((*report)["runs"].size(), std::size_t(2));
        for (const char* name : {"demo-llama-int8", "demo-llama-int4-g128"}) {
            BITLATHE_VERIFY_EXIT(m_program.run({"verify", text(folder / "demo" / name)}), 0);
        }
        // Again, over the first.
        const Outcome again = m_program.json(arguments);
        BITLATHE_VERIFY_EXIT(again, 0);
        const Json models = again.document()["models"];
        QCOMPARE(models.size(), std::size_t(3));
        const double base = models[0]["perplexity"];
        QVERIFY(std::abs(models[1]["perplexity"].get<double>() / base - 1) < 0.005);
        QVERIFY(models[2]["perplexity"].get<double>() > base);
        QVERIFY(models[2]["kl_mean"].get<double>() > models[1]["kl_mean"].get<double>());
        QVERIFY(fs::exists(again.document()["report"].get<std::string>()));
    }

    void standardPlaceIsTheDataFolder()
    {
        const Outcome outcome = m_program.json({"demo", "--windows", "1"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const std::string home = m_program.environment().value("XDG_DATA_HOME").toStdString();
        QVERIFY(outcome.document()["out"].get<std::string>().starts_with(home));
    }

    void missingResourcesAreNamed()
    {
        QProcess process;
        QProcessEnvironment environment = m_program.environment();
        environment.insert("BITLATHE_RESOURCES", "/nowhere");
        process.setProcessEnvironment(environment);
        process.start(BITLATHE_CLI, {"demo"});
        const Outcome outcome = Program::finish(process);
        BITLATHE_VERIFY_EXIT(outcome, 3);
        QVERIFY(outcome.err.find("/nowhere/demo/model") != std::string::npos);
    }

private:
    Program m_program;
};

QTEST_GUILESS_MAIN(TestDemo)
#include "tst_demo.moc"
