// SPDX-License-Identifier: Apache-2.0
// SmoothQuant: its scales, and the perplexity of the demo model with 8-bit weights and inputs.
#include "core/calibrate/calibrate.h"
#include "core/evaluate/perplexity.h"
#include "core/format/openmodel.h"
#include "core/quant/memorymodel.h"
#include "core/quant/quantizedsource.h"
#include "core/quant/smoothquant.h"
#include "core/text/textset.h"
#include "samples.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cmath>

using namespace bitlathe;
using namespace bitlathe::quant;
using namespace bitlathe::tests;

namespace
{

constexpr Scheme kW8A8{
    .bits = 8, .groupSize = kPerChannel, .symmetric = true, .activationBits = 8, .scaleDType = checkpoint::DType::F32};

/// Another source with some of its small tensors changed.
class ChangedSource final : public model::WeightSource
{
public:
    explicit ChangedSource(std::shared_ptr<const model::WeightSource> base) : m_base(std::move(base)) {}

    std::map<std::string, StoredTensor> changed;

    Result<checkpoint::TensorView> tensor(const std::string& name, const checkpoint::Shape& shape) const override
    {
        const auto found = changed.find(name);
        if (found == changed.end()) {
            return m_base->tensor(name, shape);
        }
        return checkpoint::TensorView{name, found->second.dtype, shape, found->second.bytes};
    }
    bool has(const std::string& name) const override { return m_base->has(name); }
    Result<std::unique_ptr<model::Linear>> linear(const model::LinearSpec& spec, model::Compute compute) const override
    {
        return m_base->linear(spec, compute);
    }
    Result<std::vector<float>> weights(const model::LinearSpec& spec) const override { return m_base->weights(spec); }
    void release(const model::LinearSpec& spec) const override { m_base->release(spec); }

private:
    std::shared_ptr<const model::WeightSource> m_base;
};

/// A model quantized in memory, and what it is measured on.
struct Trial
{
    std::shared_ptr<const format::OpenedModel> opened;
    std::shared_ptr<const calibrate::StatsStore> stats;
    std::vector<model::TokenId> stream;
    evaluate::PerplexityOptions options;

    double perplexity(const std::shared_ptr<const model::WeightSource>& source) const
    {
        const auto model = model::Model::create(opened->spec, source, {});
        return evaluate::perplexity(**model, stream, options)->perplexity;
    }
    double quantized(const Quantizer& method, const Scheme& scheme, Smoothing smoothing,
                     const MethodOptions& options = {}) const;
};

double Trial::quantized(const Quantizer& method, const Scheme& scheme, Smoothing smoothing,
                        const MethodOptions& methodOptions) const
{
    const model::ModelSpec& spec = opened->spec;
    const std::vector<std::optional<Scheme>> schemes(spec.linears.size(), scheme);
    auto base = std::make_shared<ChangedSource>(opened->source);
    std::map<std::string, std::shared_ptr<const QuantizedTensor>> tensors;
    for (std::int64_t block = 0; block < spec.blockCount(); ++block) {
        const auto blockStats = *stats->block(block);
        const BlockScales scales =
            *smoothBlock({spec, block, *opened->source, schemes, blockStats.get()}, smoothing, methodOptions);
        foldStats(spec, scales, *blockStats);
        const auto folded = foldedTensors(spec, scales, *opened->source);
        for (const FoldedTensor& tensor : *folded) {
            base->changed[tensor.name] =
                storedTensor(checkpoint::DType::BF16, {static_cast<std::int64_t>(tensor.values.size())}, tensor.values);
        }
        for (const LayerId id : spec.blocks[static_cast<std::size_t>(block)].linears) {
            const model::LinearSpec& linear = spec.linear(id);
            std::vector<float> weights = *opened->source->weights(linear);
            foldWeights(spec, scales, linear, weights);
            LayerInput input{linear, weights, blockStats->forLinear(id), scheme, 0, methodOptions};
            tensors[linear.name] = method.quantize(input, {})->tensor;
        }
    }
    return perplexity(makeQuantizedSource(
        base, [&](const model::LinearSpec& linear) -> Result<std::shared_ptr<const QuantizedTensor>> {
            return tensors.at(linear.name);
        }));
}

Trial openTrial(const std::filesystem::path& model, const std::string& calibration, const std::string& evaluation,
                const text::SampleOptions& samples, const evaluate::PerplexityOptions& options,
                const std::filesystem::path& cache)
{
    Trial trial;
    trial.opened = *format::openModel(model);
    trial.options = options;
    const auto set = *text::openTextSet(calibration);
    const auto rows = *text::calibrationSamples(set, trial.opened->tokenizer.get(), samples);
    const auto runnable = *format::runnable(*trial.opened, {model::Compute::F32, model::Residency::Resident});
    trial.stats = *calibrate::calibrate(*runnable, "trial", rows, {.cacheRoot = cache});
    trial.stream = *text::evaluationStream(*text::openTextSet(evaluation), trial.opened->tokenizer.get());
    return trial;
}

} // namespace

class TestSmoothQuant : public QObject
{
    Q_OBJECT

    TempFolder m_folder;

private slots:
    void givenAlpha();
    void searchedAlphaIsNeverWorse();
    void demoModelKeepsItsPerplexity();
    void peerQuality();
};

