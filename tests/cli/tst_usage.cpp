// SPDX-License-Identifier: Apache-2.0
// Help, version and usage errors of bitlathe-cli.
#include "cli/program.h"

using namespace bitlathe;
using namespace bitlathe::tests;

class TestUsage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void helpNamesEveryCommand()
    {
        const Outcome outcome = m_program.run({"--help"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        for (const char* command :
             {"inspect",    "estimate", "calibrate", "quantize",  "perplexity", "logits",         "compare", "choice",
              "bench",      "generate", "chat",      "kv-params", "memory",     "tune",           "run",     "resume",
              "verify",     "report",   "tokenize",  "runs",      "demo",       "generate-model", "convert", "search",
              "sensitivity"}) {
            QVERIFY2(outcome.out.find(std::string("\n  ") + command + ' ') != std::string::npos, command);
            const Outcome help = m_program.run({command, "--help"});
            BITLATHE_VERIFY_EXIT(help, 0);
            QVERIFY2(help.out.find("--json") != std::string::npos, command);
        }
    }

    void versionTellsTheBuild()
    {
        const Outcome outcome = m_program.run({"--version"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        QVERIFY(outcome.out.starts_with("bitlathe-cli "));
        QVERIFY(outcome.out.find("build:") != std::string::npos);
    }

    void usageErrors_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("says");
        QTest::newRow("nothing") << QStringList{} << "subcommand is required";
        QTest::newRow("mistyped command") << QStringList{"quantise", "x"} << "Did you mean \"quantize\"";
        QTest::newRow("start of a command") << QStringList{"tok", "x"} << "Did you mean \"tokenize\"";
        QTest::newRow("mistyped option") << QStringList{"quantize", "x", "--out", "y", "--group-szie", "64"}
                                         << "Did you mean \"--group-size\"";
        QTest::newRow("no model") << QStringList{"inspect"} << "MODEL";
        QTest::newRow("no out") << QStringList{"quantize", "x"} << "--out";
        QTest::newRow("no text") << QStringList{"tokenize", "x"} << "--text, --file or --texts";
        QTest::newRow("no prompt") << QStringList{"generate", "x"} << "--prompt";
        QTest::newRow("bits are no number") << QStringList{"quantize", "x", "--out", "y", "--bits", "four"} << "--bits";
        QTest::newRow("compute is unknown")
            << QStringList{"perplexity", "x", "--data", "y", "--compute", "f64"} << "f64";
        QTest::newRow("window too short")
            << QStringList{"perplexity", "x", "--data", "y", "--length", "1"} << "--length";
        QTest::newRow("both ways") << QStringList{"quantize", "x", "--out", "y", "--symmetric", "--asymmetric"}
                                   << "--symmetric";
        QTest::newRow("unknown method") << QStringList{"quantize", text(demoModel()), "--out", "y", "--method", "rtm"}
                                        << "Perhaps \"rtn\" was meant";
        QTest::newRow("unknown format") << QStringList{"quantize", text(demoModel()), "--out", "y", "--format", "gguff"}
                                        << "compressed-tensors";
        QTest::newRow("unknown preset") << QStringList{"estimate", text(demoModel()), "--preset", "tiny"}
                                        << "best-4-bit";
        QTest::newRow("unknown shape") << QStringList{"generate-model", "--shape", "83m", "--out", "y"}
                                       << "Perhaps \"8";
        QTest::newRow("unknown layer") << QStringList{"tune", text(demoModel()), "--layer",
                                                      "model.layers.0.mlp.down_porj"}
                                       << "Perhaps \"model.layers.0.mlp.down_proj\" was meant";
    }
    void usageErrors()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, says);
        const Outcome outcome = m_program.run(arguments);
        BITLATHE_VERIFY_EXIT(outcome, 2);
        QVERIFY2(outcome.err.find(says.toStdString()) != std::string::npos, outcome.err.c_str());
        QCOMPARE(outcome.out, std::string());
        const Outcome json = m_program.json(arguments);
        BITLATHE_VERIFY_EXIT(json, 2);
        const Json document = json.document();
        QVERIFY2(document.is_object() && document.contains("error"), json.all().c_str());
        for (const char* key : {"code", "subject", "expected", "found", "advice"}) {
            QVERIFY2(document["error"].contains(key), key);
        }
    }

    void quietSaysOnlyTheResult()
    {
        const Outcome loud = m_program.run({"verify", text(demoModel())});
        BITLATHE_VERIFY_EXIT(loud, 0);
        QVERIFY(!loud.err.empty());
        const Outcome quiet = m_program.run({"verify", text(demoModel()), "--quiet"});
        BITLATHE_VERIFY_EXIT(quiet, 0);
        QCOMPARE(quiet.err, std::string());
        QCOMPARE(quiet.out, loud.out);
    }

private:
    Program m_program;
};

QTEST_GUILESS_MAIN(TestUsage)
#include "tst_usage.moc"
