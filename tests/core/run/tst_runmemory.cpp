// SPDX-License-Identifier: Apache-2.0
// Quantizing a model of more than 1 GB takes the memory of a few of its blocks, not that of the model.
#include "core/base/machine.h"
#include "core/model/randommodel.h"
#include "core/run/runfixtures.h"
#include "core/run/runner.h"
#include "support/tempfolder.h"

#include <QTest>

#include <malloc.h>

#include <cstdio>

namespace bitlathe::run
{

namespace
{

constexpr double kMega = 1e6;

/// Ids for four samples of 128 tokens.
void writeIds(const std::filesystem::path& file, std::int64_t vocabulary)
{
    std::ofstream out(file);
    out << '[';
    std::uint64_t state = 1;
    for (int i = 0; i < 4 * 128; ++i) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        out << (i == 0 ? "" : ",") << (state >> 33) % static_cast<std::uint64_t>(vocabulary);
    }
    out << ']';
}

} // namespace

class TestRunMemory : public QObject
{
    Q_OBJECT

private slots:
    void peakIsThatOfAFewBlocks()
    {
        const tests::TempFolder folder;
        tests::useOwnFolders(folder.path());
        // Many small blocks: 46 MB each in f32, while the files have 1.07 GB.
        model::RandomShape shape;
        shape.vocabulary = 32000;
        shape.hidden = 1024;
        shape.blocks = 42;
        shape.intermediate = 2816;
        shape.heads = 16;
        shape.kvHeads = 4;
        BITLATHE_VERIFY_OK(model::writeRandomModel(shape, 1, folder / "model"));
        writeIds(folder / "ids.json", shape.vocabulary);
        plan::Recipe recipe;
        recipe.model = folder / "model";
        recipe.exportTo.out = folder / "out";
        recipe.calibration.data = "ids:" + (folder / "ids.json").string();
        recipe.calibration.samples = {4, 128, 0};
        const auto plan = plan::makePlan(recipe);
        BITLATHE_VERIFY_OK(plan);
        QVERIFY(plan->model->checkpoint->bytesTensors() > 1'000'000'000);
        std::uint64_t blockWeights = 0;
        for (const LayerId id : plan->model->spec.blocks[0].linears) {
            const model::LinearSpec& linear = plan->model->spec.linear(id);
            blockWeights += static_cast<std::uint64_t>(linear.outFeatures * linear.inFeatures);
        }
        malloc_trim(0);
        const std::uint64_t before = residentBytes();
        const auto result = runPlan(*plan, {false, false}, {}, {});
        BITLATHE_VERIFY_OK(result);
        const auto embedding = static_cast<double>(shape.vocabulary * shape.hidden) * 2; // bf16, as stored.
        const double limit = 3 * static_cast<double>(blockWeights) * 4 + embedding + 300 * kMega;
        const auto peak = static_cast<double>(result->bytesPeakRss);
        std::printf("peak %.0f MB (%.0f MB before the run), allowed %.0f MB, estimated %.0f MB, model %.0f MB, %.1f s "
                    "(estimated %.1f ... %.1f s)\n",
                    peak / kMega, static_cast<double>(before) / kMega, limit / kMega,
                    static_cast<double>(plan->estimate.bytesPeakRam) / kMega,
                    static_cast<double>(plan->model->checkpoint->bytesTensors()) / kMega, result->seconds,
                    plan->estimate.secondsLow, plan->estimate.secondsHigh);
        QVERIFY(peak < limit);
        QVERIFY(static_cast<double>(plan->estimate.bytesPeakRam) > 0.5 * peak);
        QVERIFY(static_cast<double>(plan->estimate.bytesPeakRam) < 2 * peak);
    }
};

} // namespace bitlathe::run

QTEST_GUILESS_MAIN(bitlathe::run::TestRunMemory)
#include "tst_runmemory.moc"
