// SPDX-License-Identifier: Apache-2.0
// Choice questions end to end: the document, the table, examples, and what is refused.
#include "cli/program.h"
#include "core/base/file.h"
#include "core/base/json.h"

#include <fstream>

using namespace bitlathe;
using namespace bitlathe::tests;
namespace fs = std::filesystem;

class TestChoiceCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        fs::create_directories(m_folder / "test");
        fs::create_directories(m_folder / "dev");
        std::ofstream(m_folder / "test/units_test.csv") << "How long is it?,one metre,blue,A\n"
                                                           "How heavy is it?,green,one gram,B\n"
                                                           "How old is it?,one year,red,Q\n";
        std::ofstream(m_folder / "test/law_test.csv") << "May I?,yes,no,B\n";
        std::ofstream(m_folder / "dev/units_dev.csv") << "How wide is it?,one metre,black,A\n";
        std::ofstream(m_folder / "dev/law_dev.csv") << "Must I?,yes,no,A\n";
    }

    void document()
    {
        const Outcome outcome = m_program.json({"choice", text(demoModel()), text(demoModel()), "--data",
                                                text(m_folder / "test"), "--by", "all", "--shots", "1"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json document = outcome.document();
        QCOMPARE(document["protocol"]["shots"].get<int>(), 1);
        QCOMPARE(document["models"].size(), std::size_t(2));
        for (const Json& model : document["models"]) {
            for (const char* key : {"path", "accuracy", "standard_error", "n", "by_subject", "interval", "scores"}) {
                QVERIFY2(model.contains(key), key);
            }
            QCOMPARE(model["n"].get<int>(), 3);
            QCOMPARE(model["by"].get<std::string>(), std::string("letter"));
            QCOMPARE(model["by_subject"]["units"]["n"].get<int>(), 2);
            QCOMPARE(model["by_subject"]["law"]["n"].get<int>(), 1);
            QCOMPARE(model["scores"].size(), std::size_t(3));
            QCOMPARE(model["accuracy"], model["scores"][0]["accuracy"]);
        }
        QVERIFY(document["models"][0]["against_base"].is_null());
        QCOMPARE(document["models"][1]["against_base"]["p"].get<double>(), 1.0);
        QCOMPARE(document["findings"].size(), std::size_t(1));
        QCOMPARE(document["findings"][0]["code"].get<std::string>(), std::string("choice-rows-skipped"));
    }

    void table()
    {
        const Outcome outcome =
            m_program.run({"choice", text(demoModel()), "--data", text(m_folder / "test"), "--by", "text"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        for (const char* part : {"95 % interval", "By subject, Text", "units", "law", "3 questions from", " to "}) {
            QVERIFY2(outcome.out.find(part) != std::string::npos, outcome.out.c_str());
        }
        QVERIFY2(outcome.err.find("units_test.csv:3") != std::string::npos, outcome.err.c_str());
    }

    void goldenAccuracies()
    {
        BITLATHE_NEED_SHARED();
        const fs::path golden = sharedFolder() / "golden/choice";
        const Outcome outcome = m_program.json(
            {"choice", text(demoModel()), "--data", text(golden / "questions.jsonl"), "--by", "all", "--threads", "2"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json scores = outcome.document()["models"][0]["scores"];
        const Json accuracy = (*readJson(golden / "golden.json"))["accuracy"];
        QCOMPARE(scores[0]["accuracy"], accuracy["letter"]);
        QCOMPARE(scores[1]["accuracy"], accuracy["text"]);
        QCOMPARE(scores[2]["accuracy"], accuracy["text_per_byte"]);
    }

    void besideAComparison()
    {
        const QStringList arguments = {"compare",
                                       text(demoModel()),
                                       text(demoModel()),
                                       "--data",
                                       text(demoText()),
                                       "--length",
                                       "64",
                                       "--windows",
                                       "1",
                                       "--kv",
                                       "int8-token",
                                       "--choice",
                                       text(m_folder / "test"),
                                       "--choice-by",
                                       "text"};
        const Outcome outcome = m_program.json(QStringList(arguments) << "--out" << text(m_folder / "c.html"));
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json document = outcome.document();
        QCOMPARE(document["choice_protocol"]["questions"].get<int>(), 3);
        QCOMPARE(document["models"].size(), std::size_t(4)); // Each plainly and with its cache.
        for (const Json& model : document["models"]) {
            QCOMPARE(model["choice"]["n"].get<int>(), 3);
            QCOMPARE(model["choice"]["by"].get<std::string>(), std::string("text"));
        }
        QVERIFY(document["models"][0]["choice"]["against_base"].is_null());
        QCOMPARE(document["models"][2]["choice"]["against_base"]["p"].get<double>(), 1.0);
        QVERIFY(readFile(m_folder / "c.html")->find("Questions right") != std::string::npos);
        const Outcome people = m_program.run(arguments);
        BITLATHE_VERIFY_EXIT(people, 0);
        QVERIFY2(people.out.find("Questions right") != std::string::npos, people.out.c_str());
        QVERIFY2(people.out.find("3 questions from") != std::string::npos, people.out.c_str());
    }

    /// What the windows gave stays where the questions cannot be asked.
    void windowsStayWithoutAnswers()
    {
        linkDemoModel(m_folder / "short");
        editConfig(m_folder / "short", "max_position_embeddings", 66);
        std::ofstream(m_folder / "long.csv")
            << "How " << QString("very ").repeated(80).toStdString() << "long is it?,one metre,blue,A\n";
        const QStringList arguments = {"compare",
                                       text(demoModel()),
                                       text(m_folder / "short"),
                                       "--data",
                                       text(demoText()),
                                       "--length",
                                       "64",
                                       "--windows",
                                       "2",
                                       "--choice",
                                       text(m_folder / "long.csv")};
        const Outcome outcome = m_program.json(arguments);
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Json& document = outcome.document();
        QVERIFY(document["models"][1]["kl_mean"].get<double>() >= 0);
        QCOMPARE(document["models"][0]["choice"]["n"].get<int>(), 1);
        QVERIFY(document["models"][1]["choice"].is_null());
        QCOMPARE(document["findings"].size(), std::size_t(1));
        QCOMPARE(document["findings"][0]["code"].get<std::string>(), std::string("choice-not-asked"));
        // With a conversation but no template, of no model.
        const Outcome chat = m_program.json(QStringList(arguments) << "--choice-chat");
        BITLATHE_VERIFY_EXIT(chat, 0);
        QVERIFY(chat.document()["choice_protocol"].is_null());
        QCOMPARE(chat.document()["models"][1]["kl_mean"], document["models"][1]["kl_mean"]);
    }

    void comparedWithExamples()
    {
        const QStringList arguments = {"compare", text(demoModel()), "--data", text(demoText()), "--length",
                                       "64",      "--windows",       "1",      "--choice-shots", "1"};
        BITLATHE_VERIFY_EXIT(m_program.run(arguments), 2); // Of no questions.
        const Outcome compared = m_program.json(QStringList(arguments) << "--choice" << text(m_folder / "test"));
        BITLATHE_VERIFY_EXIT(compared, 0);
        const Outcome asked =
            m_program.json({"choice", text(demoModel()), "--data", text(m_folder / "test"), "--shots", "1"});
        BITLATHE_VERIFY_EXIT(asked, 0);
        const Json& protocol = compared.document()["choice_protocol"];
        QCOMPARE(protocol["shots"].get<int>(), 1);
        QVERIFY(protocol == asked.document()["protocol"]);
    }

    void throughTheTemplate()
    {
        linkDemoModel(m_folder / "chat");
        std::ofstream(m_folder / "chat/chat_template.jinja")
            << "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}answer:";
        const Outcome outcome =
            m_program.json({"choice", text(m_folder / "chat"), "--data", text(m_folder / "test"), "--chat"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        QVERIFY(outcome.document()["protocol"]["chat"].get<bool>());
        const Outcome without =
            m_program.run({"choice", text(demoModel()), "--data", text(m_folder / "test"), "--chat"});
        BITLATHE_VERIFY_EXIT(without, 3);
    }

    /// A recipe asks model and result, as compare does, and a run's record keeps what came out.
    void quantizeAsksQuestions()
    {
        const fs::path out = m_folder / "asked";
        const QStringList quantize = {"quantize",      text(demoModel()),
                                      "--out",         text(out),
                                      "--evaluate",    text(demoText()),
                                      "--eval-length", "64",
                                      "--windows",     "2",
                                      "--eval-stride", "32",
                                      "--eval-choice", text(m_folder / "test")};
        const Outcome strideless = m_program.run(quantize);
        QVERIFY2(strideless.code != 0 && strideless.err.find("don't overlap") != std::string::npos,
                 strideless.all().c_str());
        const Outcome missing = m_program.run(QStringList(quantize) << "--eval-protocol"
                                                                    << "strided"
                                                                    << "--eval-choice-shots"
                                                                    << "2"
                                                                    << "--eval-choice-shots-data"
                                                                    << "/nowhere.csv");
        QVERIFY2(missing.code != 0 && missing.err.find("/nowhere.csv") != std::string::npos, missing.all().c_str());
        QVERIFY(!fs::exists(out));
        const Outcome outcome = m_program.json(QStringList(quantize) << "--eval-protocol"
                                                                     << "strided"
                                                                     << "--eval-choice-by"
                                                                     << "text");
        BITLATHE_VERIFY_EXIT(outcome, 0);
        const Outcome asked =
            m_program.json({"compare", text(demoModel()), text(out), "--data", text(demoText()), "--length", "64",
                            "--windows", "2", "--stride", "32", "--protocol", "strided", "--choice",
                            text(m_folder / "test"), "--choice-by", "text", "--compute", "auto"});
        BITLATHE_VERIFY_EXIT(asked, 0);
        const Json comparison = outcome.document()["comparison"];
        QCOMPARE(comparison["protocol"]["stride"].get<int>(), 32);
        for (const std::size_t i : {0, 1}) {
            const Json& model = comparison["models"][i];
            QVERIFY(model["choice"] == asked.document()["models"][i]["choice"]);
            QCOMPARE(model["perplexity"].get<double>(), asked.document()["models"][i]["perplexity"].get<double>());
        }
        const auto record = readJson(out / "bitlathe-run.json");
        BITLATHE_VERIFY_OK(record);
        QCOMPARE((*record)["comparison"]["models"][1]["choice"]["questions"].get<int>(), 3);
        QCOMPARE((*record)["comparison"]["choice_protocol"]["questions"].get<int>(), 3);
    }

    void whatIsRefused_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QString>("said");
        const QString file = text(m_folder / "test/units_test.csv");
        QTest::newRow("no file") << QStringList{"--data", "/nowhere.jsonl"} << "/nowhere.jsonl";
        QTest::newRow("no such rule") << QStringList{"--data", file, "--by", "luck"} << "text-per-byte";
        QTest::newRow("no examples") << QStringList{"--data", text(m_folder / "dev/units_dev.csv"), "--shots", "2"}
                                     << "Name a file of examples";
        QTest::newRow("examples that are none")
            << QStringList{"--data", file, "--shots", "1", "--shots-data", text(demoText())} << "rows of a question";
        QTest::newRow("no number of examples")
            << QStringList{"--data", file, "--shots-data", file} << "leave their file";
    }
    void whatIsRefused()
    {
        QFETCH(QStringList, options);
        QFETCH(QString, said);
        const Outcome outcome = m_program.run(QStringList{"choice", text(demoModel())} + options);
        QVERIFY(outcome.code == 2 || outcome.code == 3);
        QVERIFY2(outcome.err.find(said.toStdString()) != std::string::npos, outcome.all().c_str());
    }

private:
    TempFolder m_folder;
    Program m_program;
};

QTEST_GUILESS_MAIN(TestChoiceCommand)
#include "tst_choice.moc"
