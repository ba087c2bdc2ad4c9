// SPDX-License-Identifier: Apache-2.0
// sensitivity and search, end to end: documents, a recipe that runs, and what is asked for wrongly.
#include "cli/program.h"
#include "core/base/file.h"

using namespace bitlathe;
using namespace bitlathe::tests;

class TestSearch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sensitivityListsLayers()
    {
        const Outcome outcome = m_program.json(sensible("sensitivity") + QStringList{"--bits", "4,8"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json document = outcome.document();
        QCOMPARE(document["layers"].size(), std::size_t(56));
        QCOMPARE(document["anchors"].size(), std::size_t(1));
        double before = 1e9;
        for (const Json& layer : document["layers"]) {
            QCOMPARE(layer["schemes"].size(), std::size_t(2));
            const double kl = layer["schemes"][0]["kl"].get<double>();
            QVERIFY(kl <= before && kl > layer["schemes"][1]["kl"].get<double>());
            before = kl;
            QVERIFY(layer["schemes"][1]["measured_kl"].is_null());
        }
        QVERIFY(document["rank_correlation"].is_null());
    }

    /// The recipe makes the files that were promised.
    void searchGivesARecipe()
    {
        const TempFolder temp;
        const std::filesystem::path recipe = temp.path() / "r.yaml";
        const Outcome found =
            m_program.json(sensible("search") + QStringList{"--bits", "2,4,8", "--target-bits", "4.5", "--recipe-out",
                                                            text(recipe), "--out", text(temp.path() / "out")});
        BITLATHE_VERIFY_EXIT(found, 0);
        const Json document = found.document();
        const Json choice = document["choice"];
        QVERIFY2(choice["bits_per_weight"].get<double>() <= 4.5, found.out.c_str());
        QVERIFY(document["front"].size() > 10);
        QCOMPARE(document["layers"].size(), std::size_t(56));
        const Outcome run = m_program.json({"run", text(recipe)});
        BITLATHE_VERIFY_EXIT(run, 0);
        const Json made = run.document();
        QCOMPARE(made["bytes"].get<std::int64_t>(), choice["bytes"].get<std::int64_t>());
        for (std::size_t i = 0; i < made["layers"].size(); ++i) {
            QCOMPARE(made["layers"][i]["bits"].get<int>(), document["layers"][i]["bits"].get<int>());
            QCOMPARE(made["layers"][i]["group_size"].get<int>(), document["layers"][i]["group_size"].get<int>());
        }
    }

    void everyGoal_data()
    {
        QTest::addColumn<QStringList>("goal");
        QTest::addColumn<QString>("says");
        QTest::newRow("size") << QStringList{"--target-size", "8MB"} << "bits per weight";
        QTest::newRow("memory") << QStringList{"--target-memory", "16 MiB", "--context", "1k", "--batch", "2"}
                                << "bits per weight";
        QTest::newRow("perplexity") << QStringList{"--max-ppl-increase", "20%"} << "bits per weight";
        QTest::newRow("none") << QStringList{} << "KL divergence";
    }
    void everyGoal()
    {
        QFETCH(const QStringList, goal);
        QFETCH(const QString, says);
        const Outcome outcome = m_program.run(sensible("search") + QStringList{"--bits", "4,8"} + goal);
        BITLATHE_VERIFY_EXIT(outcome, 0);
        QVERIFY2(outcome.out.find(says.toStdString()) != std::string::npos, outcome.all().c_str());
    }

    void wrongGoals_data()
    {
        QTest::addColumn<QStringList>("goal");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        QTest::newRow("two") << QStringList{"--target-bits", "4", "--target-size", "3GB"} << 2 << "at most 1";
        QTest::newRow("context without memory")
            << QStringList{"--target-bits", "4", "--context", "8k"} << 2 << "--target-memory";
        QTest::newRow("no number") << QStringList{"--target-bits", "four"} << 3 << "a number above 0";
        QTest::newRow("below 0") << QStringList{"--target-bits", "-4"} << 3 << "a number above 0";
        QTest::newRow("unknown unit") << QStringList{"--target-size", "3 GBit"} << 3 << "such as 3.9GB or 4GiB";
        QTest::newRow("endless") << QStringList{"--target-size", "1e300"} << 3 << "such as 3.9GB or 4GiB";
        QTest::newRow("memory without context") << QStringList{"--target-memory", "6GB"} << 3 << "--context";
        QTest::newRow("share") << QStringList{"--max-ppl-increase", "little"} << 3 << "a share such as 1%";
        QTest::newRow("unknown program") << QStringList{"--target-bits", "4", "--consumer", "vlm"} << 2
                                         << "vLLM, SGLang, transformers";
        QTest::newRow("one width") << QStringList{"--target-bits", "4.2",          "--format", "awq",
                                                  "--asymmetric",  "--group-size", "64"}
                                   << 3 << "whose layers may have different schemes";
        QTest::newRow("scheme given") << QStringList{"--target-bits", "4.2", "--override", "*.up_proj=bits:8"} << 3
                                      << "PATTERN=keep";
        QTest::newRow("rounded inputs") << QStringList{"--target-bits", "4.2", "--activation-bits", "8"} << 3
                                        << "round weights only";
    }
    void wrongGoals()
    {
        QFETCH(const QStringList, goal);
        QFETCH(const int, code);
        QFETCH(const QString, says);
        const Outcome outcome = m_program.run(sensible("search") + goal);
        BITLATHE_VERIFY_EXIT(outcome, code);
        QVERIFY2(outcome.err.find(says.toStdString()) != std::string::npos, outcome.err.c_str());
        QCOMPARE(outcome.out, std::string());
    }

    void tooSmallSaysWhatCanBeReached()
    {
        const Outcome outcome = m_program.run(sensible("search") + QStringList{"--bits", "4,8", "--target-bits", "3"});
        BITLATHE_VERIFY_EXIT(outcome, 3);
        QVERIFY2(outcome.err.find("at least 4.125 bits per weight") != std::string::npos, outcome.err.c_str());
    }

private:
    /// Quickly enough.
    static QStringList sensible(const QString& command)
    {
        return {command, text(demoModel()), "--method", "rtn",         "--data", text(demoCalibration()), "--samples",
                "8",     "--length",        "64",       "--kl-tokens", "64",     "--group-size",          "128"};
    }

    Program m_program;
};

QTEST_GUILESS_MAIN(TestSearch)
#include "tst_search.moc"
