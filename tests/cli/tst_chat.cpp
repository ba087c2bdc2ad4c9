// SPDX-License-Identifier: Apache-2.0
// A conversation through the standard input: what the model sees of it, its limits, and its end.
#include "cli/program.h"

#include <csignal>
#include <fstream>

using namespace bitlathe;
using namespace bitlathe::tests;
namespace fs = std::filesystem;

namespace
{

constexpr int kLimit = 96; ///< Tokens that the model of these tests reads.

} // namespace

class TestChat : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        linkDemoModel(m_folder / "plain");
        linkDemoModel(m_folder / "chat");
        editConfig(m_folder / "chat", "max_position_embeddings", Json(kLimit));
        std::ofstream(m_folder / "chat/chat_template.jinja")
            << "{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}"
               "{% if add_generation_prompt %}[assistant]{% endif %}";
    }

    void answersThroughTheTemplate()
    {
        const auto [outcome, answers] = converse("chat", "Hi\nAnd then?\n", {"--system", "Be kind.", "-n", "8"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        QCOMPARE(answers.size(), std::size_t(2));
        const std::string first = "[system] Be kind.\n[user] Hi\n";
        QCOMPARE(answers[0]["prompt_tokens"].get<int>(), tokensOf(first + "[assistant]"));
        QCOMPARE(answers[1]["prompt_tokens"].get<int>(),
                 tokensOf(first + "[assistant] " + answers[0]["text"].get<std::string>() +
                          "\n[user] And then?\n[assistant]"));
    }

    void resetForgets()
    {
        const auto [outcome, answers] = converse("chat", "Once\nmore\n/reset\nOnce", {"-n", "8"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        QCOMPARE(answers.size(), std::size_t(3));
        QCOMPARE(answers[2]["text"].get<std::string>(), answers[0]["text"].get<std::string>());
        QCOMPARE(answers[2]["prompt_tokens"].get<int>(), answers[0]["prompt_tokens"].get<int>());
    }

    void exitEnds()
    {
        const auto [outcome, answers] = converse("chat", "Once\r\n/exit\nmore\n", {"-n", "4"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        QCOMPARE(answers.size(), std::size_t(1));
        QCOMPARE(answers[0]["prompt_tokens"].get<int>(), tokensOf("[user] Once\n[assistant]"));
    }

    void goesOnWithPlainText()
    {
        const Outcome outcome = talk("plain", "Once upon a time\n", {"-n", "8", "--compute", "f32"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        QVERIFY2(outcome.err.find("no chat template") != std::string::npos, outcome.err.c_str());
        const Outcome same =
            m_program.run({"generate", text(m_folder / "plain"), "--prompt", "Once upon a time", "-n", "8"});
        QCOMPARE(outcome.out, same.out);
    }

    /// The oldest go first; what is left fits, and the model is told nothing of them.
    void longConversationsLoseTheirBeginning()
    {
        QByteArray questions;
        for (int i = 0; i < 8; ++i) {
            questions += "Tell me about number " + QByteArray::number(i) + " please\n";
        }
        const auto [outcome, answers] = converse("chat", questions, {"-n", "16"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        QCOMPARE(answers.size(), std::size_t(8));
        int dropped = 0;
        for (const Json& answer : answers) {
            QVERIFY(answer["prompt_tokens"].get<int>() + 16 <= kLimit);
            dropped += answer["dropped"].get<int>();
        }
        QVERIFY(dropped > 0);
        const Outcome people = talk("chat", questions, {"-n", "16"});
        QVERIFY2(people.err.find("left away") != std::string::npos, people.err.c_str());
    }

    /// A message that is too long is refused, and the conversation goes on without it.
    void tooLongAMessage()
    {
        const QByteArray tooLong = QByteArray("word ").repeated(200) + "\n";
        const auto [outcome, answers] = converse("chat", "Hi\n" + tooLong + "there\n", {"-n", "8"});
        const auto [plainOutcome, plain] = converse("chat", "Hi\nthere\n", {"-n", "8"});
        BITLATHE_VERIFY_EXIT(outcome, 0);
        BITLATHE_VERIFY_EXIT(plainOutcome, 0);
        QCOMPARE(answers.size(), std::size_t(3));
        QCOMPARE(answers[1]["error"]["subject"].get<std::string>(), std::string("message"));
        QCOMPARE(answers[2]["prompt_tokens"].get<int>(), plain[1]["prompt_tokens"].get<int>());
        QCOMPARE(answers[2]["text"].get<std::string>(), plain[1]["text"].get<std::string>());
    }

    void noRoomToAnswer()
    {
        const Outcome outcome = talk("chat", "Hi\n", {"-n", QString::number(kLimit)});
        BITLATHE_VERIFY_EXIT(outcome, 3);
        QVERIFY2(outcome.err.find("max-new-tokens") != std::string::npos, outcome.err.c_str());
    }

    /// Nobody types: an interruption ends the wait.
    void interruptEndsTheWait()
    {
        const auto process = m_program.start({"chat", text(m_folder / "chat"), "-n", "8"});
        QVERIFY(process->waitForStarted());
        QTest::qWait(1500); // It has loaded the model, or is loading it; both end.
        QCOMPARE(process->state(), QProcess::Running);
        process->terminate();
        QVERIFY(process->waitForFinished(10'000));
        QVERIFY2(process->exitStatus() == QProcess::NormalExit, qPrintable(process->readAllStandardError()));
        QCOMPARE(process->exitCode(), 130);
    }

    /// The first interruption ends the answer, which stays a part of the conversation; one between answers ends it all.
    void interruptEndsAnAnswer()
    {
        const auto process =
            m_program.start({"chat", text(m_folder / "plain"), "--ignore-eos", "-n", "2000", "--threads", "1"});
        QVERIFY(process->waitForStarted());
        process->write("Once upon a time\n");
        QByteArray said;
        QTRY_VERIFY_WITH_TIMEOUT((said += process->readAllStandardOutput()).size() > 20, 20'000);
        ::kill(static_cast<pid_t>(process->processId()), SIGINT);
        QByteArray noted;
        QTRY_VERIFY_WITH_TIMEOUT((noted += process->readAllStandardError()).contains("stopped after"), 20'000);
        QCOMPARE(process->state(), QProcess::Running);
        QTest::qWait(100); // Back to reading lines.
        ::kill(static_cast<pid_t>(process->processId()), SIGINT);
        QVERIFY(process->waitForFinished(10'000));
        QCOMPARE(process->exitCode(), 130);
    }

private:
    Outcome talk(const char* model, const QByteArray& lines, const QStringList& options) const
    {
        const auto process = m_program.start(QStringList{"chat", text(m_folder / model)} + options);
        process->write(lines);
        process->closeWriteChannel();
        return Program::finish(*process);
    }

    /// With --json: a document on each line.
    std::pair<Outcome, std::vector<Json>> converse(const char* model, const QByteArray& lines,
                                                   const QStringList& options) const
    {
        Outcome outcome = talk(model, lines, options + QStringList{"--json"});
        std::vector<Json> answers;
        for (const QByteArray& line : QByteArray::fromStdString(outcome.out).split('\n')) {
            if (!line.isEmpty()) {
                answers.push_back(Json::parse(line.toStdString()));
            }
        }
        return {std::move(outcome), std::move(answers)};
    }

    int tokensOf(const std::string& rendered) const
    {
        const Outcome outcome =
            m_program.json({"tokenize", text(m_folder / "chat"), "--text", QString::fromStdString(rendered)});
        return static_cast<int>(outcome.document()["ids"].size());
    }

    TempFolder m_folder;
    Program m_program;
};

QTEST_GUILESS_MAIN(TestChat)
#include "tst_chat.moc"
