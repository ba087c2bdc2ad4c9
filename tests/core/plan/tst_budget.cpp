// SPDX-License-Identifier: Apache-2.0
// The search in the demo model with sensitivities made up by a rule: every kind of goal, and what formats and programs
// allow.
#include "core/plan/budget.h"

#include "core/evaluate/memory.h"
#include "core/format/consumers.h"
#include "core/format/exporter.h"
#include "support/tempfolder.h"

#include <QTest>

#include <set>

namespace bitlathe::plan
{

namespace
{

namespace fs = std::filesystem;
using evaluate::Sensitivity;

const fs::path kDemo = fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/model";

Recipe demoRecipe(const std::string& format)
{
    Recipe recipe;
    recipe.model = kDemo;
    recipe.exportTo.format = format;
    recipe.exportTo.out = "out";
    return recipe;
}

/// Errors fall by four with every bit and grow with groups; layers differ by up to a hundred.
Sensitivity madeUp(const format::OpenedModel& opened, const std::vector<quant::Scheme>& schemes)
{
    Sensitivity made;
    made.schemes = schemes;
    made.anchors = {0};
    for (const model::LinearSpec& linear : opened.spec.linears) {
        evaluate::LayerSensitivity layer{
            linear.name, linear.block, {linear.id}, linear.outFeatures * linear.inFeatures, {}};
        const double weight = std::pow(10.0, static_cast<double>(linear.id.value() * 7 % 5) / 2);
        for (const quant::Scheme& scheme : schemes) {
            evaluate::SchemeEffect effect;
            effect.kl =
                0.01 * weight * std::pow(4.0, -scheme.bits) * std::pow(static_cast<double>(scheme.groupSize), 0.3);
            layer.effects.push_back(effect);
        }
        made.layers.push_back(std::move(layer));
    }
    return made;
}

std::shared_ptr<const format::OpenedModel> demo()
{
    static const auto opened = *format::openModel(kDemo);
    return opened;
}

Result<BudgetSearch> searchOf(const Recipe& recipe, const SearchSpace& space)
{
    BITLATHE_TRY(const auto schemes, candidateSchemes(recipe, *demo(), space));
    Sensitivity made = madeUp(*demo(), schemes);
    BITLATHE_TRY(const auto kept, keptLayers(recipe, *demo()));
    std::erase_if(made.layers, [&](const auto& layer) { return kept[layer.layers.front().index()]; });
    return BudgetSearch::create(recipe, demo(), std::move(made), space);
}

BudgetGoal bitsGoal(double bits)
{
    BudgetGoal goal;
    goal.bits = bits;
    return goal;
}

BudgetGoal bytesGoal(std::uint64_t bytes)
{
    BudgetGoal goal;
    goal.kind = BudgetGoal::Kind::Bytes;
    goal.bytes = bytes;
    return goal;
}

std::string errorOf(const Result<BudgetChoice>& choice)
{
    return choice ? std::string("no error") : choice.error().sentence();
}

} // namespace

class TestBudget : public QObject
{
    Q_OBJECT

private slots:
    void bitsAreKept_data()
    {
        QTest::addColumn<double>("bits");
        for (const double bits : {2.5, 3.25, 4.25, 5.0, 8.1}) {
            QTest::addRow("%g", bits) << bits;
        }
    }
    /// The recipe that comes out gives the plan that was promised, to the byte.
    void bitsAreKept()
    {
        QFETCH(double, bits);
        const auto search = searchOf(demoRecipe("gptq"), {});
        BITLATHE_VERIFY_OK(search);
        const auto choice = search->choose(bitsGoal(bits));
        BITLATHE_VERIFY_OK(choice);
        QVERIFY(choice->point.bitsPerWeight <= bits + 1e-9);
        QVERIFY(choice->point.bitsPerWeight > bits - 0.02);
        const auto plan = makePlan(choice->recipe, demo());
        BITLATHE_VERIFY_OK(plan);
        QVERIFY(plan->schemes == choice->schemes);
        QCOMPARE(plan->estimate.bytesOut, choice->point.bytes);
        QVERIFY(std::abs(plan->estimate.bitsPerWeight - choice->point.bitsPerWeight) < 1e-9);
        const auto read = recipeFromYaml(recipeToYaml(choice->recipe), "r.yaml");
        BITLATHE_VERIFY_OK(read);
        QVERIFY(*read == choice->recipe);
    }

