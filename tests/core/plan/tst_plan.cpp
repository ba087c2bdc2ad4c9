// SPDX-License-Identifier: Apache-2.0
// Plans of the demo model: schemes, costs, and what is refused or noted before anything runs.
#include "core/plan/cost.h"
#include "core/plan/plan.h"
#include "core/quant/scaleproblem.h"
#include "support/tempfolder.h"

#include <QTest>

#include <fstream>
#include <numeric>

namespace bitlathe::plan
{

namespace
{

namespace fs = std::filesystem;

const fs::path kDemo = fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/model";
const fs::path kTexts = fs::path(BITLATHE_SOURCE_DIR) / "resources/demo/text";

Recipe demoRecipe(const tests::TempFolder& folder)
{
    Recipe recipe;
    recipe.model = kDemo;
    recipe.exportTo.out = folder / "out";
    return recipe;
}

bool hasFinding(const Plan& plan, const std::string& code)
{
    return std::any_of(plan.findings.begin(), plan.findings.end(),
                       [&](const Finding& each) { return each.code == code; });
}

} // namespace

class TestPlan : public QObject
{
    Q_OBJECT

private slots:
    void everyLayerGetsItsScheme()
    {
        const tests::TempFolder folder;
        Recipe recipe = demoRecipe(folder);
        quant::Scheme wide = recipe.scheme;
        wide.bits = 8;
        recipe.overrides = {{"*.down_proj", wide}, {"model.layers.0.*", std::nullopt}};
        const auto plan = makePlan(recipe);
        BITLATHE_VERIFY_OK(plan);
        const model::ModelSpec& spec = plan->model->spec;
        QCOMPARE(plan->schemes.size(), std::size_t{56});
        for (const model::LinearSpec& linear : spec.linears) {
            const auto& scheme = plan->schemes[linear.id.index()];
            if (linear.block == 0) {
                QVERIFY(!scheme);
                continue;
            }
            QCOMPARE(scheme->bits, linear.role == model::LinearRole::Down ? 8 : 4);
            QVERIFY(scheme->scaleDType == plan->format->scaleDType(plan->model->dtype));
        }
        QVERIFY(plan->findings.empty());
    }

    /// Of a layer that experts share its input with, the fewer rows are searched the more experts there are, so that
    /// the time does not grow with them beyond a limit.
    void manyExpertsAreSearchedByFewerRows()
    {
        QCOMPARE(quant::rowsSearched(1), std::int64_t{1024});
        QCOMPARE(quant::rowsSearched(8), std::int64_t{1024});
        QCOMPARE(quant::rowsSearched(64), std::int64_t{128});
        QCOMPARE(quant::rowsSearched(256), std::int64_t{64});
        const tests::TempFolder folder;
        Plan plan;
        double seconds[2] = {};
        for (const std::int64_t experts : {std::int64_t{8}, std::int64_t{128}}) {
            auto opened = std::make_shared<format::OpenedModel>();
            model::ModelSpec& spec = opened->spec;
            spec.experts = experts;
            spec.expertsPerToken = 1;
            spec.blocks.resize(1);
            model::ScaleGroup group;
            // The same number of weights in both, cut into more or fewer linears.
            const std::int64_t rows = 8 * 1024 * 2 / experts;
            for (std::int64_t expert = 0; expert < experts; ++expert) {
                model::LinearSpec linear;
                linear.id = LayerId(static_cast<std::int32_t>(expert));
                linear.name = "expert";
                linear.outFeatures = rows;
                linear.inFeatures = 1024;
                linear.expert = expert;
                linear.inputGroup = expert;
                spec.linears.push_back(linear);
                spec.blocks[0].linears.push_back(linear.id);
                group.linears.push_back(linear.id);
            }
            spec.scaleGroups.push_back(group);
            plan = {};
            plan.model = opened;
            plan.schemes.assign(spec.linears.size(), quant::Scheme{});
            plan.recipe.method = "awq";
            plan.recipe.options.awq.clip = false;
            addCosts(plan, Timing::Measured);
            seconds[experts == 8 ? 0 : 1] = plan.estimate.secondsHigh;
        }
        // 8 experts: 1024 of 2048 rows each; 128: 64 of 128. As many rows in all.
        QVERIFY2(std::abs(seconds[1] / seconds[0] - 1) < 0.02, qPrintable(QString::number(seconds[1] / seconds[0])));
    }

