// SPDX-License-Identifier: Apache-2.0
// Choice questions: every shape of row, subjects, development splits, and rows that are no questions.
#include "core/evaluate/choicequestions.h"
#include "support/tempfolder.h"

#include <QTest>

#include <fstream>

using namespace bitlathe;
using namespace bitlathe::evaluate;
namespace fs = std::filesystem;

class TestChoiceQuestions : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void shapes_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("content");
        QTest::addColumn<QString>("id");
        QTest::addColumn<QString>("subject");
        const auto row = [](const char* tag, const char* name, const char* content, const char* id = "",
                            const char* subject = "") { QTest::newRow(tag) << name << content << id << subject; };
        row("own", "q.jsonl",
            R"({"id": 7, "subject": "units", "question": "How long?", "A": "1 m", "B": "2 m", "C": 3, "answer": "B"})",
            "7", "units");
        row("answer as a small letter", "q.jsonl",
            R"({"question": "How long?", "A": "1 m", "B": "2 m", "C": "3", "answer": " b "})");
        row("answer as text", "q.jsonl",
            R"({"question": "How long?", "A": "1 m", "B": "2 m", "C": "3", "answer": "2 m"})");
        row("options that end early", "q.json",
            R"([{"question": "How long?", "A": "1 m", "B": "2 m", "C": "3", "D": "", "E": null, "answer": "B"}])");
        row("MMLU rows", "q.jsonl",
            R"({"question": "How long?", "subject": "units", "choices": ["1 m", "2 m", "3"], "answer": 1})", "",
            "units");
        row("MMLU file", "units_test.csv", "How long?,1 m,2 m,3,B\n", "", "units");
        row("a header", "q.csv", "question,A,B,C,D,answer\nHow long?,1 m,2 m,3,,B\n");
        row("C-Eval file", "units_val.csv",
            "id,question,A,B,C,answer,explanation\n0,How long?,1 m,2 m,3,B,\"for, well,\n\"\n", "0", "units");
        row("ARC", "q.jsonl",
            R"({"id": "M7", "question": {"stem": "How long?", "choices": [{"text": "1 m", "label": "1"}, )"
            R"({"text": "2 m", "label": "2"}, {"text": "3", "label": "3"}]}, "answerKey": "2"})",
            "M7");
        row("ARC rows", "q.jsonl",
            R"({"id": "M7", "question": "How long?", "choices": {"text": ["1 m", "2 m", "3"], )"
            R"("label": ["A", "B", "C"]}, "answerKey": "B"})",
            "M7");
    }
    void shapes()
    {
        QFETCH(QString, name);
        QFETCH(QString, content);
        QFETCH(QString, id);
        QFETCH(QString, subject);
        const tests::TempFolder folder;
        const fs::path file = write(folder / name.toStdString(), content.toStdString());
        const auto set = openChoiceSet(file);
        BITLATHE_VERIFY_OK(set);
        QCOMPARE(set->questions.size(), std::size_t{1});
        QVERIFY(set->findings.empty());
        const ChoiceQuestion& question = set->questions.front();
        QCOMPARE(question.question, std::string("How long?"));
        QVERIFY((question.options == std::vector<std::string>{"1 m", "2 m", "3"}));
        QCOMPARE(question.answer, std::size_t{1});
        QCOMPARE(QString::fromStdString(question.id), id);
        QCOMPARE(QString::fromStdString(question.subject), subject);
        QVERIFY(question.place.starts_with(name.toStdString()));
    }

    /// Each is passed over beside a good row, counted and named; alone it is an error.
    void rowsThatAreNoQuestions_data()
    {
        QTest::addColumn<QString>("bad");
        QTest::addColumn<QString>("reason");
        QTest::newRow("no question") << R"({"A": "1", "B": "2", "answer": "A"})"
                                     << "hold no question";
        QTest::newRow("blank question") << R"({"question": "  ", "A": "1", "B": "2", "answer": "A"})"
                                        << "hold no question";
        QTest::newRow("text") << R"("How long?")"
                              << "hold no question";
        QTest::newRow("no options") << R"({"question": "q", "answer": "A"})"
                                    << "two to 26 options";
        QTest::newRow("one option") << R"({"question": "q", "A": "1", "answer": "A"})"
                                    << "two to 26 options";
        QTest::newRow("a gap") << R"({"question": "q", "A": "1", "C": "2", "answer": "A"})"
                               << "two to 26 options";
        QTest::newRow("a blank choice") << R"({"question": "q", "choices": ["1", ""], "answer": 0})"
                                        << "two to 26 options";
        QTest::newRow("labels missing")
            << R"({"question": "q", "choices": {"text": ["1", "2"], "label": ["A"]}, "answerKey": "A"})"
            << "two to 26 options";
        QTest::newRow("choices of a wrong type") << R"({"question": "q", "choices": 3, "answer": 0})"
                                                 << "two to 26 options";
        QTest::newRow("no answer") << R"({"question": "q", "A": "1", "B": "2"})"
                                   << "answer is not among";
        QTest::newRow("another letter") << R"({"question": "q", "A": "1", "B": "2", "answer": "C"})"
                                        << "answer is not among";
        QTest::newRow("a number for letters") << R"({"question": "q", "A": "x", "B": "y", "answer": 1})"
                                              << "answer is not among";
        QTest::newRow("place too high") << R"({"question": "q", "choices": ["1", "2"], "answer": 2})"
                                        << "answer is not among";
        QTest::newRow("place below 0") << R"({"question": "q", "choices": ["1", "2"], "answer": -1})"
                                       << "answer is not among";
        QTest::newRow("id again") << R"({"id": "one", "question": "q", "A": "1", "B": "2", "answer": "A"})"
                                  << "id was given before";
    }
    void rowsThatAreNoQuestions()
    {
        QFETCH(QString, bad);
        QFETCH(QString, reason);
        const std::string good = R"({"id": "one", "question": "q", "A": "1", "B": "2", "answer": "A"})";
        const tests::TempFolder folder;
        const auto set = openChoiceSet(write(folder / "q.jsonl", good + "\n\n" + bad.toStdString() + "\n"));
        BITLATHE_VERIFY_OK(set);
        QCOMPARE(set->questions.size(), std::size_t{1});
        QCOMPARE(set->findings.size(), std::size_t{1});
        QCOMPARE(set->findings.front().severity, Severity::Warning);
        const std::string message = set->findings.front().message.english();
        QVERIFY2(message.find(reason.toStdString()) != std::string::npos, message.c_str());
        QVERIFY2(message.starts_with("1 rows") && message.ends_with("q.jsonl:3"), message.c_str());
        if (reason != "id was given before") {
            const auto alone = openChoiceSet(write(folder / "q.jsonl", bad.toStdString()));
            QVERIFY(!alone);
            QCOMPARE(alone.error().code, ErrorCode::TextInvalid);
            QVERIFY2(alone.error().sentence().find(reason.toStdString()) != std::string::npos,
                     alone.error().sentence().c_str());
        }
    }

    void theFirstBadRowsAreNamed()
    {
        std::string content = "Which?,x,y,A\n";
        for (int i = 0; i < 9; ++i) {
            content += "Which?,x,y,Z\n";
        }
        content += "Which?,x\n";
        const tests::TempFolder folder;
        const auto set = openChoiceSet(write(folder / "q.csv", content));
        BITLATHE_VERIFY_OK(set);
        QCOMPARE(set->findings.size(), std::size_t{2});
        QVERIFY(set->findings[0].message.english().ends_with("number of fields: q.csv:11"));
        QCOMPARE(
            set->findings[1].message.english(),
            std::string("9 rows were passed over, whose answer is not among the options: q.csv:2, q.csv:3, q.csv:4, "
                        "q.csv:5, q.csv:6, ..."));
    }

    /// A test split whose answers are kept back holds no question.
    void withoutAnswers()
    {
        const tests::TempFolder folder;
        const auto set = openChoiceSet(write(folder / "q.csv", "id,question,A,B\n0,Which?,x,y\n1,Which?,x,y\n"));
        QVERIFY(!set);
        QVERIFY2(set.error().sentence().find("2 rows were passed over") != std::string::npos,
                 set.error().sentence().c_str());
    }

    void files_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("said");
        QTest::newRow("empty") << "q.jsonl" << QByteArray("") << "found none";
        QTest::newRow("plain text") << "q.txt" << QByteArray("Which?") << "found none";
        QTest::newRow("broken line") << "q.jsonl" << QByteArray("{\"question\": \"q\"\n") << "q.jsonl:1";
        QTest::newRow("open quote") << "q.csv" << QByteArray("\"Which?,x,y,A\n") << "closing quotation mark";
        QTest::newRow("not UTF-8") << "q.csv" << QByteArray("Which?,\xF6,y,A\n") << "UTF-8";
        QTest::newRow("another kind") << "q.pdf" << QByteArray("x") << "another extension";
    }
    void files()
    {
        const tests::TempFolder folder;
        QFETCH(QString, name);
        QFETCH(QByteArray, content);
        QFETCH(QString, said);
        const auto set = openChoiceSet(write(folder / name.toStdString(), content.toStdString()));
        QVERIFY(!set);
        QVERIFY2(set.error().sentence().find(said.toStdString()) != std::string::npos, set.error().sentence().c_str());
        QVERIFY(!openChoiceSet(folder / "nothing.jsonl"));
    }

    void foldersAndSplits()
    {
        const tests::TempFolder folder;
        for (const char* name : {"test", "dev", "val"}) {
            fs::create_directories(folder / name);
        }
        write(folder / "test/law_test.csv", "Which?,x,y,A\n");
        write(folder / "test/art_test.csv", "id,question,A,B,answer\n0,Which?,x,y,B\n");
        write(folder / "test/zoo.jsonl", R"({"id": 0, "question": "q", "A": "1", "B": "2", "answer": "A"})");
        write(folder / "dev/law_dev.csv", "Which?,x,y,A\n");
        write(folder / "val/law_val.csv", "Which?,x,y,A\n");
        write(folder / "val/law_dev.csv", "Which?,x,y,A\n");
        const auto set = openChoiceSet(folder / "test");
        BITLATHE_VERIFY_OK(set);
        QCOMPARE(set->questions.size(), std::size_t{3});
        QCOMPARE(set->questions[0].subject, std::string("art"));
        QCOMPARE(set->questions[1].subject, std::string("law"));
        QCOMPARE(set->questions[2].subject, std::string("zoo"));
        QCOMPARE(devSplitOf(folder / "test"), folder / "dev");
        QCOMPARE(devSplitOf(folder / "test/"), folder / "dev");
        QCOMPARE(devSplitOf(folder / "test/law_test.csv"), folder / "dev/law_dev.csv");
        QCOMPARE(devSplitOf(folder / "val/law_val.csv"), folder / "val/law_dev.csv");
        QVERIFY(devSplitOf(folder / "dev").empty());
        QVERIFY(devSplitOf(folder / "dev/law_dev.csv").empty());
        QVERIFY(devSplitOf(folder / "test/zoo.jsonl").empty());
    }

private:
    static fs::path write(const fs::path& file, const std::string& content)
    {
        std::ofstream(file, std::ios::binary) << content;
        return file;
    }
};

QTEST_GUILESS_MAIN(TestChoiceQuestions)
#include "tst_choicequestions.moc"
