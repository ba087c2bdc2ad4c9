// SPDX-License-Identifier: Apache-2.0
// SmoothQuant: its scales, and the perplexity of the demo model with 8-bit weights and inputs.
#include "core/quant/gptq.h"
#include "core/quant/smoothquant.h"
#include "core/quant/trial.h"
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

} // namespace

class TestSmoothQuant : public QObject
{
    Q_OBJECT

    TempFolder m_folder;

private slots:
    void givenAlpha();
    void searchedAlphaIsNeverWorse();
    void sweptWeightsLoseLess();
    void oneGridForAllTokens();
    void demoModelKeepsItsPerplexity();
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

/// GPTQ behind the scales of SmoothQuant: no layer of the demo model loses more than by rounding to nearest.
void TestSmoothQuant::sweptWeightsLoseLess()
{
    const std::filesystem::path demo = std::filesystem::path(BITLATHE_SOURCE_DIR) / "resources/demo";
    const Trial trial = openTrial(demo / "model", (demo / "text/calibration.jsonl").string(),
                                  (demo / "text/evaluation.txt").string(), {8, 256, 0}, {512, 1}, m_folder.path());
    const model::ModelSpec& spec = trial.opened->spec;
    const auto stats = trial.stats->block(2);
    BITLATHE_VERIFY_OK(stats);
    const BlockInput input{spec, 2, *trial.opened->source, {}, stats->get()};
    for (const LayerId id : spec.blocks[2].linears) {
        const model::LinearSpec& linear = spec.linear(id);
        MethodOptions options;
        options.smoothQuant.alpha = 0.5;
        const auto folded = foldedLayer(input, linear, kW8A8, Smoothing::SmoothQuant, options);
        BITLATHE_VERIFY_OK(folded);
        const LayerInput what = layerInput(linear, folded->weights, kW8A8, &folded->stats);
        const auto rounded = smoothQuant().quantize(what, {});
        const auto swept = gptq().quantize(what, {});
        BITLATHE_VERIFY_OK(swept);
        QVERIFY2(swept->quality.loss <= rounded->quality.loss,
                 qPrintable(QString::number(swept->quality.loss / rounded->quality.loss)));
    }
}

/// The step of static inputs is that of the largest one, and scales that make it smaller are found.
void TestSmoothQuant::oneGridForAllTokens()
{
    Scheme scheme = kW8A8;
    scheme.staticInputs = true;
    const MemoryModel model = memoryModel(4, scheme);
    const auto stats = memoryStats(model);
    const BlockInput input{model.spec, 0, *model.source, model.schemes, stats.data()};
    const auto scales = smoothBlock(input, Smoothing::SmoothQuant, {});
    BITLATHE_VERIFY_OK(scales);
    const model::LinearSpec& linear = model.spec.linear(model.spec.scaleGroups.front().linears.front());
    const auto folded = foldedLayer(input, linear, scheme, Smoothing::SmoothQuant, {});
    BITLATHE_VERIFY_OK(folded);
    const float most = *std::ranges::max_element(folded->stats.absMax);
    QVERIFY(most < *std::ranges::max_element(stats.front().forLinear(linear.id)->absMax));
    for (const Quantizer* method : {&smoothQuant(), &gptq()}) {
        const auto result = method->quantize(layerInput(linear, folded->weights, scheme, &folded->stats), {});
        BITLATHE_VERIFY_OK(result);
        QCOMPARE(result->tensor->inputScale, most / 127.0F);
        QVERIFY(result->findings.empty());
    }
    const auto unseen = roundToNearest().quantize(layerInput(linear, folded->weights, scheme), {});
    BITLATHE_VERIFY_OK(unseen);
    QCOMPARE(unseen->findings.front().code, std::string("input-scale-guessed"));
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

QTEST_GUILESS_MAIN(TestSmoothQuant)
#include "tst_smoothquant.moc"
