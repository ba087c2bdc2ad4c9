// SPDX-License-Identifier: Apache-2.0
// Generation against completions of transformers, and the rules of sampling.
#include "core/model/generate.h"
#include "core/model/goldenmodel.h"
#include "core/model/sampler.h"

#include <QTest>

#include <cmath>
#include <map>

using namespace bitlathe;
using namespace bitlathe::model;

namespace
{

Sampler samplerOf(const GenerationOptions& options)
{
    return tests::valueOf(Sampler::create(options));
}

/// How often each id is drawn from logits.
std::map<TokenId, int> drawMany(const GenerationOptions& options, const std::vector<float>& logits, int count)
{
    Sampler sampler = samplerOf(options);
    std::map<TokenId, int> drawn;
    for (int i = 0; i < count; ++i) {
        std::vector<float> copy = logits;
        ++drawn[sampler.next(copy, {})];
    }
    return drawn;
}

} // namespace

class TestGenerate : public QObject
{
    Q_OBJECT

private slots:
    void greedyEqualsTransformers()
    {
        const auto folder = tests::sharedModel("demo-llama");
        if (!std::filesystem::exists(folder)) {
            QSKIP("the shared golden folder is not there");
        }
        const auto model = tests::openGolden(folder);
        const auto golden =
            tests::valueOf(readJson(std::filesystem::path(BITLATHE_SHARED) / "golden" / "generate.json"));
        for (const Json& item : golden.at("cases")) {
            GenerationOptions options;
            options.maxNewTokens = 64;
            options.repetitionPenalty = item.at("repetition_penalty").get<double>();
            options.stopIds = {2};
            const auto prompt = item.at("prompt_ids").get<std::vector<TokenId>>();
            const auto completion = tests::valueOf(generate(*model, prompt, options));
            QCOMPARE(completion.ids, item.at("new_ids").get<std::vector<TokenId>>());
        }
    }

    void stopsWhereAsked()
    {
        const auto folder = tests::sharedModel("arch/llama-gqa-untied");
        if (!std::filesystem::exists(folder)) {
            QSKIP("the shared golden folder is not there");
        }
        const auto model = tests::openGolden(folder);
        const std::vector<TokenId> prompt{1, 5, 9};
        GenerationOptions options;
        options.maxNewTokens = 12;
        const auto all = tests::valueOf(generate(*model, prompt, options));
        QCOMPARE(all.ids.size(), std::size_t{12});
        QVERIFY(!all.stopped);

        options.stopIds = {all.ids[4]};
        const auto stopped = tests::valueOf(generate(*model, prompt, options));
        const auto first = std::ranges::find(all.ids, all.ids[4]) - all.ids.begin();
        QCOMPARE(stopped.ids, std::vector<TokenId>(all.ids.begin(), all.ids.begin() + first + 1));
        QVERIFY(stopped.stopped);

        options.stopIds.clear();
        int seen = 0;
        const auto ended = tests::valueOf(generate(*model, prompt, options, [&](TokenId) { return ++seen < 3; }));
        QCOMPARE(ended.ids, std::vector<TokenId>(all.ids.begin(), all.ids.begin() + 3));

        std::stop_source source;
        const auto cancelled =
            generate(*model, prompt, options, [&](TokenId) { return source.request_stop(); }, {{}, source.get_token()});
        QVERIFY(!cancelled);
        QCOMPARE(cancelled.error().code, ErrorCode::Cancelled);

        const auto empty = generate(*model, {}, options);
        QVERIFY(!empty);
        QCOMPARE(empty.error().code, ErrorCode::TextInvalid);
        options.maxNewTokens = 0;
        QVERIFY(tests::valueOf(generate(*model, prompt, options)).ids.empty());
    }

    void choicesTellTheModelsOwnProbabilities()
    {
        const auto model = tests::openGolden(std::filesystem::path(BITLATHE_SOURCE_DIR) / "resources/demo/model");
        const std::vector<TokenId> prompt = {1, 343};
        GenerationOptions options;
        options.maxNewTokens = 4;
        const auto plain = tests::valueOf(generate(*model, prompt, options));
        std::vector<TokenChoice> choices;
        options.onChoice = [&choices](const TokenChoice& choice) { choices.push_back(choice); };
        options.likely = 3;
        const auto told = tests::valueOf(generate(*model, prompt, options));
        QCOMPARE(told.ids, plain.ids);
        QCOMPARE(choices.size(), told.ids.size());
        std::vector<TokenId> read = prompt;
        for (std::size_t i = 0; i < choices.size(); ++i) {
            // By softmax of the logits of all that was read, in double.
            const auto normed = tests::valueOf(model->forward(read));
            std::vector<float> logits(static_cast<std::size_t>(model->spec().vocabulary));
            model->logits(normed, normed.rows - 1, 1, logits);
            double sum = 0;
            for (const float logit : logits) {
                sum += std::exp(static_cast<double>(logit));
            }
            const auto probability = [&](TokenId id) {
                return std::exp(static_cast<double>(logits[static_cast<std::size_t>(id)])) / sum;
            };
            const TokenChoice& choice = choices[i];
            QCOMPARE(choice.chosen.id, told.ids[i]);
            QVERIFY(std::abs(choice.chosen.probability - probability(told.ids[i])) < 1e-4);
            QCOMPARE(choice.likely.size(), std::size_t{3});
            QCOMPARE(choice.likely[0].id, told.ids[i]); // Greedy.
            QVERIFY(choice.likely[0].probability >= choice.likely[1].probability);
            QVERIFY(choice.likely[1].probability >= choice.likely[2].probability);
            QVERIFY(std::abs(choice.likely[2].probability - probability(choice.likely[2].id)) < 1e-4);
            read.push_back(told.ids[i]);
        }
        // Cuts and temperature change what is drawn, not what is told.
        options.temperature = 5;
        options.topK = 50;
        options.maxNewTokens = 1;
        choices.clear();
        const auto drawn = tests::valueOf(generate(*model, prompt, options));
        QCOMPARE(choices[0].likely[0].id, plain.ids[0]);
        QCOMPARE(choices[0].chosen.id, drawn.ids[0]);
    }

