// SPDX-License-Identifier: Apache-2.0
// Runs that fold scales into the model: same bytes for any number of threads and after stops; norms that match.
#include "core/format/openmodel.h"
#include "core/run/runfixtures.h"
#include "core/run/runner.h"
#include "kernels/threads.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cmath>
#include <optional>

namespace bitlathe::run
{

namespace
{

namespace fs = std::filesystem;
using tests::runAndStop;
using tests::runRecipe;

plan::Recipe awqRecipe(const fs::path& out)
{
    plan::Recipe recipe = tests::demoRecipe(out);
    recipe.method = "awq";
    recipe.scheme.symmetric = false;
    recipe.options.awq.grid = 4;
    return recipe;
}

fs::path journalOf(const fs::path& out)
{
    return out.string() + ".partial/.bitlathe-journal.jsonl";
}

} // namespace

class TestSmoothedRun : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;
    std::map<std::string, std::string> m_reference;
    fs::path m_referenceOut;
    std::optional<RunResult> m_referenceResult;
    int m_outs = 0;

    fs::path freshOut() { return m_folder / ("out" + std::to_string(++m_outs)); }

private slots:
    void initTestCase()
    {
        tests::useOwnFolders(m_folder.path());
        m_referenceOut = freshOut();
        const auto result = runRecipe(awqRecipe(m_referenceOut));
        BITLATHE_VERIFY_OK(result);
        m_referenceResult = *result;
        m_reference = tests::filesOf(m_referenceOut);
    }

    void normsAreDivided()
    {
        const auto before = format::openModel(tests::kDemoModel);
        const auto after = format::openModel(m_referenceOut);
        BITLATHE_VERIFY_OK(after);
        const model::ModelSpec& spec = (*before)->spec;
        for (const model::BlockSpec& block : spec.blocks) {
            const std::string name = block.postAttentionNorm + ".weight";
            const auto a = (*before)->source->tensor(name, {spec.hidden});
            const auto b = (*after)->source->tensor(name, {spec.hidden});
            QVERIFY(checkpoint::toF32(*a) != checkpoint::toF32(*b));
        }
        const auto a = (*before)->source->tensor(spec.finalNormName, {spec.hidden});
        const auto b = (*after)->source->tensor(spec.finalNormName, {spec.hidden});
        QVERIFY(checkpoint::toF32(*a) == checkpoint::toF32(*b));

        plan::Recipe plain = awqRecipe(freshOut());
        plain.method = "rtn";
        const auto rounded = runRecipe(plain);
        double smoothedError = 0;
        double roundedError = 0;
        for (std::size_t i = 0; i < rounded->layers.size(); ++i) {
            smoothedError += m_referenceResult->layers[i].quality.relativeError;
            roundedError += rounded->layers[i].quality.relativeError;
        }
        QVERIFY2(smoothedError < 0.9 * roundedError, qPrintable(QString::number(smoothedError / roundedError)));
    }

    void scalesAreKeptForPeople()
    {
        const auto before = format::openModel(tests::kDemoModel);
        const auto after = format::openModel(m_referenceOut);
        const auto kept = readRunResult(m_referenceOut);
        BITLATHE_VERIFY_OK(kept);
        const model::ModelSpec& spec = (*before)->spec;
        int norms = 0;
        for (const model::ScaleGroup& group : spec.scaleGroups) {
            if (!group.precedingIsNorm) {
                continue;
            }
            const ScaleRecord* record = kept->scalesOf(group.linears.front());
            QVERIFY(record != nullptr);
            QVERIFY(record->layers == group.linears);
            const std::string name = group.precedingName + ".weight";
            const auto a = checkpoint::toF32(*(*before)->source->tensor(name, {spec.hidden}));
            const auto b = checkpoint::toF32(*(*after)->source->tensor(name, {spec.hidden}));
            QCOMPARE(record->scales.size(), a.size());
            for (std::size_t i = 0; i < a.size(); ++i) {
                const double scale = static_cast<double>(a[i]) / static_cast<double>(b[i]);
                QVERIFY(b[i] == 0.0F || std::abs(record->scales[i] - scale) <= 6e-4 * scale);
            }
            ++norms;
        }
        QCOMPARE(norms, 2 * static_cast<int>(spec.blockCount()));
        QVERIFY(kept->scalesOf(LayerId(1'000'000)) == nullptr);
    }

    void threadsDoNotChangeBytes()
    {
        for (const int threads : {1, 2}) {
            plan::Recipe recipe = awqRecipe(freshOut());
            recipe.threads = threads;
            BITLATHE_VERIFY_OK(runRecipe(recipe));
            QVERIFY(tests::filesOf(recipe.exportTo.out) == m_reference);
        }
    }

    void resumeAfterStopsGivesTheSameBytes()
    {
        const plan::Recipe recipe = awqRecipe(freshOut());
        QCOMPARE(runAndStop(recipe, 10, false).error().code, ErrorCode::Cancelled);
        QCOMPARE(runAndStop(recipe, 25, true).error().code, ErrorCode::Cancelled);
        const auto result = runRecipe(recipe, {true, false});
        BITLATHE_VERIFY_OK(result);
        QVERIFY(tests::filesOf(recipe.exportTo.out) == m_reference);
        QCOMPARE(result->scales.size(), m_referenceResult->scales.size());
        for (std::size_t i = 0; i < result->scales.size(); ++i) {
            QVERIFY(result->scales[i].layers == m_referenceResult->scales[i].layers);
            QVERIFY(result->scales[i].scales == m_referenceResult->scales[i].scales);
        }
    }

