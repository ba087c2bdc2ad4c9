// SPDX-License-Identifier: Apache-2.0
// Scales: the folded model computes what the model did, odd inputs, and the same bytes for any number of threads.
#include "core/quant/memorymodel.h"
#include "core/quant/scaleproblem.h"
#include "kernels/threads.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cmath>

namespace bitlathe::quant
{

namespace
{

using tests::MemoryModel;

/// Of logits, relative to the largest: norms hold the quotients exactly, so only f32 roundings differ.
constexpr float kFoldTolerance = 1e-4F;

std::vector<BlockScales> scalesOf(const MemoryModel& model, const std::vector<calibrate::BlockStats>& stats,
                                  Smoothing smoothing, const MethodOptions& options = {})
{
    std::vector<BlockScales> all;
    for (std::int64_t block = 0; block < model.spec.blockCount(); ++block) {
        const BlockInput input{model.spec, block, *model.source, model.schemes,
                               &stats[static_cast<std::size_t>(block)]};
        all.push_back(*smoothBlock(input, smoothing, options));
    }
    return all;
}

float largest(const std::vector<float>& values)
{
    float most = 0;
    for (const float value : values) {
        most = std::max(most, std::abs(value));
    }
    return most;
}

float largestDifference(const std::vector<float>& a, const std::vector<float>& b)
{
    float most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        most = std::max(most, std::abs(a[i] - b[i]));
    }
    return most;
}

} // namespace

class TestSmoothing : public QObject
{
    Q_OBJECT

private slots:
    void foldedModelIsTheSameFunction_data()
    {
        QTest::addColumn<int>("smoothing");
        QTest::addColumn<qint64>("kvHeads");
        QTest::addColumn<bool>("keepSome");
        for (const int smoothing : {1, 2}) {
            for (const qint64 kvHeads : {4, 2}) {
                for (const bool keepSome : {false, true}) {
                    QTest::addRow("%d, %lld key heads, %d", smoothing, kvHeads, keepSome)
                        << smoothing << kvHeads << keepSome;
                }
            }
        }
    }
    void foldedModelIsTheSameFunction()
    {
        QFETCH(int, smoothing);
        QFETCH(qint64, kvHeads);
        QFETCH(bool, keepSome);
        MemoryModel model = tests::memoryModel(kvHeads, {.bits = 4, .groupSize = 32, .symmetric = false});
        if (keepSome) {
            for (const model::LinearSpec& linear : model.spec.linears) {
                if (linear.role == model::LinearRole::Value || linear.role == model::LinearRole::Gate) {
                    model.schemes[linear.id.index()].reset();
                }
            }
        }
        const auto stats = tests::memoryStats(model);
        const auto scales = scalesOf(model, stats, static_cast<Smoothing>(smoothing));
        std::size_t groups = 0;
        for (const BlockScales& block : scales) {
            groups += block.groups.size();
            for (const GroupScales& group : block.groups) {
                QVERIFY(group.loss < group.lossPlain);
                QVERIFY(
                    std::ranges::all_of(group.scales, [](float scale) { return scale > 0 && std::isfinite(scale); }));
                const auto& preceding = model.spec.scaleGroups[group.group].precedingName;
                QVERIFY(kvHeads == 4 || !preceding.ends_with("v_proj"));
            }
        }
        QVERIFY2(groups >= 4, "most groups gain by scales");
        const MemoryModel folded = tests::foldedModel(model, scales);
        const std::vector<float> before = tests::logitsOf(model);
        const float difference = largestDifference(before, tests::logitsOf(folded));
        QVERIFY2(difference <= kFoldTolerance * largest(before), qPrintable(QString::number(difference)));
        QVERIFY(difference > 0); // It is not the same model, after all.
    }

    void foldedStatisticsAreThoseOfTheFoldedModel()
    {
        const MemoryModel model = tests::memoryModel(4, {.bits = 4, .groupSize = 32, .symmetric = false});
        auto stats = tests::memoryStats(model);
        const auto scales = scalesOf(model, stats, Smoothing::Awq);
        const auto seen = tests::memoryStats(tests::foldedModel(model, scales));
        for (std::size_t block = 0; block < stats.size(); ++block) {
            foldStats(model.spec, scales[block], stats[block]);
            for (std::size_t i = 0; i < seen[block].inputs.size(); ++i) {
                const calibrate::InputStats& a = stats[block].inputs[i];
                const calibrate::InputStats& b = seen[block].inputs[i];
                QVERIFY(largestDifference(a.absMax, b.absMax) <= kFoldTolerance * largest(b.absMax));
                QVERIFY(largestDifference(a.absMean, b.absMean) <= kFoldTolerance * largest(b.absMean));
                QVERIFY(largestDifference(a.hessian, b.hessian) <= kFoldTolerance * largest(b.hessian));
                for (std::int64_t row = 0; row < a.features; ++row) {
                    for (std::int64_t col = 0; col < row; ++col) {
                        QCOMPARE(a.hessian[static_cast<std::size_t>(row * a.features + col)],
                                 a.hessian[static_cast<std::size_t>(col * a.features + row)]);
                    }
                }
            }
        }
    }

