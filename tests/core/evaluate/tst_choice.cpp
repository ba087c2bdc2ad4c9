// SPDX-License-Identifier: Apache-2.0
// Choice questions asked of the demo model: golden likelihoods and choices, prompts, examples, and what can go wrong.
#include "core/base/json.h"
#include "core/evaluate/choice.h"
#include "core/evaluate/choiceprompts.h"
#include "core/evaluate/choicescores.h"
#include "core/format/openmodel.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cmath>
#include <fstream>

using namespace bitlathe;
using namespace bitlathe::evaluate;
namespace fs = std::filesystem;

namespace
{

const fs::path kDemo = fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/model";
constexpr double kLogTolerance = 1e-3; ///< Nats; f32 arithmetic in another order.

ChoiceQuestion question(const std::string& text, const std::string& subject = {}, std::size_t answer = 0)
{
    return {{}, subject, text, {"yes", "no"}, answer, {}};
}

/// A file of questions about subjects, the answers all "A".
fs::path writeQuestions(const fs::path& file, const std::vector<std::pair<std::string, std::string>>& asked)
{
    std::ofstream out(file);
    for (const auto& [subject, text] : asked) {
        out << Json({{"subject", subject}, {"question", text}, {"A", "yes"}, {"B", "no"}, {"answer", "A"}}).dump()
            << '\n';
    }
    return file;
}

} // namespace

