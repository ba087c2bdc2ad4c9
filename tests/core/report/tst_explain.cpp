// SPDX-License-Identifier: Apache-2.0
// Explanation: made-up results and the sentences that they lead to, and those of a run of the demo model.
#include "core/report/explain.h"

#include "core/report/report.h"
#include "support/tempfolder.h"

#include <QTest>

using namespace bitlathe;
using namespace bitlathe::report;
using bitlathe::tests::TempFolder;
using quant::Verdict;

namespace
{

/// Nine blocks of an o_proj and a down_proj with these errors.
template <typename Errors>
run::RunResult madeRun(const Errors& errors)
{
    run::RunResult run;
    run.out = "/out/made";
    run.recipe.method = "gptq";
    for (int block = 0; block < 9; ++block) {
        for (const char* name : {"self_attn.o_proj", "mlp.down_proj"}) {
            run::LayerRecord layer;
            layer.layer = LayerId(static_cast<std::int64_t>(run.layers.size()));
            layer.name = "model.layers." + std::to_string(block) + '.' + name;
            layer.block = block;
            layer.scheme = quant::Scheme();
            layer.quality.fromStatistics = true;
            layer.quality.relativeError = errors(block, std::string(name) == "mlp.down_proj");
            run.layers.push_back(layer);
        }
    }
    return run;
}

evaluate::Comparison madeComparison(double perplexity, double error, double kl, double sameTop)
{
    evaluate::Comparison comparison;
    comparison.models.resize(2);
    evaluate::ComparedModel& base = comparison.models[0];
    base.path = "/models/base";
    base.perplexity.perplexity = 10;
    evaluate::ComparedModel& row = comparison.models[1];
    row.path = "/out/made";
    row.perplexity.perplexity = perplexity;
    row.delta = perplexity - 10;
    row.deltaError = error;
    row.kl.emplace();
    row.kl->mean = kl;
    row.kl->p99 = 10 * kl;
    row.kl->sameTop = sameTop;
    return comparison;
}

bool says(const std::vector<Text>& texts, const std::string& part)
{
    return english(texts).find(part) != std::string::npos;
}

} // namespace

class TestExplain : public QObject
{
    Q_OBJECT

private slots:
    void nothingLost();
    void lossesHaveVerdicts();
    void errorsThatGrow();
    void errorsAtTheBeginning();
    void oneBlockStandsOut();
    void oneKindOfLayer();
    void remediesFollowTheRecipe();
    void weightsAlone();
    void nothingQuantized();
    void demoRun();
};

void TestExplain::nothingLost()
{
    const auto comparison = madeComparison(10.01, 0.02, 0.001, 0.99);
    const auto run = madeRun([](int, bool) { return 0.001; });
    const Explanation explanation = explain(run, &comparison);
    QCOMPARE(explanation.losses.size(), 3U);
    for (const ExplainedLoss& loss : explanation.losses) {
        QCOMPARE(loss.verdict, Verdict::Fine);
        QVERIFY(!loss.reason.empty());
    }
    QVERIFY(explanation.losses[0].text.english().starts_with("Perplexity did not rise"));
    QVERIFY(says(explanation.places, "spread evenly over the depth"));
    QVERIFY(explanation.remedies.empty());
}

void TestExplain::lossesHaveVerdicts()
{
    const auto comparison = madeComparison(12, 0.1, 0.05, 0.9);
    const Explanation explanation = explain(madeRun([](int, bool) { return 0.02; }), &comparison);
    QCOMPARE(explanation.losses[0].verdict, Verdict::Bad);
    QVERIFY2(
        explanation.losses[0].text.english().starts_with("Perplexity rose by 20.00 % (± 1.00 %), from 10.00 to 12.00"),
        explanation.losses[0].text.english().c_str());
    QCOMPARE(explanation.losses[1].verdict, Verdict::Watch);
    QVERIFY(explanation.losses[1].text.english().find("0.0500 nats") != std::string::npos);
    QCOMPARE(explanation.losses[2].verdict, Verdict::Watch);
    QVERIFY(explanation.losses[2].text.english().find("another one in 10.0 % of places") != std::string::npos);
    const auto better = madeComparison(9, 0.1, 0.05, 0.9);
    const Explanation fell = explain(madeRun([](int, bool) { return 0.02; }), &better);
    QCOMPARE(fell.losses[0].verdict, Verdict::Fine);
    QVERIFY2(fell.losses[0].text.english().starts_with("Perplexity fell by 10.00 % (± 1.00 %), from 10.00 to 9.000"),
             fell.losses[0].text.english().c_str());
    auto other = madeComparison(12, 0.1, 0.05, 0.9);
    other.models[1].path = "/out/another";
    QVERIFY(explain(madeRun([](int, bool) { return 0.02; }), &other).losses.empty());
}

