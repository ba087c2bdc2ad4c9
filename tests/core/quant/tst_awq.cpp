// SPDX-License-Identifier: Apache-2.0
// AWQ: the search for a group's scales by its own objective, and rounding with clipped ranges.
#include "core/quant/awq.h"
#include "core/quant/memorymodel.h"
#include "kernels/cpulevel.h"
#include "kernels/threads.h"
#include "samples.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cmath>

using namespace bitlathe;
using namespace bitlathe::quant;
using namespace bitlathe::tests;

namespace
{

/// X'X of correlated inputs of which some channels are ten times as strong.
calibrate::InputStats makeStats(std::int64_t features, std::mt19937::result_type seed)
{
    constexpr std::int64_t kTokens = 300;
    std::vector<float> x = normalWeights(kTokens * features, seed, 1.0F);
    calibrate::InputStats stats;
    stats.linears = {LayerId(3)};
    stats.features = features;
    stats.tokens = kTokens;
    const auto width = static_cast<std::size_t>(features);
    stats.hessian.resize(width * width);
    for (auto* values : {&stats.min, &stats.max, &stats.mean, &stats.absMax, &stats.absMean}) {
        values->resize(width);
    }
    for (std::size_t token = 0; token < kTokens; ++token) {
        float* row = x.data() + token * width;
        for (std::size_t i = 1; i < width; ++i) {
            row[i] = (row[i] + 0.5F * row[i - 1]) * (i % 13 == 0 ? 10.0F : 1.0F);
        }
        for (std::size_t i = 0; i < width; ++i) {
            stats.absMax[i] = std::max(stats.absMax[i], std::abs(row[i]));
            stats.absMean[i] += std::abs(row[i]) / kTokens;
            for (std::size_t j = 0; j < width; ++j) {
                stats.hessian[i * width + j] += row[i] * row[j];
            }
        }
    }
    return stats;
}

/// The search rounds errors and Hessian to bf16, the quality does not.
constexpr double kSearchTolerance = 1e-3;

ScaleProblem makeOneProblem(const std::vector<float>& weights, const calibrate::InputStats& stats, const Scheme& scheme)
{
    ScaleProblem problem;
    problem.cols = stats.features;
    problem.stats = {std::shared_ptr<const void>(), &stats};
    problem.parts.push_back({RawVector<float>(weights.begin(), weights.end()), &stats,
                             std::make_shared<const EnergyForm>(stats.hessian, stats.features),
                             static_cast<std::int64_t>(weights.size()) / stats.features, 1, scheme});
    return problem;
}

} // namespace

class TestAwq : public QObject
{
    Q_OBJECT

private slots:
    void cleanup();
    void objectiveIsTheOutputError();
    void scalesAreNeverWorseThanNone();
    void effortPays();
    void clippingIsNeverWorseThanTheWholeRange();
    void withoutStatisticsAsRoundToNearest();
    void constantAndZeroRows();
    void sameForAnyThreadCount();
    void badInput();
};

void TestAwq::cleanup()
{
    kernels::setCpuLevel(kernels::detectedCpuLevel());
    kernels::setThreadCount(0);
}

/// The analytic loss against the quality measured on the folded layer, for scales that all are powers of two (with
/// which folding is exact).
void TestAwq::objectiveIsTheOutputError()
{
    const std::int64_t cols = 96;
    const std::int64_t rows = 40;
    calibrate::InputStats stats = makeStats(cols, 1);
    const std::vector<float> weights = normalWeights(rows * cols, 2);
    for (const std::int64_t groupSize : {std::int64_t{32}, kPerChannel, kPerTensor, std::int64_t{40}}) {
        const Scheme scheme{
            .bits = 4, .groupSize = groupSize, .symmetric = false, .scaleDType = checkpoint::DType::F32};
        std::vector<float> scales(static_cast<std::size_t>(cols));
        std::vector<float> scaled = weights;
        for (std::size_t i = 0; i < scales.size(); ++i) {
            scales[i] = std::exp2(static_cast<float>(i % 5) - 2);
        }
        for (std::size_t i = 0; i < scaled.size(); ++i) {
            scaled[i] *= scales[i % scales.size()];
        }
        const double loss = makeOneProblem(weights, stats, scheme).weightLoss(scales, {});
        calibrate::InputStats folded = stats;
        for (std::size_t i = 0; i < folded.hessian.size(); ++i) {
            folded.hessian[i] /= scales[i / scales.size()] * scales[i % scales.size()];
        }
        const LayerQuality quality = measureQuality(scaled, roundedTensor(scaled, rows, cols, scheme), &folded);
        QVERIFY2(std::abs(loss - quality.loss) <= kSearchTolerance * quality.loss,
                 qPrintable(QString::number(loss / quality.loss)));
    }
}