/// s = xmax^a / wmax^(1-a), settled.
void TestSmoothQuant::givenAlpha()
{
    const MemoryModel model = memoryModel(4, kW8A8);
    const auto stats = memoryStats(model);
    const model::ScaleGroup& group = model.spec.scaleGroups.front();
    const BlockInput input{model.spec, 0, *model.source, model.schemes, stats.data()};
    const calibrate::InputStats& seen = *stats.front().forLinear(group.linears.front());
    std::vector<float> most(kMemoryHidden);
    for (const LayerId id : group.linears) {
        const std::vector<float> weights = *model.source->weights(model.spec.linear(id));
        for (std::size_t i = 0; i < weights.size(); ++i) {
            most[i % most.size()] = std::max(most[i % most.size()], std::abs(weights[i]));
        }
    }
    for (const double alpha : {0.0, 0.5, 0.85, 1.0}) {
        MethodOptions options;
        options.smoothQuant.alpha = alpha;
        const auto scales = smoothBlock(input, Smoothing::SmoothQuant, options);
        BITLATHE_VERIFY_OK(scales);
        QCOMPARE(scales->groups.front().group, std::size_t{0});
        for (std::size_t i = 0; i < most.size(); ++i) {
            const double wanted = std::pow(static_cast<double>(seen.absMax[i]), alpha) /
                                  std::pow(static_cast<double>(most[i]), 1 - alpha);
            // A bf16 norm moves the scale by up to half of its last digit.
            QVERIFY(std::abs(static_cast<double>(scales->groups.front().scales[i]) / wanted - 1) < 0.005);
        }
    }
}

void TestSmoothQuant::searchedAlphaIsNeverWorse()
{
    const MemoryModel model = memoryModel(4, kW8A8);
    const auto stats = memoryStats(model);
    const BlockInput input{model.spec, 0, *model.source, model.schemes, stats.data()};
    const auto searched = smoothBlock(input, Smoothing::SmoothQuant, {});
    BITLATHE_VERIFY_OK(searched);
    QVERIFY(!searched->groups.empty());
    for (const double alpha : {0.0, 0.3, 0.5, 1.0}) {
        MethodOptions options;
        options.smoothQuant.alpha = alpha;
        const auto asGiven = smoothBlock(input, Smoothing::SmoothQuant, options);
        for (const GroupScales& given : asGiven->groups) {
            for (const GroupScales& found : searched->groups) {
                QVERIFY(found.group != given.group || found.loss <= given.loss);
            }
        }
    }
}

void TestSmoothQuant::demoModelKeepsItsPerplexity()
{
    const std::filesystem::path demo = std::filesystem::path(BITLATHE_SOURCE_DIR) / "resources/demo";
    const Trial trial = openTrial(demo / "model", (demo / "text/calibration.jsonl").string(),
                                  (demo / "text/evaluation.txt").string(), {8, 256, 0}, {512, 4}, m_folder.path());
    const double base = trial.perplexity(trial.opened->source);
    const double plain = trial.quantized(roundToNearest(), kW8A8, Smoothing::None) / base - 1;
    const double smooth = trial.quantized(smoothQuant(), kW8A8, Smoothing::SmoothQuant) / base - 1;
    QVERIFY2(std::abs(smooth) < 0.01, qPrintable(QString::number(smooth)));
    Scheme weightsOnly = kW8A8;
    weightsOnly.activationBits = 0;
    // The rounding of inputs shows: it is really done.
    QVERIFY(trial.quantized(smoothQuant(), weightsOnly, Smoothing::SmoothQuant) / base - 1 != smooth);
    qInfo("plain %.4f %%, smoothed %.4f %%", 100 * plain, 100 * smooth);
}

/// The original's excess over the same 10 windows is 0.27 %; here 4 of them, for time.
void TestSmoothQuant::peerQuality()
{
    BITLATHE_NEED_SHARED();
    const std::filesystem::path shared = sharedFolder();
    const bool isLong = qEnvironmentVariableIsSet("BITLATHE_LONG_TESTS");
    const Trial trial = openTrial(shared / "models/demo-llama", (shared / "data/demo-text/calibration.jsonl").string(),
                                  (shared / "data/heldout-docs.jsonl").string(), {isLong ? 128 : 16, 512, 0},
                                  {2048, isLong ? 10 : 2}, m_folder.path());
    const double base = trial.perplexity(trial.opened->source);
    const auto excess = [&](Smoothing smoothing, std::optional<double> alpha) {
        MethodOptions options;
        options.smoothQuant.alpha = alpha;
        return 100 * (trial.quantized(smoothQuant(), kW8A8, smoothing, options) / base - 1);
    };
    const double searched = excess(Smoothing::SmoothQuant, std::nullopt);
    qInfo("searched %.4f %%", searched);
    if (isLong) {
        qInfo("plain %.4f %%", excess(Smoothing::None, 0.5));
        for (const double alpha : {0.2, 0.35, 0.5, 0.65, 0.8}) {
            qInfo("alpha %.2f: %.4f %%", alpha, excess(Smoothing::SmoothQuant, alpha));
        }
    }
    QVERIFY2(searched <= 0.27, qPrintable(QString::number(searched)));
}

QTEST_GUILESS_MAIN(TestSmoothQuant)
#include "tst_smoothquant.moc"