    void keptLayersTakePartInFolding()
    {
        plan::Recipe recipe = awqRecipe(freshOut());
        recipe.overrides = {{"*.q_proj", std::nullopt}, {"*.up_proj", std::nullopt}};
        BITLATHE_VERIFY_OK(runRecipe(recipe));
        const auto files = tests::filesOf(recipe.exportTo.out);
        const auto opened = format::openModel(recipe.exportTo.out);
        BITLATHE_VERIFY_OK(opened);
        const auto before = format::openModel(tests::kDemoModel);
        bool changed = false;
        for (const model::LinearSpec& linear : (*before)->spec.linears) {
            if ((*opened)->schemes[linear.id.index()]) {
                continue;
            }
            // Scaled by powers of two: bf16 holds them exactly, and the quotients too.
            const std::vector<float> a = *(*before)->source->weights(linear);
            const std::vector<float> b = *(*opened)->source->weights(linear);
            for (std::size_t i = 0; i < a.size(); ++i) {
                const float ratio = a[i] == 0 ? 1.0F : b[i] / a[i];
                changed = changed || ratio != 1.0F;
                QCOMPARE(std::exp2(std::nearbyint(std::log2(ratio))), ratio);
            }
        }
        QVERIFY(changed);
        recipe.exportTo.out = freshOut();
        QVERIFY(!runAndStop(recipe, 12, false));
        BITLATHE_VERIFY_OK(runRecipe(recipe, {true, false}));
        QVERIFY(tests::filesOf(recipe.exportTo.out) == files);
    }

    void routersAreWrittenWithTheirBlock()
    {
        const fs::path folder = fs::path(BITLATHE_SHARED) / "models/arch/mixtral";
        if (!fs::exists(folder)) {
            QSKIP("the shared golden folder is not there");
        }
        const Json golden = *readJson(folder / "golden.json");
        const fs::path idsFile = m_folder / "ids.json";
        std::ofstream(idsFile) << golden.at("input_ids").dump();
        plan::Recipe recipe = awqRecipe(freshOut());
        recipe.model = folder;
        recipe.scheme.groupSize = 32;
        recipe.options.smoothing = quant::Smoothing::SmoothQuant;
        recipe.options.smoothQuant.alpha = 0.5; // Taken as it is: every group has scales then.
        recipe.calibration.data = "ids:" + idsFile.string();
        recipe.calibration.samples = {1, 64, 0};
        BITLATHE_VERIFY_OK(runRecipe(recipe));
        const auto files = tests::filesOf(recipe.exportTo.out);
        const auto before = format::openModel(folder);
        const auto after = format::openModel(recipe.exportTo.out);
        BITLATHE_VERIFY_OK(after);
        const model::ModelSpec& spec = (*before)->spec;
        for (const model::BlockSpec& block : spec.blocks) {
            const std::string name = block.router + ".weight";
            const auto a = (*before)->source->tensor(name, {spec.experts, spec.hidden});
            const auto b = (*after)->source->tensor(name, {spec.experts, spec.hidden});
            QVERIFY(checkpoint::toF32(*a) != checkpoint::toF32(*b));
        }
        recipe.exportTo.out = freshOut();
        const auto ofBlock = static_cast<int>(spec.blocks.front().linears.size());
        QCOMPARE(runAndStop(recipe, ofBlock + 2, false).error().code, ErrorCode::Cancelled);
        QVERIFY(readFile(journalOf(recipe.exportTo.out))->find(spec.blocks.front().router) != std::string::npos);
        BITLATHE_VERIFY_OK(runRecipe(recipe, {true, false}));
        QVERIFY(tests::filesOf(recipe.exportTo.out) == files);
    }

    void damagedJournalsAreRefused()
    {
        const plan::Recipe recipe = awqRecipe(freshOut());
        QVERIFY(!runAndStop(recipe, 10, false));
        const std::string content = *readFile(journalOf(recipe.exportTo.out));
        QVERIFY(content.find("input_layernorm.weight") != std::string::npos);
        for (const char* bad : {R"({"block": 2, "tensors": ["nowhere"]})", R"({"block": 2, "tensors": [7]})"}) {
            std::ofstream(journalOf(recipe.exportTo.out), std::ios::trunc) << content << bad << '\n';
            const auto result = runRecipe(recipe, {true, false});
            QVERIFY2(!result, bad);
            QCOMPARE(result.error().code, ErrorCode::RunInvalid);
        }
    }

    void scalesNeedCalibrationText()
    {
        plan::Recipe recipe = awqRecipe(freshOut());
        recipe.calibration.data.clear();
        QCOMPARE(plan::makePlan(recipe).error().subject, std::string("calibration.data"));
        recipe.method = "rtn";
        BITLATHE_VERIFY_OK(plan::makePlan(recipe));
        recipe.options.smoothing = quant::Smoothing::Awq;
        QCOMPARE(plan::makePlan(recipe).error().subject, std::string("calibration.data"));
    }
};

} // namespace bitlathe::run

QTEST_GUILESS_MAIN(bitlathe::run::TestSmoothedRun)
#include "tst_smoothedrun.moc"