void TestAwq::scalesAreNeverWorseThanNone()
{
    for (const std::int64_t cols : {50, 128, 200}) {
        const calibrate::InputStats stats = makeStats(cols, 7);
        const std::vector<float> weights = normalWeights(30 * cols, 8);
        for (const int bits : {2, 3, 4, 8}) {
            for (const bool symmetric : {false, true}) {
                const Scheme scheme{.bits = bits, .groupSize = 64, .symmetric = symmetric};
                const ScaleProblem problem = makeOneProblem(weights, stats, scheme);
                double coarse = 0;
                for (const bool duo : {false, true}) {
                    const GroupScales found = awqScales(problem, {.duoScaling = duo}, {});
                    const std::vector<float> ones(found.scales.size(), 1.0F);
                    QCOMPARE(found.lossPlain, problem.weightLoss(ones, {}));
                    QCOMPARE(found.loss, problem.weightLoss(found.scales, {}));
                    QVERIFY(found.loss <= found.lossPlain);
                    coarse = found.loss;
                }
                QVERIFY(awqScales(problem, {.grid = 40}, {}).loss <= 1.05 * coarse);
            }
        }
        // Strong channels are what the method is for.
        const Scheme scheme{.bits = 4, .groupSize = 64, .symmetric = true};
        const GroupScales found = awqScales(makeOneProblem(weights, stats, scheme), {}, {});
        QVERIFY(found.loss < 0.8 * found.lossPlain);
        double strong = 0;
        double weak = 0;
        for (std::size_t i = 13; i + 1 < found.scales.size(); i += 13) {
            strong += static_cast<double>(found.scales[i]);
            weak += static_cast<double>(found.scales[i + 1]);
        }
        QVERIFY2(strong > 1.1 * weak, qPrintable(QString::number(strong / weak)));
    }
}

/// A finer search never finds worse scales, and the sweep of the best effort leaves less error than rounding.
void TestAwq::effortPays()
{
    const std::int64_t cols = 192;
    const calibrate::InputStats stats = makeStats(cols, 31);
    const std::vector<float> weights = normalWeights(40 * cols, 32);
    const model::LinearSpec spec = linearSpec(40, cols);
    for (const int bits : {2, 3, 4}) {
        const Scheme scheme{.bits = bits, .groupSize = 64, .symmetric = false};
        const ScaleProblem problem = makeOneProblem(weights, stats, scheme);
        const double fast = awqScales(problem, {.effort = Effort::Fast}, {}).loss;
        QVERIFY(awqScales(problem, {.effort = Effort::Normal}, {}).loss <= fast);
        LayerInput input = layerInput(spec, weights, scheme, &stats);
        const auto normal = activationAware().quantize(input, {});
        input.options.awq.effort = Effort::Best;
        const auto best = activationAware().quantize(input, {});
        BITLATHE_VERIFY_OK(best);
        QVERIFY2(best->quality.loss < 0.8 * normal->quality.loss,
                 qPrintable(QString::number(best->quality.loss / normal->quality.loss)));
        QVERIFY(best->tensor->groupIndex.empty());
        input.stats = nullptr;
        QCOMPARE((*activationAware().quantize(input, {})).tensor->codes,
                 roundedTensor(weights, 40, cols, scheme).codes);
    }
}

void TestAwq::clippingIsNeverWorseThanTheWholeRange()
{
    for (const std::int64_t cols : {33, 128, 250}) {
        const std::int64_t rows = 21;
        const calibrate::InputStats stats = makeStats(cols, 3);
        const std::vector<float> weights = normalWeights(rows * cols, 4);
        const model::LinearSpec spec = linearSpec(rows, cols);
        for (const int bits : {2, 3, 4, 8}) {
            // One group a row: the group's part of the error is all of it.
            const Scheme scheme{.bits = bits, .groupSize = kPerChannel, .symmetric = bits % 2 == 0};
            LayerInput input = layerInput(spec, weights, scheme, &stats);
            const auto clipped = activationAware().quantize(input, {});
            BITLATHE_VERIFY_OK(clipped);
            const auto plain = roundToNearest().quantize(input, {});
            QVERIFY(clipped->quality.loss <= plain->quality.loss * (1 + 1e-6));
            QVERIFY(bits > 3 || clipped->quality.loss < plain->quality.loss);
            input.options.awq.clip = false;
            QCOMPARE((*activationAware().quantize(input, {})).tensor->codes, plain->tensor->codes);
        }
    }
}

