// SPDX-License-Identifier: Apache-2.0
// Folding in every family: the model with scales of all its groups computes what the model did.
#include "core/model/goldenmodel.h"
#include "core/model/requiredtensors.h"
#include "core/quant/memorymodel.h"
#include "core/quant/rtn.h"
#include "core/quant/scaleproblem.h"

#include <algorithm>
#include <cmath>

namespace bitlathe::quant
{

namespace
{

using checkpoint::DType;
using tests::MemoryModel;

/// Of logits, relative to the largest: what is stored holds the quotients exactly, so only f32 roundings differ.
constexpr float kFoldTolerance = 1e-4F;
const Scheme kScheme{.bits = 4, .groupSize = 32, .symmetric = false};

/// A model of the shared folder in memory, what is not a linear's weight in this type.
MemoryModel modelOf(const std::filesystem::path& folder, DType dtype)
{
    MemoryModel model;
    model.spec = tests::specOf(folder);
    const auto source = model::makeDenseSource(tests::valueOf(checkpoint::Checkpoint::open(folder)));
    auto& tensors = model.source->tensors;
    const auto keep = [&](const std::string& name, const checkpoint::Shape& shape) {
        const auto values = checkpoint::toF32(tests::valueOf(source->tensor(name, shape)));
        tensors[name] = tests::storedTensor(dtype, shape, values);
    };
    for (const auto& required : model::requiredTensors(model.spec)) {
        keep(required.name, required.shape);
    }
    for (const model::LinearSpec& linear : model.spec.linears) {
        tensors[linear.weightName()] = tests::storedTensor(DType::F32, {linear.outFeatures, linear.inFeatures},
                                                           tests::valueOf(source->weights(linear)));
        if (linear.hasBias) {
            keep(linear.biasName(), {linear.outFeatures});
        }
    }
    model.schemes.assign(model.spec.linears.size(), kScheme);
    return model;
}

std::vector<float> logitsOf(const MemoryModel& model, const std::vector<model::TokenId>& ids)
{
    const auto runnable = model.runnable();
    const model::Activations normed = tests::valueOf(runnable->forward(ids));
    std::vector<float> logits(static_cast<std::size_t>(normed.rows * model.spec.vocabulary));
    runnable->logits(normed, 0, normed.rows, logits);
    return logits;
}

float largestDifference(const std::vector<float>& a, const std::vector<float>& b)
{
    float most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const float difference = std::abs(a[i] - b[i]);
        most = difference <= most ? most : difference; // NaN becomes the largest
    }
    return most;
}

float largestOf(const std::vector<float>& values)
{
    return largestDifference(values, std::vector<float>(values.size()));
}

/// Groups of a block of which some linear was reached by a token.
std::size_t groupsInReach(const model::ModelSpec& spec, const calibrate::BlockStats& stats)
{
    return static_cast<std::size_t>(std::ranges::count_if(spec.scaleGroups, [&](const model::ScaleGroup& group) {
        return group.block == stats.block &&
               std::ranges::any_of(group.linears, [&](LayerId layer) { return usableStats(stats, layer) != nullptr; });
    }));
}

} // namespace

class TestFolding : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void everyFamilyStaysTheSameFunction_data();
    void everyFamilyStaysTheSameFunction();
    void partsOfFusedWeightsAreDivided();
    void expertsAreWeighedByTheirTokens();
};

void TestFolding::initTestCase()
{
    if (!std::filesystem::exists(tests::sharedModel("arch"))) {
        QSKIP("the shared golden folder is not there");
    }
}

void TestFolding::everyFamilyStaysTheSameFunction_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("smoothing");
    QTest::addColumn<bool>("half");
    for (const auto& folder : std::filesystem::directory_iterator(tests::sharedModel("arch"))) {
        const std::string name = folder.path().filename();
        // The biases of layer norms are divided too, and half precision holds quotients of them less well.
        const bool hasBiases = tests::specOf(folder.path()).norm == model::NormKind::Layer;
        for (const Smoothing smoothing : {Smoothing::Awq, Smoothing::SmoothQuant}) {
            for (const bool half : {false, true}) {
                if (!half || !hasBiases) {
                    QTest::addRow("%s, %s%s", name.c_str(), smoothingName(smoothing).data(), half ? ", bf16" : "")
                        << QString::fromStdString(name) << static_cast<int>(smoothing) << half;
                }
            }
        }
    }
}