    void oddInputsAndWeights_data()
    {
        QTest::addColumn<int>("kind");
        for (const int kind : {0, 1, 2, 3}) {
            QTest::addRow("kind %d, awq", kind) << kind;
        }
    }
    void oddInputsAndWeights()
    {
        QFETCH(int, kind);
        MemoryModel model = tests::memoryModel(4, {.bits = 3, .groupSize = 16, .symmetric = true});
        auto& tensors = model.source->tensors;
        const model::LinearSpec& first = model.spec.linears.front();
        std::vector<float> norm(tests::kMemoryHidden, 1.0F);
        std::vector<float> weights = *model.source->weights(first);
        switch (kind) {
        case 0: norm[7] = norm[8] = 0; break;             // Channels that are always 0.
        case 1: norm[7] = 1e4F; break;                    // One huge outlier.
        case 2: std::ranges::fill(weights, 0.25F); break; // Constant rows.
        case 3: std::ranges::fill(weights, 0.0F); break;
        default: QFAIL("no such kind");
        }
        tensors[model.spec.blocks.front().inputNorm + ".weight"] =
            tests::storedTensor(checkpoint::DType::BF16, {tests::kMemoryHidden}, norm);
        tensors[first.weightName()] =
            tests::storedTensor(checkpoint::DType::F32, {first.outFeatures, first.inFeatures}, weights);
        const auto stats = tests::memoryStats(model);
        for (const Smoothing smoothing : {Smoothing::Awq, Smoothing::SmoothQuant}) {
            const auto scales = scalesOf(model, stats, smoothing);
            for (const GroupScales& group : scales.front().groups) {
                QVERIFY(group.loss <= group.lossPlain);
                for (const float scale : group.scales) {
                    QVERIFY(scale > 0 && std::isfinite(scale));
                }
                if (kind == 0 && model.spec.scaleGroups[group.group].precedingIsNorm && group.scales.size() == 64 &&
                    model.spec.scaleGroups[group.group].precedingName == model.spec.blocks.front().inputNorm) {
                    QCOMPARE(group.scales[7], 1.0F);
                }
            }
            const std::vector<float> before = tests::logitsOf(model);
            const std::vector<float> after = tests::logitsOf(tests::foldedModel(model, scales));
            QVERIFY(largestDifference(before, after) <= kFoldTolerance * largest(before));
        }
    }

    void threadsDoNotChangeScales()
    {
        const MemoryModel model = tests::memoryModel(4, {.bits = 4, .groupSize = 32, .symmetric = false});
        const auto stats = tests::memoryStats(model);
        for (const Smoothing smoothing : {Smoothing::Awq, Smoothing::SmoothQuant}) {
            std::vector<std::vector<float>> found;
            for (const int threads : {1, 2}) {
                kernels::setThreadCount(threads);
                std::vector<float> all;
                for (const BlockScales& block : scalesOf(model, stats, smoothing)) {
                    for (const GroupScales& group : block.groups) {
                        all.insert(all.end(), group.scales.begin(), group.scales.end());
                    }
                }
                found.push_back(std::move(all));
            }
            kernels::setThreadCount(0);
            QVERIFY(!found[0].empty());
            QVERIFY(found[0] == found[1]);
        }
    }

    void groupsThatCannotBeScaledStay()
    {
        MemoryModel model = tests::memoryModel(4, {.bits = 4, .groupSize = 32, .symmetric = false});
        auto stats = tests::memoryStats(model);
        // Rows of the preceding linear share one grid.
        for (const model::LinearSpec& linear : model.spec.linears) {
            if (linear.role == model::LinearRole::Up) {
                model.schemes[linear.id.index()]->groupSize = kPerTensor;
            }
            if (linear.role == model::LinearRole::Output) { // Nothing in this group is rounded.
                model.schemes[linear.id.index()].reset();
            }
        }
        stats.front().inputs[2].hessian.clear(); // Of gate and up.
        for (const BlockScales& block : scalesOf(model, stats, Smoothing::Awq)) {
            QCOMPARE(block.findings.size(), std::size_t{1});
            QVERIFY(block.findings.front().subject.ends_with("down_proj"));
            for (const GroupScales& group : block.groups) {
                QVERIFY(!model.spec.scaleGroups[group.group].precedingName.ends_with("up_proj"));
                QVERIFY(!model.spec.scaleGroups[group.group].precedingName.ends_with("v_proj"));
                QVERIFY(group.group != 2);
            }
        }
        const BlockInput without{model.spec, 0, *model.source, model.schemes, nullptr};
        QVERIFY(smoothBlock(without, Smoothing::Awq, {})->groups.empty());
        QVERIFY(
            smoothBlock({model.spec, 0, *model.source, model.schemes, &stats[0]}, Smoothing::None, {})->groups.empty());
    }

    void badWeightsAndStops()
    {
        MemoryModel model = tests::memoryModel(4, {.bits = 4, .groupSize = 32, .symmetric = false});
        const auto stats = tests::memoryStats(model);
        const BlockInput input{model.spec, 0, *model.source, model.schemes, stats.data()};
        std::stop_source stop;
        stop.request_stop();
        const auto stopped = smoothBlock(input, Smoothing::Awq, {}, {{}, stop.get_token()});
        QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
        const model::LinearSpec& first = model.spec.linears.front();
        std::vector<float> weights = *model.source->weights(first);
        weights[3] = std::numeric_limits<float>::quiet_NaN();
        model.source->tensors[first.weightName()] =
            tests::storedTensor(checkpoint::DType::F32, {first.outFeatures, first.inFeatures}, weights);
        const auto bad = smoothBlock(input, Smoothing::Awq, {});
        QCOMPARE(bad.error().code, ErrorCode::WeightsNotFinite);
        QCOMPARE(bad.error().subject, first.name);
    }
};

} // namespace bitlathe::quant

QTEST_GUILESS_MAIN(bitlathe::quant::TestSmoothing)
#include "tst_smoothing.moc"