    void bytesAreKept()
    {
        const auto search = searchOf(demoRecipe("gptq"), {});
        BITLATHE_VERIFY_OK(search);
        const std::vector<BudgetPoint> front = search->front();
        QVERIFY(front.size() > 50);
        for (std::size_t i = 1; i < front.size(); ++i) {
            QVERIFY(front[i].bytes > front[i - 1].bytes && front[i].kl < front[i - 1].kl);
        }
        for (const std::uint64_t bytes : {front[0].bytes + 4096, front[20].bytes, front[front.size() / 2].bytes + 1}) {
            const auto choice = search->choose(bytesGoal(bytes));
            BITLATHE_VERIFY_OK(choice);
            QVERIFY(choice->point.bytes <= bytes);
            QVERIFY(choice->point.bytes + 4096 > bytes);
            const auto plan = makePlan(choice->recipe, demo());
            BITLATHE_VERIFY_OK(plan);
            QCOMPARE(plan->estimate.bytesOut, choice->point.bytes);
        }
        // More than the largest mix needs.
        const auto all = search->choose(bytesGoal(std::uint64_t{1} << 40U));
        BITLATHE_VERIFY_OK(all);
        QVERIFY(std::abs(all->point.kl - front.back().kl) < 1e-12);
    }

    void memoryHoldsKeysAndValuesToo()
    {
        const auto search = searchOf(demoRecipe("gptq"), {});
        BITLATHE_VERIFY_OK(search);
        BudgetGoal goal;
        goal.kind = BudgetGoal::Kind::Memory;
        goal.memory = {20U << 20U, 1024, 2, {}};
        const std::uint64_t rest =
            evaluate::kvCacheBytes(demo()->spec, 2, 1024, {}) + evaluate::activationBytes(demo()->spec, 2);
        const auto choice = search->choose(goal);
        BITLATHE_VERIFY_OK(choice);
        QVERIFY(choice->point.bytes + rest <= goal.memory.bytes);
        const auto same = search->choose(bytesGoal(goal.memory.bytes - rest));
        BITLATHE_VERIFY_OK(same);
        QVERIFY(same->schemes == choice->schemes);
        goal.memory.context = 1 << 20;
        QVERIFY2(errorOf(search->choose(goal)).find("keys, values and activations") != std::string::npos,
                 errorOf(search->choose(goal)).c_str());
    }

    void perplexityIsTheLeastBytesThatDo()
    {
        const auto search = searchOf(demoRecipe("gptq"), {});
        BITLATHE_VERIFY_OK(search);
        BudgetGoal goal;
        goal.kind = BudgetGoal::Kind::Perplexity;
        goal.perplexityIncrease = 0.01;
        const auto choice = search->choose(goal);
        BITLATHE_VERIFY_OK(choice);
        QVERIFY(choice->point.perplexityIncrease() <= 0.01);
        const auto smaller = search->choose(bytesGoal(choice->point.bytes - 512));
        BITLATHE_VERIFY_OK(smaller);
        QVERIFY(smaller->point.perplexityIncrease() > 0.01);
        goal.perplexityIncrease = 1e-9;
        QVERIFY2(errorOf(search->choose(goal)).find("a rise of perplexity by at least") != std::string::npos,
                 errorOf(search->choose(goal)).c_str());
    }

    void whatNothingReachesSaysWhatCanBe()
    {
        const auto search = searchOf(demoRecipe("gptq"), {{4, 8}, {128}, {}});
        BITLATHE_VERIFY_OK(search);
        QVERIFY2(errorOf(search->choose(bitsGoal(4))).find("at least 4.125 bits per weight") != std::string::npos,
                 errorOf(search->choose(bitsGoal(4))).c_str());
        const std::string bytes = errorOf(search->choose(bytesGoal(1000)));
        QVERIFY2(bytes.find("MiB for the files") != std::string::npos, bytes.c_str());
    }