    void costsAddUp()
    {
        const tests::TempFolder folder;
        Recipe recipe = demoRecipe(folder);
        recipe.calibration.data = kTexts / "calibration.jsonl";
        recipe.evaluation.data = kTexts / "evaluation.txt";
        const auto plan = makePlan(recipe);
        BITLATHE_VERIFY_OK(plan);
        QCOMPARE(plan->steps.size(), std::size_t{4});
        const double sum = std::accumulate(plan->steps.begin(), plan->steps.end(), 0.0,
                                           [](double total, const Step& step) { return total + step.weight; });
        QVERIFY(std::abs(sum - 1) < 1e-9);
        const Estimate& estimate = plan->estimate;
        QVERIFY(estimate.secondsLow > 0 && estimate.secondsLow < estimate.secondsHigh);
        QVERIFY(estimate.bytesDisk > estimate.bytesOut);
        // Codes of 4 bits and one 16-bit scale for 128 weights.
        QVERIFY(std::abs(estimate.bitsPerWeight - 4.125) < 1e-9);
        // 8 layers, 2 KV heads of 64, keys and values of 2 bytes.
        QCOMPARE(estimate.kvBytesPerToken, std::int64_t{2 * 8 * 2 * 64 * 2});
        // The file holds the embedding (4096 or so rows of 256 bf16), norms and 4.125 bits for each other weight.
        const model::ModelSpec& spec = plan->model->spec;
        double weights = 0;
        for (const model::LinearSpec& linear : spec.linears) {
            weights += static_cast<double>(linear.outFeatures * linear.inFeatures);
        }
        const double expected = weights * 4.125 / 8 + static_cast<double>(spec.vocabulary * spec.hidden * 2);
        QVERIFY(std::abs(static_cast<double>(estimate.bytesOut) / expected - 1) < 0.02);
    }

    void pathsBecomeAbsolute()
    {
        const tests::TempFolder folder;
        Recipe recipe = demoRecipe(folder);
        recipe.exportTo.out = "some/out/";
        recipe.calibration.data = "ids:some.json";
        recipe.evaluation.data = "file.jsonl#text";
        const auto plan = makePlan(recipe);
        BITLATHE_VERIFY_OK(plan);
        QVERIFY(plan->recipe.exportTo.out == fs::current_path() / "some/out");
        QCOMPARE(plan->recipe.calibration.data, "ids:" + (fs::current_path() / "some.json").string());
        QCOMPARE(plan->recipe.evaluation.data, (fs::current_path() / "file.jsonl#text").string());
    }

    void unusedOverridesAreNoted()
    {
        const tests::TempFolder folder;
        Recipe recipe = demoRecipe(folder);
        recipe.overrides = {{"*.mlp.experts.*", std::nullopt}};
        const auto plan = makePlan(recipe);
        BITLATHE_VERIFY_OK(plan);
        QVERIFY(hasFinding(*plan, "override-unused"));
        recipe.overrides = {{"*", std::nullopt}};
        const auto nothing = makePlan(recipe);
        BITLATHE_VERIFY_OK(nothing);
        QVERIFY(hasFinding(*nothing, "nothing-quantized"));
    }

    void equalTextsAreNoted()
    {
        const tests::TempFolder folder;
        Recipe recipe = demoRecipe(folder);
        recipe.calibration.data = recipe.evaluation.data = kTexts / "evaluation.txt";
        const auto plan = makePlan(recipe);
        BITLATHE_VERIFY_OK(plan);
        QVERIFY(hasFinding(*plan, "text-overlaps"));
    }