void TestExplain::errorsThatGrow()
{
    const Explanation explanation = explain(madeRun([](int block, bool) { return 0.001 * (block + 1); }));
    QVERIFY2(says(explanation.places, "Errors grow through the depth: 0.200 % on average in the first third of the "
                                      "blocks, 0.800 % in the last."),
             english(explanation.places).c_str());
    QVERIFY(says(explanation.places, "model.layers.8.self_attn.o_proj (0.900 %)"));
    // 0.9 + 0.9 + 0.8 of 2 x 4.5.
    QVERIFY(says(explanation.places, "these carry 29 % of the sum"));
}

void TestExplain::errorsAtTheBeginning()
{
    const Explanation explanation = explain(madeRun([](int block, bool) { return block < 3 ? 0.03 : 0.01; }));
    QVERIFY(says(explanation.places, "Errors are larger at the beginning: 3.00 %"));
    QVERIFY(!says(explanation.places, "stands out"));
}

void TestExplain::oneBlockStandsOut()
{
    const Explanation explanation = explain(madeRun([](int block, bool) { return block == 4 ? 0.08 : 0.01; }));
    QVERIFY2(says(explanation.places, "Block 4 stands out: it carries 50 % of all errors, 4.5 times its share."),
             english(explanation.places).c_str());
    QVERIFY(says(explanation.remedies, "Give model.layers.4.self_attn.o_proj, model.layers.4.mlp.down_proj"));
}

void TestExplain::oneKindOfLayer()
{
    const Explanation explanation = explain(madeRun([](int, bool isDown) { return isDown ? 0.04 : 0.01; }));
    QVERIFY(
        says(explanation.places, "Of all kinds of layers down_proj loses most: 4.00 % on average, the others 1.00 %."));
    QVERIFY(says(explanation.remedies, "Give *.down_proj more bits"));
}

void TestExplain::remediesFollowTheRecipe()
{
    auto run = madeRun([](int, bool) { return 0.03; });
    run.recipe.options.gptq.effort = quant::Effort::Best;
    run.recipe.scheme = {.groupSize = 64, .symmetric = false, .actOrder = true};
    const Explanation best = explain(run);
    for (const char* part : {"effort best", "smaller groups", "zero points", "act-order", "gptq or awq"}) {
        QVERIFY2(!says(best.remedies, part), part);
    }
    run.recipe.method = "rtn";
    run.recipe.scheme = {.groupSize = quant::kPerChannel};
    const Explanation rounded = explain(run);
    QVERIFY(says(rounded.remedies, "Take gptq or awq"));
    QVERIFY(says(rounded.remedies, "64 instead of channel"));
    QVERIFY(says(rounded.remedies, "zero points"));
    QVERIFY(says(rounded.remedies, "Evaluate it on a text"));
}

void TestExplain::weightsAlone()
{
    auto run = madeRun([](int, bool) { return 0.001; });
    for (run::LayerRecord& layer : run.layers) {
        layer.quality.fromStatistics = false;
        layer.quality.saturated = 0.4;
    }
    const Explanation explanation = explain(run);
    QVERIFY(says(explanation.places, "errors are of the weights alone"));
    QVERIFY(says(explanation.places, "In 18 layers many codes lie at the ends"));
}

void TestExplain::nothingQuantized()
{
    run::RunResult run;
    run.layers.resize(3);
    const Explanation explanation = explain(run);
    QVERIFY(explanation.losses.empty() && explanation.places.empty() && explanation.remedies.empty());
    const Explanation none = explain(madeRun([](int, bool) { return 0.0; }));
    QVERIFY(says(none.places, "No layer has an error"));
}

void TestExplain::demoRun()
{
    BITLATHE_NEED_SHARED();
    const TempFolder folder;
    const auto data = tests::sharedFolder() / "data" / "demo-text";
    plan::Recipe recipe;
    recipe.model = tests::sharedFolder() / "models" / "demo-llama";
    recipe.exportTo.out = folder / "out";
    recipe.calibration.data = (data / "calibration.jsonl").string();
    recipe.calibration.samples.samples = 4;
    recipe.calibration.samples.length = 128;
    recipe.evaluation.data = (data / "evaluation.txt").string();
    recipe.evaluation.length = 256;
    recipe.evaluation.windows = 4;
    const auto plan = plan::makePlan(recipe);
    BITLATHE_VERIFY_OK(plan);
    const auto result = run::runPlan(*plan, {.record = false}, {}, {});
    BITLATHE_VERIFY_OK(result);
    const Explanation explanation = explain(*result);
    QCOMPARE(explanation.losses.size(), 3U);
    QVERIFY(says(explanation.places, "v_proj loses most"));
    QVERIFY(says(explanation.remedies, "*.v_proj more bits"));
    const auto report = makeReport(*result);
    BITLATHE_VERIFY_OK(report);
    const std::string html = toHtml(*report);
    QVERIFY(html.find("What was lost, and where") != std::string::npos);
    QVERIFY(html.find("v_proj loses most") != std::string::npos);
    const auto json = parseJson(toJson(*report), "report");
    BITLATHE_VERIFY_OK(json);
    const Json& document = (*json)["runs"][0]["explanation"];
    QCOMPARE(document["losses"].size(), 3U);
    QCOMPARE(document["places"].size(), explanation.places.size());
}

QTEST_GUILESS_MAIN(TestExplain)
#include "tst_explain.moc"