class TestChoice : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const auto opened = format::openModel(kDemo);
        BITLATHE_VERIFY_OK(opened);
        m_opened = *opened;
        const auto loaded = format::runnable(*m_opened, {});
        BITLATHE_VERIFY_OK(loaded);
        m_model = *loaded;
    }

    void goldenLikelihoods()
    {
        BITLATHE_NEED_SHARED();
        const fs::path folder = tests::sharedFolder() / "golden/choice";
        const auto golden = readJson(folder / "golden.json");
        BITLATHE_VERIFY_OK(golden);
        ChoiceOptions options;
        options.data = folder / "questions.jsonl";
        options.rules = choiceRules();
        const auto result = askChoices({kDemo}, options);
        BITLATHE_VERIFY_OK(result);
        const Json& questions = (*golden)["questions"];
        QCOMPARE(result->questions.size(), questions.size());
        const std::vector<ChoiceScore>& scores = result->models.front().scores;
        const ChoicePrompter prompter({});
        for (std::size_t i = 0; i < questions.size(); ++i) {
            const Json& letter = questions[i]["letter"];
            const Json& text = questions[i]["text"];
            const auto shown = prompter.prompt(result->questions[i], ChoiceForm::Letters);
            const auto alone = prompter.prompt(result->questions[i], ChoiceForm::Texts);
            QCOMPARE(shown->context, letter["prompt"].get<std::string>());
            QCOMPARE(alone->context, text["prompt"].get<std::string>());
            compare(scores[0].answers[i], letter["logprob"], letter["choice"]);
            compare(scores[1].answers[i], text["logprob"], text["choice"]);
            compare(scores[2].answers[i], text["per_byte"], text["choice_per_byte"]);
        }
        const Json& accuracy = (*golden)["accuracy"];
        QCOMPARE(scores[0].all.accuracy(), accuracy["letter"].get<double>());
        QCOMPARE(scores[1].all.accuracy(), accuracy["text"].get<double>());
        QCOMPARE(scores[2].all.accuracy(), accuracy["text_per_byte"].get<double>());
        QVERIFY(scores[0].subjects.empty() && !scores[0].difference);
    }

    /// The shared part once and the rest after it, behind another text that began alike: as every text by itself.
    void sharedPartOnceIsTheSame()
    {
        const std::string context = "The licence of the GNU project is the\nAnswer:";
        const std::vector<std::string> endings{" GPL", " a licence for operating systems", " A"};
        const Continuations texts = continuationsOf(*m_opened->tokenizer, context, endings, true);
        QVERIFY(texts.shared() > 5);
        ContinuationScorer scorer(*m_model, {});
        std::vector<std::vector<double>> together;
        for (const std::string& before : {std::string(), std::string("Which? "), std::string()}) {
            const auto sums =
                scorer.logLikelihoods(continuationsOf(*m_opened->tokenizer, before + context, endings, true));
            BITLATHE_VERIFY_OK(sums);
            together.push_back(*sums);
        }
        const auto longer =
            scorer.logLikelihoods(continuationsOf(*m_opened->tokenizer, context + " GPL\n\n" + context, endings, true));
        BITLATHE_VERIFY_OK(longer);
        QVERIFY(together[0] != together[1] && together[0] != *longer);
        for (std::size_t i = 0; i < texts.ids.size(); ++i) {
            const auto alone = ContinuationScorer(*m_model, {}).logLikelihoods({{texts.ids[i]}, texts.context});
            BITLATHE_VERIFY_OK(alone);
            QVERIFY(std::abs(alone->front() - together[0][i]) < 1e-5);
            QVERIFY(std::abs(alone->front() - together[2][i]) < 1e-5);
        }
    }

    void continuationsCountTokens()
    {
        Continuations texts{{{1, 2, 3, 4}, {1, 2, 9, 5, 6}}, 3};
        QCOMPARE(texts.longest(), std::int64_t{5});
        QCOMPARE(texts.shared(), std::int64_t{2}); // The third token of the context is not that of both.
        texts.ids[1][2] = 3;
        QCOMPARE(texts.shared(), std::int64_t{3});
        const Continuations none = continuationsOf(*m_opened->tokenizer, "Yes", {""}, true);
        QCOMPARE(none.context + 1, static_cast<std::int64_t>(none.ids.front().size()));
    }

    void examplesBeforeTheQuestion()
    {
        const ChoicePrompter prompter(
            {{question("One?", "law", 1), question("Two?", "art"), question("Three?", "law"), question("Four?", "law")},
             2,
             nullptr});
        const auto prompt = prompter.prompt(question("Three?", "law"), ChoiceForm::Letters);
        BITLATHE_VERIFY_OK(prompt);
        QCOMPARE(prompt->context, std::string("One?\nA. yes\nB. no\nAnswer: B\n\nFour?\nA. yes\nB. no\nAnswer: A\n\n"
                                              "Three?\nA. yes\nB. no\nAnswer:"));
        QVERIFY((prompt->continuations == std::vector<std::string>{" A", " B"}));
        const auto alone = prompter.prompt(question("New?", "art"), ChoiceForm::Texts);
        QCOMPARE(alone->context, std::string("Two?\nAnswer: yes\n\nNew?\nAnswer:"));
        QVERIFY((alone->continuations == std::vector<std::string>{" yes", " no"}));
        // A file that knows no subjects serves all of them.
        const ChoicePrompter any({{question("One?"), question("Two?")}, 1, nullptr});
        QCOMPARE(any.examplesOf(question("New?", "art")).size(), std::size_t{1});
    }

    void throughATemplate()
    {
        const auto chat = text::ChatTemplate::parse("{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
                                                    "{% if add_generation_prompt %}<assistant>{% endif %}",
                                                    "t");
        BITLATHE_VERIFY_OK(chat);
        const ChoicePrompter prompter({{question("One?")}, 1, &*chat});
        const auto prompt = prompter.prompt(question("New?"), ChoiceForm::Letters);
        BITLATHE_VERIFY_OK(prompt);
        QCOMPARE(prompt->context, std::string("<user>One?\nA. yes\nB. no\nAnswer:<assistant>A"
                                              "<user>New?\nA. yes\nB. no\nAnswer:<assistant>"));
        QVERIFY((prompt->continuations == std::vector<std::string>{"A", "B"}));
    }

    void subjectsAndTheBase()
    {
        const tests::TempFolder folder;
        writeQuestions(folder / "q_test.jsonl", {{"art", "Is it?"}, {"law", "May I?"}, {"art", "Was it?"}});
        writeQuestions(folder / "q_dev.jsonl", {{"art", "Will it?"}, {"art", "Has it?"}, {"law", "Can I?"}});
        ChoiceOptions options;
        options.data = folder / "q_test.jsonl";
        options.rules = {ChoiceRule::Text};
        options.shots = 2;
        int calls = 0;
        const auto result = askChoices({kDemo, kDemo}, options, {}, {}, [&calls](const ChoiceResult&) { ++calls; });
        BITLATHE_VERIFY_OK(result);
        QCOMPARE(calls, 2);
        QCOMPARE(result->protocol.shotsData, (folder / "q_dev.jsonl").string());
        // Law has one example only.
        QCOMPARE(result->findings.size(), std::size_t{1});
        QVERIFY(result->findings.front().message.english().starts_with("1 of 3 questions"));
        const ChoiceScore& second = result->models[1].scores.front();
        QCOMPARE(second.subjects.size(), std::size_t{2});
        QCOMPARE(second.subjects[0].subject, std::string("art"));
        QCOMPARE(second.subjects[0].questions, std::int64_t{2});
        QVERIFY(second.difference.has_value());
        QCOMPARE(second.difference->questions, std::int64_t{3});
        QCOMPARE(second.difference->onlyBase + second.difference->onlyModel, std::int64_t{0});
        QCOMPARE(second.difference->p, 1.0);
        QVERIFY(second.verdict("b", "a").english().find("no different") != std::string::npos);
        options.limit = 1;
        options.shots = 0;
        QCOMPARE(askChoices({kDemo}, options)->questions.size(), std::size_t{1});
    }

    void keysAndValuesAsCodes()
    {
        const tests::TempFolder folder;
        ChoiceOptions options;
        options.data = writeQuestions(folder / "q.jsonl", {{"", "Is it?"}, {"", "Is it now?"}});
        options.rules = {ChoiceRule::Text};
        const auto plain = askChoices({kDemo}, options);
        const auto kept = askChoices({kDemo}, options, {*quant::findKvScheme("int8-token"), {}});
        BITLATHE_VERIFY_OK(plain);
        BITLATHE_VERIFY_OK(kept);
        QVERIFY(kept->models.front().name.ends_with(quant::findKvScheme("int8-token")->label()));
        for (std::size_t i = 0; i < 2; ++i) {
            const double before = plain->models.front().scores.front().answers[i].values[0];
            const double after = kept->models.front().scores.front().answers[i].values[0];
            QVERIFY(before != after && std::abs(before - after) < 0.3);
        }
        // Ranges are needed, and there are none.
        QVERIFY(!askChoices({kDemo}, options, {*quant::findKvScheme("int8"), {}}));
    }

    void questionsThatAreTooLong()
    {
        const tests::TempFolder folder;
        std::string text;
        for (int i = 0; i < 2100; ++i) {
            text += "7 ";
        }
        ChoiceOptions options;
        options.data = writeQuestions(folder / "q.jsonl", {{"", "Is it?"}, {"", text}});
        const auto result = askChoices({kDemo}, options);
        BITLATHE_VERIFY_OK(result);
        QCOMPARE(result->models.front().scores.front().all.questions, std::int64_t{1});
        QCOMPARE(result->findings.size(), std::size_t{1});
        QCOMPARE(
            result->findings.front().message.english(),
            std::string("1 questions were not asked, which are longer than the 2048 tokens of the model: q.jsonl:2"));
        options.data = writeQuestions(folder / "long.jsonl", {{"", text}});
        const auto none = askChoices({kDemo}, options);
        QVERIFY(!none);
        QCOMPARE(none.error().code, ErrorCode::TextInvalid);
    }

    void whatIsRefused()
    {
        const tests::TempFolder folder;
        ChoiceOptions options;
        options.data = writeQuestions(folder / "q.jsonl", {{"", "Is it?"}});
        QCOMPARE(askChoices({}, options).error().code, ErrorCode::SettingInvalid);
        options.shots = 1;
        QCOMPARE(askChoices({kDemo}, options).error().code, ErrorCode::SettingInvalid);
        options.shots = 0;
        options.chat = true;
        QCOMPARE(askChoices({kDemo}, options).error().code, ErrorCode::FileMissing);
        options.chat = false;
        options.rules = {};
        QCOMPARE(askChoices({kDemo}, options).error().code, ErrorCode::SettingInvalid);
        QCOMPARE(choiceRulesFrom("luck").error().code, ErrorCode::UnknownName);
        QCOMPARE(choiceRulesFrom("all")->size(), std::size_t{3});
        options.rules = {ChoiceRule::Letter};
        std::stop_source stop;
        stop.request_stop();
        QCOMPARE(askChoices({kDemo}, options, {}, {{}, stop.get_token()}).error().code, ErrorCode::Cancelled);
    }

    void logitsThatAreNoNumbers()
    {
        const tests::TempFolder folder;
        fs::copy(kDemo, folder / "model");
        {
            const auto opened = checkpoint::Checkpoint::open(folder / "model");
            BITLATHE_VERIFY_OK(opened);
            const checkpoint::TensorEntry entry = *(*opened)->find("model.norm.weight");
            std::fstream file((*opened)->files()[entry.file], std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(static_cast<std::streamoff>(entry.offset));
            file.write("\xC0\x7F", 2); // NaN as bf16.
        }
        ChoiceOptions options;
        options.data = writeQuestions(folder / "q.jsonl", {{"", "Is it?"}});
        const auto result = askChoices({folder / "model"}, options);
        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::WeightsNotFinite);
        QVERIFY2(result.error().subject.ends_with("q.jsonl:1"), result.error().sentence().c_str());
    }

private:
    static void compare(const ChoiceAnswer& answer, const Json& values, const Json& choice)
    {
        QCOMPARE(answer.values.size(), values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            QVERIFY(std::abs(answer.values[i] - values[i].get<double>()) < kLogTolerance);
        }
        QCOMPARE(choiceLetter(answer.chosen), choice.get<std::string>());
    }

    std::shared_ptr<const format::OpenedModel> m_opened;
    std::shared_ptr<const model::Model> m_model;
};

QTEST_GUILESS_MAIN(TestChoice)
#include "tst_choice.moc"
