// SPDX-License-Identifier: Apache-2.0
// Runs that write a TurboMind workspace: quantized and laid out in one go, the same bytes after stops.
#include "core/base/file.h"
#include "core/format/convert.h"
#include "core/format/openmodel.h"
#include "core/model/randommodel.h"
#include "core/run/foldedkv.h"
#include "core/run/runfixtures.h"
#include "core/run/runner.h"
#include "support/tempfolder.h"

#include <QTest>

namespace bitlathe::run
{

namespace
{

namespace fs = std::filesystem;

/// Every file below a folder but the run's own record, by its path there.
std::map<std::string, std::string> allFiles(const fs::path& folder)
{
    std::map<std::string, std::string> files;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
        const std::string name = fs::relative(entry.path(), folder).string();
        if (entry.is_regular_file() && name != "bitlathe-run.json") {
            files.emplace(name, readFile(entry.path()).value_or(std::string()));
        }
    }
    return files;
}

} // namespace

class TestWorkspaceRun : public QObject
{
    Q_OBJECT

    tests::TempFolder m_folder;

    plan::Recipe recipe(const std::string& out) const
    {
        return tests::workspaceRecipe(m_folder / "model", m_folder / out);
    }

private slots:
    void initTestCase()
    {
        tests::useOwnFolders(m_folder.path());
        const model::RandomShape shape{.vocabulary = 99,
                                       .hidden = 512,
                                       .blocks = 3,
                                       .intermediate = 768,
                                       .heads = 4,
                                       .kvHeads = 2,
                                       .tiedHead = true};
        BITLATHE_VERIFY_OK(model::writeRandomModel(shape, 1, m_folder / "model"));
    }

    /// What a run writes is what quantizing to an AWQ folder and converting it gives.
    void isWhatConvertingGives()
    {
        BITLATHE_VERIFY_OK(tests::runRecipe(recipe("straight")));
        plan::Recipe detour = recipe("awq");
        detour.exportTo.format = "awq";
        detour.exportTo.workspace = {};
        BITLATHE_VERIFY_OK(tests::runRecipe(detour));
        const auto opened = format::openModel(m_folder / "awq");
        const auto to = format::findFormat("turbomind");
        BITLATHE_VERIFY_OK(opened);
        const auto report =
            format::convert(*opened, **to, {.out = m_folder / "converted", .workspace = recipe("").exportTo.workspace});
        BITLATHE_VERIFY_OK(report);
        const auto straight = allFiles(m_folder / "straight/triton_models/weights");
        QVERIFY(straight.size() > 30);
        QVERIFY(straight == allFiles(m_folder / "converted/triton_models/weights"));
    }

    /// Stopped within a block and at its end, twice.
    void sameBytesAfterStops()
    {
        BITLATHE_VERIFY_OK(tests::runRecipe(recipe("whole")));
        const plan::Recipe again = recipe("stopped");
        QVERIFY(!tests::runAndStop(again, 9));
        QVERIFY(fs::exists(m_folder / "stopped.partial"));
        QVERIFY(!tests::runAndStop(again, 15, true)); // Counts the seven layers of the first block again.
        BITLATHE_VERIFY_OK(tests::runRecipe(again, {true, false}));
        QVERIFY(allFiles(m_folder / "whole") == allFiles(m_folder / "stopped"));
        QVERIFY(!fs::exists(m_folder / "stopped.partial"));
        const auto verified = format::verify(m_folder / "stopped");
        BITLATHE_VERIFY_OK(verified);
        QCOMPARE(verified->quantizedLinears, 21);
    }

    /// One recipe calibrates, quantizes by lmdeploy's rule, lays out and adds the grids of keys and values.
    void wholeWorkflowInOneRun()
    {
        plan::Recipe whole = recipe("workflow");
        whole.method = "awq";
        whole.options.awq.rule = quant::AwqRule::Lmdeploy;
        whole.exportTo.kvParams = "auto";
        QVERIFY(!tests::runRecipe(whole)); // Without a text.
        const fs::path ids = m_folder / "ids.json";
        BITLATHE_VERIFY_OK(writeFileAtomically(
            ids, "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32]"));
        whole.calibration.data = "ids:" + ids.string();
        whole.calibration.samples = {2, 16, 0};
        whole.compute = model::Compute::F32;
        const auto done = tests::runRecipe(whole);
        BITLATHE_VERIFY_OK(done);
        const fs::path weights = m_folder / "workflow/triton_models/weights";
        for (const char* name : {"layers.0.past_kv_scale.0.weight", "layers.2.past_kv_scale.1.weight"}) {
            QCOMPARE(fs::file_size(weights / name), 16U);
        }
        QVERIFY(readFile(weights / "config.ini")->find("quant_policy = 4\n") != std::string::npos);
        BITLATHE_VERIFY_OK(format::verify(m_folder / "workflow"));
    }

    /// Scales that are folded into an output projection divide the values before it, not the keys.
    void valuesAreRangedAsTheyLeaveTheRun()
    {
        const model::RandomShape shape{
            .vocabulary = 99, .hidden = 512, .blocks = 2, .intermediate = 768, .heads = 4, .kvHeads = 4};
        BITLATHE_VERIFY_OK(model::writeRandomModel(shape, 1, m_folder / "even"));
        const auto opened = format::openModel(m_folder / "even");
        BITLATHE_VERIFY_OK(opened);
        const model::ModelSpec& spec = (*opened)->spec;
        const auto width = static_cast<std::size_t>(spec.kvHeads * spec.headDim);
        const std::vector<float> fours(width, 4.0F);
        calibrate::KeyValueRanges ranges{spec.kvHeads, spec.headDim, {}, {"a", "b"}};
        ranges.layers.assign(2, {fours, fours, fours, fours, fours, fours});
        std::vector<ScaleRecord> scales(2);
        for (const model::LinearSpec& linear : spec.linears) {
            if (linear.block == 1 && linear.role == model::LinearRole::Output) {
                scales[0] = {{linear.id}, std::vector<double>(width, 2.0)};
                scales[0].scales[5] = 0.5;
            } else if (linear.block == 0 && linear.role == model::LinearRole::Query) {
                scales[1] = {{linear.id}, std::vector<double>(width, 3.0)};
            }
        }
        const calibrate::KeyValueRanges folded = foldedRanges(ranges, spec, scales);
        std::vector<float> divided(width, 2.0F);
        divided[5] = 8.0F;
        QVERIFY(folded.layers[0].valueMax == fours && folded.layers[0].keyMax == fours);
        QVERIFY(folded.layers[1].keyMax == fours && folded.layers[1].keyAbsMax == fours);
        QVERIFY(folded.layers[1].valueMax == divided && folded.layers[1].valueMin == divided);
        QVERIFY(folded.layers[1].valueAbsMax == divided);
    }

    void ranksThatDoNotFit()
    {
        plan::Recipe other = recipe("ranks");
        other.exportTo.workspace.tensorParallel = 4;
        const auto refused = tests::runRecipe(other);
        QVERIFY(!refused);
        QVERIFY(refused.error().sentence().find("2 key heads") != std::string::npos);
        QVERIFY(!fs::exists(m_folder / "ranks.partial"));
    }
};

} // namespace bitlathe::run

QTEST_GUILESS_MAIN(bitlathe::run::TestWorkspaceRun)
#include "tst_workspacerun.moc"