void TestFolding::everyFamilyStaysTheSameFunction()
{
    QFETCH(const QString, name);
    QFETCH(const int, smoothing);
    QFETCH(const bool, half);
    const auto folder = tests::sharedModel("arch/" + name.toStdString());
    const MemoryModel model = modelOf(folder, half ? DType::BF16 : DType::F32);
    const auto stats = tests::memoryStats(model);
    MethodOptions options;
    options.smoothQuant.alpha = 0.5; // Taken as it is: every group has scales then.
    std::vector<BlockScales> scales;
    for (const calibrate::BlockStats& block : stats) {
        scales.push_back(tests::valueOf(smoothBlock({model.spec, block.block, *model.source, model.schemes, &block},
                                                    static_cast<Smoothing>(smoothing), options)));
        QVERIFY(scales.back().findings.empty());
        const std::size_t groups = scales.back().groups.size();
        const std::size_t most = groupsInReach(model.spec, block);
        QVERIFY2(smoothing == static_cast<int>(Smoothing::SmoothQuant) ? groups == most : groups > 0 && groups <= most,
                 qPrintable(QString("%1 of %2").arg(groups).arg(most)));
    }
    const auto ids = tests::goldenRun(folder).ids;
    const auto before = logitsOf(model, ids);
    const float difference = largestDifference(before, logitsOf(tests::foldedModel(model, scales), ids));
    QVERIFY2(difference <= kFoldTolerance * largestOf(before),
             qPrintable(QString("%1 of %2").arg(difference).arg(largestOf(before))));
    QVERIFY(difference > 0); // It is not the same model, after all.
}

void TestFolding::partsOfFusedWeightsAreDivided()
{
    const MemoryModel model = modelOf(tests::sharedModel("arch/gpt2"), DType::F32);
    const model::ModelSpec& spec = model.spec;
    const auto group = std::ranges::find_if(spec.scaleGroups, [](const auto& each) { return each.precedingRow > 0; });
    QVERIFY(group != spec.scaleGroups.end());
    BlockScales scales;
    const auto width = static_cast<std::size_t>(spec.hidden);
    const auto index = static_cast<std::size_t>(group - spec.scaleGroups.begin());
    scales.groups.push_back({index, std::vector<float>(width, 2.0F), 0, 0});
    const model::LinearSpec& fused = *spec.findLinear(group->precedingName);
    const std::vector<float> rows = scales.ofOutputs(spec, fused);
    QCOMPARE(rows.size(), 3 * width);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        QCOMPARE(rows[row], row < 2 * width ? 1.0F : 2.0F);
    }
    const auto tensors = tests::valueOf(foldedTensors(spec, scales, *model.source));
    QCOMPARE(tensors.size(), std::size_t{1});
    QCOMPARE(tensors.front().name, fused.biasName());
    const auto bias = checkpoint::toF32(tests::valueOf(model.source->tensor(fused.biasName(), {})));
    QCOMPARE(tensors.front().values.size(), bias.size());
    for (std::size_t row = 0; row < bias.size(); ++row) {
        QCOMPARE(tensors.front().values[row] * rows[row], bias[row]);
    }
}

void TestFolding::expertsAreWeighedByTheirTokens()
{
    const MemoryModel model = modelOf(tests::sharedModel("arch/mixtral"), DType::F32);
    const model::ModelSpec& spec = model.spec;
    const auto stats = tests::memoryStats(model);
    const auto group =
        std::ranges::find_if(spec.scaleGroups, [](const auto& each) { return !each.otherReaders.empty(); });
    QVERIFY(group != spec.scaleGroups.end());
    const calibrate::BlockStats& block = stats[static_cast<std::size_t>(group->block)];
    const BlockInput input{spec, group->block, *model.source, model.schemes, &block};
    const ScaleProblem problem = tests::valueOf(makeProblem(input, *group));
    // Every token reaches so many experts.
    const auto tokens = static_cast<std::int64_t>(tests::memoryTokens(1).size());
    QCOMPARE(problem.stats->tokens, tokens * spec.expertsPerToken);
    double loss = 0;
    double mean = 0;
    for (const LayerId layer : group->linears) {
        const calibrate::InputStats* own = usableStats(block, layer);
        if (own == nullptr) {
            continue;
        }
        const model::LinearSpec& linear = spec.linear(layer);
        const std::vector<float> weights = tests::valueOf(model.source->weights(linear));
        const auto rounded = tests::valueOf(roundToNearest().quantize({linear, weights, own, kScheme}, {}));
        const auto share = static_cast<double>(own->tokens) / static_cast<double>(problem.stats->tokens);
        loss += share * rounded.quality.loss;
        mean += linear.role == model::LinearRole::Gate ? share * static_cast<double>(own->absMean[3]) : 0.0;
    }
    const std::vector<float> ones(static_cast<std::size_t>(spec.hidden), 1.0F);
    const double found = problem.weightLoss(ones, {});
    QVERIFY2(std::abs(found - loss) <= 1e-4 * loss, qPrintable(QString("%1 for %2").arg(found).arg(loss)));
    QVERIFY(std::abs(static_cast<double>(problem.stats->absMean[3]) - mean) <= 1e-5 * mean);
}

} // namespace bitlathe::quant

QTEST_GUILESS_MAIN(bitlathe::quant::TestFolding)
#include "tst_folding.moc"