    void sampledTextFollowsTheSeed()
    {
        const auto folder = tests::sharedModel("arch/llama-gqa-untied");
        if (!std::filesystem::exists(folder)) {
            QSKIP("the shared golden folder is not there");
        }
        const auto model = tests::openGolden(folder);
        GenerationOptions options;
        options.temperature = 1.5;
        options.seed = 7;
        const std::vector<TokenId> prompt{1, 5, 9};
        const auto once = tests::valueOf(generate(*model, prompt, options)).ids;
        QCOMPARE(tests::valueOf(generate(*model, prompt, options)).ids, once);
        options.seed = 8;
        QVERIFY(tests::valueOf(generate(*model, prompt, options)).ids != once);
    }

    void penaltyShrinksWhatWasSeenOnce()
    {
        GenerationOptions options;
        options.repetitionPenalty = 2.0;
        Sampler sampler = samplerOf(options);
        std::vector<float> logits{4.0F, 3.0F, -1.0F, -3.0F};
        const std::vector<TokenId> history{0, 0, 2};
        QCOMPARE(sampler.next(logits, history), 1);
        QCOMPARE(logits, (std::vector<float>{2.0F, 3.0F, -2.0F, -3.0F}));
    }

    void drawsFollowTheDistribution()
    {
        const std::vector<float> logits{std::log(0.5F), std::log(0.3F), std::log(0.15F), std::log(0.05F)};
        GenerationOptions options;
        options.temperature = 1.0;
        auto drawn = drawMany(options, logits, 20000);
        QVERIFY(std::abs(drawn[0] - 10000) < 400);
        QVERIFY(std::abs(drawn[1] - 6000) < 400);
        QVERIFY(std::abs(drawn[3] - 1000) < 200);

        options.temperature = 0.5; // squares the weights
        drawn = drawMany(options, logits, 20000);
        QVERIFY(std::abs(drawn[0] - 20000 * 0.25 / 0.365) < 400);
    }

    void topKAndTopPKeepTheBest()
    {
        const std::vector<float> logits{std::log(0.15F), std::log(0.5F), std::log(0.05F), std::log(0.3F)};
        GenerationOptions options;
        options.temperature = 1.0;
        options.topK = 2;
        auto drawn = drawMany(options, logits, 2000);
        QCOMPARE(drawn.size(), std::size_t{2});
        QVERIFY(drawn.contains(1) && drawn.contains(3));

        options.topK = 0;
        options.topP = 0.6;
        drawn = drawMany(options, logits, 2000);
        QCOMPARE(drawn.size(), std::size_t{2});
        options.topP = 0.9;
        QCOMPARE(drawMany(options, logits, 2000).size(), std::size_t{3});
        options.topP = 0.1;
        drawn = drawMany(options, logits, 100);
        QCOMPARE(drawn[1], 100);
    }

    void badSettingsAreNamed_data()
    {
        QTest::addColumn<double>("temperature");
        QTest::addColumn<int>("topK");
        QTest::addColumn<double>("topP");
        QTest::addColumn<double>("penalty");
        QTest::newRow("temperature") << -1.0 << 0 << 1.0 << 1.0;
        QTest::newRow("nan") << std::nan("") << 0 << 1.0 << 1.0;
        QTest::newRow("top-k") << 1.0 << -1 << 1.0 << 1.0;
        QTest::newRow("top-p zero") << 1.0 << 0 << 0.0 << 1.0;
        QTest::newRow("top-p above one") << 1.0 << 0 << 1.1 << 1.0;
        QTest::newRow("penalty") << 1.0 << 0 << 1.0 << 0.0;
    }

    void badSettingsAreNamed()
    {
        QFETCH(const double, temperature);
        QFETCH(const int, topK);
        QFETCH(const double, topP);
        QFETCH(const double, penalty);
        GenerationOptions options;
        options.temperature = temperature;
        options.topK = topK;
        options.topP = topP;
        options.repetitionPenalty = penalty;
        const auto sampler = Sampler::create(options);
        QVERIFY(!sampler);
        QCOMPARE(sampler.error().code, ErrorCode::SettingInvalid);
    }
};

QTEST_GUILESS_MAIN(TestGenerate)
#include "tst_generate.moc"