    void quantizedModelsAreQuantizedAgainWithAFinding()
    {
        BITLATHE_NEED_SHARED();
        const tests::TempFolder folder;
        Recipe recipe = demoRecipe(folder);
        recipe.model = tests::sharedFolder() / "golden/ct-w4a16-g128";
        recipe.calibration.data.clear();
        recipe.evaluation.data.clear();
        const auto plan = makePlan(recipe);
        BITLATHE_VERIFY_OK(plan);
        QVERIFY(hasFinding(*plan, "quantized-already"));
    }

    void actOrderIsForMethodsThatOrder()
    {
        const tests::TempFolder folder;
        Recipe recipe = demoRecipe(folder);
        recipe.scheme.actOrder = true;
        const auto plan = makePlan(recipe);
        BITLATHE_VERIFY_OK(plan);
        QVERIFY(hasFinding(*plan, "act-order-ignored"));
        QVERIFY(!plan->schemes.front()->actOrder);
        recipe.method = "gptq";
        recipe.calibration.data = (kDemo.parent_path() / "text/calibration.jsonl").string();
        const auto ordered = makePlan(recipe);
        BITLATHE_VERIFY_OK(ordered);
        QVERIFY(!hasFinding(*ordered, "act-order-ignored"));
        QVERIFY(ordered->schemes.front()->actOrder);
    }

    void risksOfTheFormatAreTold()
    {
        const tests::TempFolder folder;
        Recipe recipe = demoRecipe(folder);
        recipe.exportTo.format = "gptq";
        recipe.scheme.symmetric = false;
        const auto plan = makePlan(recipe);
        BITLATHE_VERIFY_OK(plan);
        QCOMPARE(plan->schemes.front()->leastZero, 1);
        QVERIFY(hasFinding(*plan, "consumer-refuses"));
        recipe.scheme.symmetric = true;
        const auto safe = makePlan(recipe);
        BITLATHE_VERIFY_OK(safe);
        QVERIFY(safe->findings.empty());
        QCOMPARE(safe->schemes.front()->leastZero, 0);
    }

    void unknownFamiliesAreRefusedATextOnly()
    {
        const tests::TempFolder folder;
        fs::create_directory(folder / "model");
        fs::copy(kDemo / "model.safetensors", folder / "model");
        std::ofstream(folder / "model/config.json") << R"({"model_type": "nobodys", "architectures": ["Nobodys"]})";
        Recipe recipe = demoRecipe(folder);
        recipe.model = folder / "model";
        const auto rounded = makePlan(recipe);
        BITLATHE_VERIFY_OK(rounded);
        QCOMPARE(rounded->schemes.size(), std::size_t{56});
        recipe.evaluation.data = "text.txt";
        const auto plan = makePlan(recipe);
        QVERIFY(!plan);
        for (const char* word : {"nobodys", "llama", "qwen3_moe"}) {
            QVERIFY2(plan.error().sentence().find(word) != std::string::npos, plan.error().sentence().c_str());
        }
    }

    void missingModelsAreNamed()
    {
        const tests::TempFolder folder;
        Recipe recipe = demoRecipe(folder);
        recipe.model = folder / "nowhere";
        const auto plan = makePlan(recipe);
        QVERIFY(!plan);
        QCOMPARE(plan.error().code, ErrorCode::FileMissing);
        QVERIFY(plan.error().sentence().find("nowhere") != std::string::npos);
    }

    void schemesThatTheFormatLacksNameTheLayer()
    {
        const tests::TempFolder folder;
        Recipe recipe = demoRecipe(folder);
        recipe.scheme.bits = 3;
        const auto plan = makePlan(recipe);
        QVERIFY(!plan);
        QCOMPARE(plan.error().code, ErrorCode::NotSupported);
        QVERIFY2(plan.error().sentence().find("model.layers.0.") != std::string::npos, plan.error().sentence().c_str());
    }
};

} // namespace bitlathe::plan

QTEST_GUILESS_MAIN(bitlathe::plan::TestPlan)
#include "tst_plan.moc"