    /// vLLM makes one matrix of layers that share their input.
    void joinedLayersAreAlike()
    {
        const auto search = searchOf(demoRecipe("gptq"), {{2, 4, 8}, {32, 128}, "vLLM"});
        BITLATHE_VERIFY_OK(search);
        for (const quant::Scheme& scheme : search->sensitivity().schemes) {
            QVERIFY(scheme.bits == 4 || scheme.bits == 8);
        }
        const auto choice = search->choose(bitsGoal(5));
        BITLATHE_VERIFY_OK(choice);
        QVERIFY(choice->point.bitsPerWeight > 4.9);
        std::set<std::int64_t> differ;
        for (const Finding& finding :
             format::consumerFindings(**format::findFormat("gptq"), demo()->spec, choice->schemes)) {
            QVERIFY2(!finding.message.english().starts_with("vLLM"), finding.message.english().c_str());
        }
        for (const auto& scheme : choice->schemes) {
            differ.insert(scheme->bits);
        }
        QCOMPARE(differ.size(), std::size_t{2});
    }

    /// A mix that may be as large as one scheme for all loses no more than that.
    void mixesAreNoWorseThanOneScheme()
    {
        const auto search = searchOf(demoRecipe("gptq"), {});
        BITLATHE_VERIFY_OK(search);
        const std::vector<UniformPoint> uniform = search->uniform();
        QVERIFY(uniform.size() > 6);
        for (const UniformPoint& each : uniform) {
            const format::LinearSchemes schemes(demo()->spec.linears.size(), each.scheme);
            QCOMPARE(each.point.bytes,
                     *format::exportedBytes(*demo(), **format::findFormat("gptq"), schemes, std::nullopt));
            const auto choice = search->choose(bytesGoal(each.point.bytes));
            BITLATHE_VERIFY_OK(choice);
            QVERIFY(choice->point.kl <= each.point.kl + 1e-12);
        }
    }

    void keptLayersStayAndCount()
    {
        Recipe recipe = demoRecipe("gptq");
        recipe.overrides = {{"*.down_proj", std::nullopt}};
        const auto search = searchOf(recipe, {});
        BITLATHE_VERIFY_OK(search);
        const auto choice = search->choose(bitsGoal(8));
        BITLATHE_VERIFY_OK(choice);
        QVERIFY(choice->point.bitsPerWeight <= 8 && choice->point.bitsPerWeight > 7.95);
        for (const model::LinearSpec& linear : demo()->spec.linears) {
            QCOMPARE(choice->schemes[linear.id.index()].has_value(), linear.role != model::LinearRole::Down);
        }
        const auto plan = makePlan(choice->recipe, demo());
        BITLATHE_VERIFY_OK(plan);
        QVERIFY(plan->schemes == choice->schemes);
    }

    void whatCannotMixIsRefused_data()
    {
        QTest::addColumn<QString>("format");
        QTest::addColumn<QString>("consumer");
        QTest::addColumn<QString>("words");
        QTest::newRow("program with one scheme") << "gptq"
                                                 << "transformers"
                                                 << "one scheme in all layers";
        QTest::newRow("format with one group size") << "awq"
                                                    << ""
                                                    << "different schemes";
        QTest::newRow("program that does not load it") << "gptq"
                                                       << "lmdeploy"
                                                       << "\"lmdeploy\"";
    }
    void whatCannotMixIsRefused()
    {
        QFETCH(QString, format);
        QFETCH(QString, consumer);
        QFETCH(QString, words);
        Recipe recipe = demoRecipe(format.toStdString());
        recipe.scheme.symmetric = format != "awq";
        SearchSpace space;
        space.consumer = consumer.toStdString();
        const auto schemes = candidateSchemes(recipe, *demo(), space);
        QVERIFY(!schemes);
        const std::string sentence = schemes.error().sentence();
        QVERIFY2(sentence.find(words.toStdString()) != std::string::npos, sentence.c_str());
        if (consumer != "lmdeploy") {
            QVERIFY2(sentence.find("gptq (GPTQModel)") != std::string::npos, sentence.c_str());
        }
    }

    void patternsAreFew()
    {
        const auto search = searchOf(demoRecipe("gptq"), {{3, 4}, {128}, {}});
        BITLATHE_VERIFY_OK(search);
        const auto choice = search->choose(bitsGoal(3.7));
        BITLATHE_VERIFY_OK(choice);
        // Seven names of layers, two schemes: a pattern for the name and a list of blocks at most.
        QVERIFY(choice->recipe.overrides.size() <= 14);
        QVERIFY(!choice->recipe.overrides.empty());
    }
};

} // namespace bitlathe::plan

QTEST_GUILESS_MAIN(bitlathe::plan::TestBudget)
#include "tst_budget.moc"
