// SPDX-License-Identifier: Apache-2.0
// Runs whose statistics are of quantized inputs: the order of layers, the same bytes after a stop, and what they
// change.
#include "core/model/goldenmodel.h"
#include "core/quant/gptq.h"
#include "core/quant/quantizedsource.h"
#include "core/run/runfixtures.h"
#include "core/run/runner.h"
#include "core/run/sequentialinputs.h"
#include "core/text/textset.h"
#include "kernels/threads.h"
#include "support/tempfolder.h"

#include <QTest>

namespace bitlathe::run
{

namespace
{

namespace fs = std::filesystem;
using tests::runAndStop;
using tests::runRecipe;

plan::Recipe sequentialRecipe(const fs::path& out)
{
    plan::Recipe recipe = tests::demoRecipe(out);
    recipe.method = "gptq";
    recipe.scheme.bits = 2;
    recipe.scheme.groupSize = 64;
    recipe.options.gptq.effort = quant::Effort::Fast;
    recipe.calibration.inputs = plan::CalibrationInputs::Quantized;
    return recipe;
}

fs::path partialOf(const fs::path& out)
{
    return out.string() + ".partial";
}

} // namespace

class TestSequentialRun : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;
    std::map<std::string, std::string> m_reference; ///< Files of an uninterrupted run of sequentialRecipe.
    RunResult m_result;
    int m_outs = 0;

    fs::path freshOut() { return m_folder / ("out" + std::to_string(++m_outs)); }

private slots:
    void initTestCase()
    {
        tests::useOwnFolders(m_folder.path());
        const plan::Recipe recipe = sequentialRecipe(freshOut());
        auto result = runRecipe(recipe);
        BITLATHE_VERIFY_OK(result);
        m_result = *std::move(result);
        m_reference = tests::filesOf(recipe.exportTo.out);
        for (const auto& [name, content] : m_reference) {
            QVERIFY2(!name.starts_with(".bitlathe"), name.c_str());
        }
    }

    void stepsFollowTheBlock()
    {
        const auto opened = format::openModel(tests::kDemoModel);
        BITLATHE_VERIFY_OK(opened);
        const model::ModelSpec& spec = (*opened)->spec;
        const auto steps = quantizingSteps(spec, 1);
        const std::vector<std::vector<std::string>> expected{
            {"q_proj", "k_proj", "v_proj"}, {"o_proj"}, {"gate_proj", "up_proj"}, {"down_proj"}};
        QCOMPARE(steps.size(), expected.size());
        for (std::size_t step = 0; step < steps.size(); ++step) {
            QCOMPARE(steps[step].size(), expected[step].size());
            for (std::size_t i = 0; i < steps[step].size(); ++i) {
                const std::string& name = spec.linear(steps[step][i]).name;
                QVERIFY2(name.starts_with("model.layers.1.") && name.ends_with(expected[step][i]), name.c_str());
            }
        }
    }

    void expertsGoSideBySide()
    {
        const fs::path folder = tests::sharedModel("arch/mixtral");
        if (!fs::exists(folder)) {
            QSKIP("the shared golden folder is not there");
        }
        const auto opened = format::openModel(folder);
        BITLATHE_VERIFY_OK(opened);
        const model::ModelSpec& spec = (*opened)->spec;
        const auto steps = quantizingSteps(spec, 0);
        QCOMPARE(steps.size(), std::size_t{4}); // Attention's two, all experts' first ones, all experts' last ones.
        QCOMPARE(steps[2].size(), static_cast<std::size_t>(2 * spec.experts));
        QCOMPARE(steps[3].size(), static_cast<std::size_t>(spec.experts));
        for (const LayerId id : steps[3]) {
            QCOMPARE(spec.linear(id).role, model::LinearRole::Down);
        }
    }

    /// Only the first step of the first block reads what the model itself gives.
    void laterInputsAreQuantizedOnes()
    {
        plan::Recipe recipe = sequentialRecipe(freshOut());
        recipe.calibration.inputs = plan::CalibrationInputs::Original;
        const auto original = runRecipe(recipe);
        BITLATHE_VERIFY_OK(original);
        QCOMPARE(m_result.layers.size(), original->layers.size());
        for (std::size_t i = 0; i < m_result.layers.size(); ++i) {
            QCOMPARE(m_result.layers[i].layer, original->layers[i].layer);
            const bool same = m_result.layers[i].quality.loss == original->layers[i].quality.loss;
            QCOMPARE(same, i < 3);
        }
        QVERIFY(tests::filesOf(recipe.exportTo.out).at("model.safetensors") != m_reference.at("model.safetensors"));
    }

