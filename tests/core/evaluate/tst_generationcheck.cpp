// SPDX-License-Identifier: Apache-2.0
// Generation checks: prompts of a file, what texts have in common, loops, and texts against independent ones.
#include "core/base/file.h"
#include "core/evaluate/comparison.h"
#include "core/format/openmodel.h"
#include "support/tempfolder.h"

#include <random>

namespace bitlathe::evaluate
{

namespace fs = std::filesystem;

namespace
{

const fs::path kDemo = fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/model";

using Ids = std::vector<model::TokenId>;

ChoiceTaker demoTaker(const char* kv = "none", const fs::path& folder = kDemo)
{
    ChoiceTaker taker;
    taker.name = kv;
    taker.opened = *format::openModel(folder);
    taker.model = *format::runnable(*taker.opened, {model::Compute::F32, model::Residency::Resident});
    quant::KvCache cache;
    cache.scheme = *quant::findKvScheme(kv);
    taker.kv = cache.maker();
    return taker;
}

} // namespace

class TestGenerationCheck : public QObject
{
    Q_OBJECT

private slots:
    void promptsOfLinesAndRows()
    {
        const auto lines = prompts("a.txt", "The first\n\n  \nand the second\r\nthird");
        BITLATHE_VERIFY_OK(lines);
        QCOMPARE(lines->prompts.size(), std::size_t{3});
        QCOMPARE(lines->prompts[1].text, std::string("and the second"));
        const auto rows = prompts("a.jsonl", R"({"prompt": "p", "text": "no"}
{"question": "q"}
"alone"
{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}]}
{"messages": [{"role": 1}, 2]}
{"text": "nothing to go on from"}
{"prompt": 7}
)");
        BITLATHE_VERIFY_OK(rows);
        QCOMPARE(rows->prompts.size(), std::size_t{4});
        QCOMPARE(rows->prompts[0].text, std::string("p"));
        QVERIFY(rows->prompts[2].messages.is_null());
        QCOMPARE(rows->prompts[3].text, std::string("u"));
        QCOMPARE(rows->prompts[3].messages.size(), std::size_t{2}); // Without the answer.
        QCOMPARE(rows->findings.size(), std::size_t{1});
        QVERIFY(rows->findings[0].message.english().starts_with("3 rows"));
        QVERIFY(rows->findings[0].message.english().find("a.jsonl:5") != std::string::npos);
        const auto field = prompts("b.jsonl", "{\"prompt\": \"p\", \"say\": \"this\"}\n", "#say");
        BITLATHE_VERIFY_OK(field);
        QCOMPARE(field->prompts[0].text, std::string("this"));
        QVERIFY(field->hash != rows->hash);
    }

    void badPromptsAreRefused_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("content");
        QTest::addColumn<int>("code");
        QTest::newRow("empty") << "a.txt"
                               << "" << static_cast<int>(ErrorCode::TextInvalid);
        QTest::newRow("blank") << "a.txt"
                               << " \n\n"
                               << static_cast<int>(ErrorCode::TextInvalid);
        QTest::newRow("other rows") << "a.jsonl"
                                    << "{\"text\": \"t\"}" << static_cast<int>(ErrorCode::TextInvalid);
        QTest::newRow("no json") << "a.jsonl"
                                 << "{" << static_cast<int>(ErrorCode::FileInvalid);
    }
    void badPromptsAreRefused()
    {
        QFETCH(const QString, name);
        QFETCH(const QString, content);
        QFETCH(const int, code);
        const auto set = prompts(name.toStdString(), content.toStdString());
        QVERIFY(!set);
        QCOMPARE(static_cast<int>(set.error().code), code);
        QVERIFY(set.error().subject.find(name.toStdString()) != std::string::npos);
    }

    void settingsAreChecked()
    {
        for (const int change : {0, 1, 2}) {
            GenerationCheckOptions options;
            options.data = "/nowhere.txt";
            options.newTokens = change == 0 ? 0 : 8;
            options.limit = change == 1 ? -1 : 0;
            options.temperature = change == 2 ? -0.5 : 0;
            const auto run = GenerationRun::create(options);
            QVERIFY(!run);
            QCOMPARE(run.error().code, ErrorCode::SettingInvalid);
        }
        const auto missing = GenerationRun::create({.data = "/nowhere.txt"});
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, ErrorCode::FileMissing);
    }

    void textsAgreeUpToWhereTheyPart()
    {
        QCOMPARE(agreedTokens(Ids{1, 2, 3}, Ids{1, 2, 4, 5}), std::int64_t{2});
        QCOMPARE(agreedTokens(Ids{1, 2}, Ids{1, 2, 4}), std::int64_t{2});
        QCOMPARE(agreedTokens(Ids{}, Ids{1}), std::int64_t{0});
        QCOMPARE(agreedBytes("abcd", "abxd"), std::size_t{2});
        QCOMPARE(agreedBytes("a\u00e4", "a\u00e5"), std::size_t{1}); // One byte of the two is the same.
        QCOMPARE(agreedBytes("a\u00e4b", "a\u00e4"), std::size_t{3});
        QCOMPARE(agreedWords("the cat  sat\non", "the cat sat  down"), std::int64_t{3});
        QCOMPARE(agreedWords("the cat", "the cats"), std::int64_t{1});
    }

    void commonTokensKeepTheOrder()
    {
        const auto marks = [](const Ids& a, const Ids& b) {
            std::string text;
            for (const bool common : commonTokens(a, b)) {
                text += common ? '=' : 'x';
            }
            return text;
        };
        QCOMPARE(marks({1, 2, 3}, {1, 2, 3}), std::string("==="));
        QCOMPARE(marks({1, 2, 3}, {}), std::string("xxx"));
        QCOMPARE(marks({}, {1}), std::string());
        QCOMPARE(marks({1, 9, 3, 4}, {1, 2, 3, 4}), std::string("=x=="));
        QCOMPARE(marks({1, 5, 6, 2, 3}, {1, 2, 3}), std::string("=xx=="));
        QCOMPARE(marks({1, 2}, {2, 1, 2}), std::string("=="));
        QCOMPARE(marks({1, 1, 1}, {1, 1}), std::string("==x"));
        QCOMPARE(marks({7, 1, 8, 2, 9}, {1, 5, 2}), std::string("x=x=x"));
        // As many from both sides, whatever the texts.
        std::mt19937 random(3); // NOLINT: the same texts each time.
        std::uniform_int_distribution<model::TokenId> any(0, 3);
        for (int run = 0; run < 50; ++run) {
            Ids a(20);
            Ids b(23);
            std::ranges::generate(a, [&] { return any(random); });
            std::ranges::generate(b, [&] { return any(random); });
            QCOMPARE(std::ranges::count(commonTokens(a, b), true), std::ranges::count(commonTokens(b, a), true));
        }
    }

    void repetitionsAreCounted()
    {
        QCOMPARE(repeatedShare(Ids{1, 2, 3}), 0.0);
        QCOMPARE(repeatedShare(Ids{1, 2, 3, 4, 5}), 0.0);
        QCOMPARE(repeatedShare(Ids{1, 2, 3, 4, 1, 2, 3, 4}), 1.0 / 5); // 1234 2341 3412 4123 1234
        QCOMPARE(repeatedShare(Ids(10, 7)), 6.0 / 7);
        QVERIFY(endsInLoop(Ids(16, 7)));
        QVERIFY(!endsInLoop(Ids(15, 7)));
        Ids loop{9, 9};
        for (int i = 0; i < 12; ++i) {
            loop.insert(loop.end(), {1, 2, 3, 4, 5});
        }
        QVERIFY(endsInLoop(loop));
        loop.push_back(6);
        QVERIFY(!endsInLoop(loop));
        Ids thrice;
        for (int i = 0; i < 24; ++i) {
            thrice.push_back(i % 8);
        }
        QVERIFY(!endsInLoop(thrice)); // Eight tokens, three times.
    }

    /// Texts of another implementation, token by token.
    void textsAreThoseOfTheGolden()
    {
        BITLATHE_NEED_SHARED();
        const auto golden = readJson(tests::sharedFolder() / "golden/generate.json");
        BITLATHE_VERIFY_OK(golden);
        std::string file;
        std::vector<const Json*> cases;
        for (const Json& one : (*golden)["cases"]) {
            if (one["repetition_penalty"] == 1.0) {
                cases.push_back(&one);
                file += Json{{"prompt", one["prompt"]}}.dump() + '\n';
            }
        }
        QVERIFY(cases.size() > 1);
        auto run = runOf("golden.jsonl", file, 64);
        BITLATHE_VERIFY_OK(run);
        const auto done = run->write(demoTaker());
        BITLATHE_VERIFY_OK(done);
        const GenerationModel& model = run->result().models.front();
        for (std::size_t i = 0; i < cases.size(); ++i) {
            QCOMPARE(model.texts[i].ids, (*cases[i])["new_ids"].get<Ids>());
            QCOMPARE(model.texts[i].text, (*cases[i])["text"].get<std::string>());
        }
        QVERIFY(!model.facts.agreement);
    }

    void modelsAreSetAgainstTheBase()
    {
        auto run = runOf("p.txt", "The\nA function that\nReturn the\nimport\n", 24);
        BITLATHE_VERIFY_OK(run);
        for (const char* kv : {"none", "none", "int4-token"}) {
            const auto done = run->write(demoTaker(kv));
            BITLATHE_VERIFY_OK(done);
        }
        const GenerationResult& result = run->result();
        const auto& same = *result.models[1].facts.agreement;
        QCOMPARE(same.equal, std::int64_t{4});
        QVERIFY(same.examples.empty() && !same.baseProbability);
        const auto& other = *result.models[2].facts.agreement;
        QCOMPARE(other.prompts, std::int64_t{4});
        QVERIFY(other.equal < 4); // Keys and values of four bits change some text.
        QCOMPARE(other.examples.size(), static_cast<std::size_t>(other.prompts - other.equal));
        // What is most likely for the model is not the base's token, which then has half of the probability at most.
        QVERIFY(*other.baseProbability > 0 && *other.baseProbability <= 0.5);
        for (const GenerationExample& example : other.examples) {
            QCOMPARE(example.base.substr(0, example.agreedBytes), example.text.substr(0, example.agreedBytes));
            QVERIFY(example.base != example.text);
        }
        QVERIFY(other.tokensMean < same.tokensMean);
        QVERIFY(result.models[2].facts.verdict("b", "a").english().find("part within") != std::string::npos);
    }

    void drawsAreTheSameForAllModels()
    {
        auto run = runOf("p.txt", "The\nReturn the\n", 12, 0.8);
        BITLATHE_VERIFY_OK(run);
        for (int i = 0; i < 2; ++i) {
            const auto done = run->write(demoTaker());
            BITLATHE_VERIFY_OK(done);
        }
        QCOMPARE(run->result().models[1].facts.agreement->equal, std::int64_t{2});
        auto greedy = runOf("p.txt", "The\nReturn the\n", 12);
        BITLATHE_VERIFY_OK(greedy);
        const auto done = greedy->write(demoTaker());
        BITLATHE_VERIFY_OK(done);
        QVERIFY(greedy->result().models[0].texts[0].ids != run->result().models[0].texts[0].ids);
    }

    /// Conversations go through the model's chat template, texts where that is asked for.
    void chatsAreRendered()
    {
        const fs::path folder = m_folder / "chat";
        fs::copy(kDemo, folder, fs::copy_options::recursive);
        const auto written = writeFileAtomically(
            folder / "chat_template.jinja", "<s>{% for m in messages %}{{ m.role }} says {{ m.content }}. {% endfor %}"
                                            "{% if add_generation_prompt %}assistant says{% endif %}");
        BITLATHE_VERIFY_OK(written);
        const ChoiceTaker taker = demoTaker("none", folder);
        const std::string rows = R"({"prompt": "Return the"}
{"messages": [{"role": "user", "content": "Return the"}]}
)";
        auto plain = runOf("chat.jsonl", rows, 12);
        BITLATHE_VERIFY_OK(plain);
        const auto done = plain->write(taker);
        BITLATHE_VERIFY_OK(done);
        const auto& texts = plain->result().models[0].texts;
        QVERIFY(texts[0].ids != texts[1].ids);
        GenerationCheckOptions options;
        options.data = (m_folder / "chat.jsonl").string();
        options.newTokens = 12;
        options.chat = true;
        auto chat = GenerationRun::create(options);
        BITLATHE_VERIFY_OK(chat);
        const auto asked = chat->write(taker);
        BITLATHE_VERIFY_OK(asked);
        QCOMPARE(chat->result().models[0].texts[0].ids, texts[1].ids);
        QCOMPARE(chat->result().models[0].texts[1].ids, texts[1].ids);
        const auto without = chat->write(demoTaker());
        QVERIFY(!without);
        QCOMPARE(without.error().code, ErrorCode::FileMissing);
    }

    void promptsBeyondThePositionsAreLeftOut()
    {
        const ChoiceTaker demo = demoTaker();
        const auto limit = static_cast<std::size_t>(demo.model->spec().maxPositions);
        std::string words;
        for (std::size_t i = 0; i < limit; ++i) {
            words += "the ";
        }
        auto run = runOf("p.txt", "The\n" + words + '\n', 4);
        BITLATHE_VERIFY_OK(run);
        const auto done = run->write(demo);
        BITLATHE_VERIFY_OK(done);
        QCOMPARE(run->result().models[0].facts.prompts, std::int64_t{1});
        const auto again = run->write(demo); // Another row of the same folder.
        BITLATHE_VERIFY_OK(again);
        QCOMPARE(run->result().findings.size(), std::size_t{1});
        QCOMPARE(run->result().findings[0].code, std::string("generation-too-long"));
        auto none = runOf("p.txt", words + '\n', 4);
        BITLATHE_VERIFY_OK(none);
        const auto written = none->write(demo);
        QVERIFY(!written);
        QCOMPARE(written.error().code, ErrorCode::TextInvalid);
    }

private:
    Result<GenerationPrompts> prompts(const std::string& name, const std::string& content, const char* field = "")
    {
        const auto written = writeFileAtomically(m_folder / name, content);
        return written ? openGenerationPrompts((m_folder / name).string() + field) : Failure(written.error());
    }
    Result<GenerationRun> runOf(const std::string& name, const std::string& content, std::int64_t newTokens,
                                double temperature = 0)
    {
        BITLATHE_CHECK(writeFileAtomically(m_folder / name, content));
        GenerationCheckOptions options;
        options.data = (m_folder / name).string();
        options.newTokens = newTokens;
        options.temperature = temperature;
        return GenerationRun::create(options);
    }

    tests::TempFolder m_folder;
};

} // namespace bitlathe::evaluate

QTEST_GUILESS_MAIN(bitlathe::evaluate::TestGenerationCheck)
#include "tst_generationcheck.moc"