void TestAwq::withoutStatisticsAsRoundToNearest()
{
    std::mt19937 random(9);
    const model::LinearSpec spec = linearSpec(17, 130);
    const std::vector<float> weights = normalWeights(17 * 130, 5);
    for (int i = 0; i < 40; ++i) {
        const LayerInput input = layerInput(spec, weights, randomScheme(random));
        const auto awq = activationAware().quantize(input, {});
        BITLATHE_VERIFY_OK(awq);
        const auto rtn = roundToNearest().quantize(input, {});
        QCOMPARE(awq->tensor->codes, rtn->tensor->codes);
        QCOMPARE(awq->tensor->scales, rtn->tensor->scales);
    }
}

void TestAwq::constantAndZeroRows()
{
    const std::int64_t cols = 64;
    const calibrate::InputStats stats = makeStats(cols, 6);
    const model::LinearSpec spec = linearSpec(3, cols);
    std::vector<float> weights(3 * cols);
    std::fill_n(weights.begin(), cols, 0.25F);
    std::fill_n(weights.begin() + cols, cols, -0.5F); // The last row is 0.
    for (const bool symmetric : {false, true}) {
        const Scheme scheme{.bits = 4, .groupSize = 32, .symmetric = symmetric};
        const auto result = activationAware().quantize(layerInput(spec, weights, scheme, &stats), {});
        BITLATHE_VERIFY_OK(result);
        const std::vector<float> back = result->tensor->dequantize();
        for (std::size_t i = 0; i < back.size(); ++i) {
            QVERIFY2(std::abs(back[i] - weights[i]) <= 0.08F * std::abs(weights[i]),
                     qPrintable(QString::number(back[i])));
        }
    }
}

void TestAwq::sameForAnyThreadCount()
{
    const std::int64_t cols = 300;
    const calibrate::InputStats stats = makeStats(cols, 11);
    const std::vector<float> weights = normalWeights(70 * cols, 12);
    const model::LinearSpec spec = linearSpec(70, cols);
    const Scheme scheme{.bits = 4, .groupSize = 128, .symmetric = false};
    std::vector<LayerResult> results;
    for (const int threads : {1, 2}) {
        kernels::setThreadCount(threads);
        results.push_back(*activationAware().quantize(layerInput(spec, weights, scheme, &stats), {}));
    }
    QCOMPARE(results[0].tensor->codes, results[1].tensor->codes);
    QCOMPARE(results[0].tensor->scales, results[1].tensor->scales);
    QCOMPARE(results[0].tensor->zeros, results[1].tensor->zeros);
    QCOMPARE(results[0].quality.loss, results[1].quality.loss);
}

void TestAwq::badInput()
{
    const std::int64_t cols = 32;
    const calibrate::InputStats stats = makeStats(cols, 1);
    const model::LinearSpec spec = linearSpec(4, cols);
    std::vector<float> weights = normalWeights(4 * cols, 2);
    std::stop_source stop;
    stop.request_stop();
    const Scheme scheme{.bits = 4, .groupSize = 16};
    QCOMPARE(activationAware().quantize(layerInput(spec, weights, scheme, &stats), {{}, stop.get_token()}).error().code,
             ErrorCode::Cancelled);
    QCOMPARE(activationAware().quantize(layerInput(spec, weights, {.bits = 7}, &stats), {}).error().code,
             ErrorCode::SettingInvalid);
    weights[70] = std::numeric_limits<float>::infinity();
    const auto bad = activationAware().quantize(layerInput(spec, weights, scheme, &stats), {});
    QCOMPARE(bad.error().code, ErrorCode::WeightsNotFinite);
    QVERIFY(bad.error().sentence().find("row 2, column 6") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestAwq)
#include "tst_awq.moc"