    /// The loss of o_proj in the first block, from inputs that are made here: of attention over quantized q, k and v.
    void secondStepSeesTheFirst()
    {
        const plan::Recipe recipe = sequentialRecipe(freshOut());
        const auto plan = plan::makePlan(recipe);
        BITLATHE_VERIFY_OK(plan);
        const format::OpenedModel& opened = *plan->model;
        const auto set = text::openTextSet(recipe.calibration.data, recipe.model);
        BITLATHE_VERIFY_OK(set);
        const auto samples = text::calibrationSamples(*set, opened.tokenizer.get(), recipe.calibration.samples);
        BITLATHE_VERIFY_OK(samples);
        fs::create_directories(m_folder / "by-hand");
        SequentialInputs inputs(plan->model, model::Compute::F32, *samples, m_folder / "by-hand", 0);
        BITLATHE_VERIFY_OK(inputs.computeOn({}, {}));
        const auto steps = quantizingSteps(opened.spec, 0);
        double loss = 0;
        for (std::size_t step = 0; step < 2; ++step) {
            const auto stats = inputs.observe(steps[step], {});
            BITLATHE_VERIFY_OK(stats);
            QCOMPARE(stats->inputs.size(), std::size_t{1});
            quant::SharedWork shared;
            for (const LayerId id : steps[step]) {
                const model::LinearSpec& linear = opened.spec.linear(id);
                const std::vector<float> weights = *opened.source->weights(linear);
                const auto result = quant::gptq().quantize({.linear = linear,
                                                            .weights = weights,
                                                            .stats = stats->forLinear(id),
                                                            .scheme = *plan->schemes[id.index()],
                                                            .options = recipe.options,
                                                            .shared = &shared},
                                                           {});
                BITLATHE_VERIFY_OK(result);
                inputs.keep(id, result->tensor);
                loss = result->quality.loss;
            }
        }
        QCOMPARE(loss, m_result.layers[3].quality.loss);
    }

    void stoppedRunsGoOnWithTheSameBytes_data()
    {
        QTest::addColumn<int>("layers");
        QTest::newRow("at a border") << 14;
        QTest::newRow("in the middle") << 31;
        QTest::newRow("at the last layer") << 56;
    }
    void stoppedRunsGoOnWithTheSameBytes()
    {
        QFETCH(const int, layers);
        plan::Recipe recipe = sequentialRecipe(freshOut());
        recipe.threads = 1;
        QCOMPARE(runAndStop(recipe, layers).error().code, ErrorCode::Cancelled);
        recipe.threads = 2;
        const auto result = runRecipe(recipe, {true, false});
        BITLATHE_VERIFY_OK(result);
        QCOMPARE(result->layers.size(), std::size_t{56});
        QVERIFY(tests::filesOf(recipe.exportTo.out) == m_reference);
    }

    void damagedStatesAreRefused()
    {
        const plan::Recipe recipe = sequentialRecipe(freshOut());
        QVERIFY(!runAndStop(recipe, 20));
        const fs::path states = partialOf(recipe.exportTo.out) / ".bitlathe-states-00002";
        QVERIFY(fs::exists(states));
        QVERIFY(!fs::exists(partialOf(recipe.exportTo.out) / ".bitlathe-states-00001"));
        BITLATHE_VERIFY_OK(writeFileAtomically(states, "nothing of the kind"));
        const auto resumed = runRecipe(recipe, {true, false});
        QVERIFY(!resumed);
        QCOMPARE(resumed.error().code, ErrorCode::FileInvalid);
        QVERIFY(resumed.error().sentence().ends_with("Start the run anew."));
    }

    void settingsThatDoNotGoTogether()
    {
        plan::Recipe recipe = sequentialRecipe(freshOut());
        recipe.method = "awq";
        QCOMPARE(
            plan::checkRecipe(recipe).error().sentence(),
            std::string("calibration.inputs: expected original inputs where scales of inputs are searched for (awq), "
                        "found quantized ones. Leave --sequential away, or choose the method gptq without "
                        "smoothing."));
        recipe.method = "rtn";
        BITLATHE_VERIFY_OK(plan::checkRecipe(recipe));
        recipe.calibration.data.clear();
        QCOMPARE(plan::checkRecipe(recipe).error().code, ErrorCode::SettingInvalid);
    }
};

} // namespace bitlathe::run

QTEST_GUILESS_MAIN(bitlathe::run::TestSequentialRun)
#include "tst_sequentialrun.moc"
