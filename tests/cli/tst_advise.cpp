// SPDX-License-Identifier: Apache-2.0
// advise and memory, end to end: documents, a recipe that can be planned, and what is asked for wrongly.
#include "cli/program.h"

#include <QTest>

#include <fstream>

using namespace bitlathe;
using namespace bitlathe::tests;

class TestAdvise : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void optionsHaveReasons()
    {
        const Outcome outcome = m_program.json({"advise", text(demoModel()), "--vram", "8GB", "--context", "1k"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json& document = outcome.document();
        QVERIFY(!document["options"].empty());
        for (const Json& option : document["options"]) {
            QVERIFY(option["reasons"].size() > 2);
            QVERIFY(option["bytes"]["total"].get<double>() <= option["bytes"]["usable"].get<double>());
            QCOMPARE(option["device"].get<std::string>(), std::string("gpu"));
        }
        const Outcome shown = m_program.run({"advise", text(demoModel()), "--no-gpu", "--context", "1k"});
        BITLATHE_VERIFY_EXIT(shown, 0);
        QVERIFY(shown.out.find("on the processor") != std::string::npos);
    }

    void recipesCanBePlanned()
    {
        const TempFolder temp;
        const QString recipe = text(temp / "r.yaml");
        const Outcome outcome =
            m_program.run({"advise", text(demoModel()), "--no-gpu", "--ram", "1GB", "--use", "edge", "--quality",
                           "small", "--context", "1k", "--recipe", recipe, "--data", text(demoCalibration())});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Outcome estimate = m_program.json({"estimate", recipe});
        BITLATHE_VERIFY_EXIT(estimate, 0);
        QVERIFY(estimate.document()["bits_per_weight"].get<double>() < 9);
    }

    void askedWrongly()
    {
        const QString model = text(demoModel());
        BITLATHE_VERIFY_EXIT(m_program.run({"advise", model, "--vram", "8GB", "--no-gpu"}), 2);
        BITLATHE_VERIFY_EXIT(m_program.run({"advise", model, "--capability", "8.6"}), 2);
        BITLATHE_VERIFY_EXIT(m_program.run({"advise", model, "--use", "boat"}), 2);
        const Outcome unknown =
            m_program.run({"advise", model, "--vram", "8GB", "--context", "1k", "--runtime", "vLM"});
        QVERIFY(unknown.code != 0);
        QVERIFY2(unknown.err.find("Perhaps \"vLLM\" was meant") != std::string::npos, unknown.err.c_str());
        const Outcome tooLong = m_program.run({"advise", model, "--vram", "800GB", "--context", "8k"});
        BITLATHE_VERIFY_EXIT(tooLong, 0);
        QVERIFY2(tooLong.out.find("was made for sequences of 2048 tokens") != std::string::npos, tooLong.out.c_str());
    }

    void damagedTable()
    {
        const TempFolder temp;
        std::ofstream(temp / "own.json") << R"({"version": 1, "runtimes": [{"name": "A", "colour": 1}]})";
        const Outcome outcome = m_program.run(
            {"advise", text(demoModel()), "--vram", "8GB", "--context", "1k", "--runtimes", text(temp / "own.json")});
        QCOMPARE(outcome.code, 3);
        QVERIFY2(outcome.err.find("own.json.runtimes[0]: expected one of the keys name,") != std::string::npos,
                 outcome.err.c_str());
        QVERIFY(outcome.err.find("\"colour\"") != std::string::npos);
    }

    void memoryInOtherBits()
    {
        const Outcome outcome = m_program.json({"memory", text(demoModel()), "--weights", "fp16,int4", "--batch", "2",
                                                "--context", "512", "--kv", "none,int8"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json& document = outcome.document();
        QCOMPARE(document["uses"].size(), std::size_t(4));
        QCOMPARE(document["uses"][0]["weights"].get<std::string>(), std::string("fp16"));
        QVERIFY(document["bytes_weights_as"]["int4"].get<double>() <
                document["bytes_weights_as"]["int8"].get<double>());
        QVERIFY(m_program.run({"memory", text(demoModel()), "--weights", "int7"}).code != 0);
    }

private:
    Program m_program;
};

QTEST_GUILESS_MAIN(TestAdvise)
#include "tst_advise.moc"
