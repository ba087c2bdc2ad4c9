// SPDX-License-Identifier: Apache-2.0
// GPTQ where something is wrong: few tokens or none, Hessians without a factor, dead columns, strange weights.
#include "core/quant/gptq.h"
#include "core/quant/rtn.h"
#include "gptqfixtures.h"
#include "kernels/cpulevel.h"
#include "kernels/threads.h"

#include <QTest>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

using namespace bitlathe;
using namespace bitlathe::quant;
using namespace bitlathe::tests;

class TestGptqTrouble : public QObject
{
    Q_OBJECT

private slots:
    void cleanup();
    void withoutTokens();
    void fewTokens();
    void indefiniteHessian();
    void hopelessHessian();
    void deadColumns();
    void strangeWeights();
    void notFinite();
};

void TestGptqTrouble::cleanup()
{
    kernels::setCpuLevel(kernels::detectedCpuLevel());
    kernels::setThreadCount(0);
}

void TestGptqTrouble::withoutTokens()
{
    const auto weights = normalWeights(8 * 64, 14);
    const auto spec = linearSpec(8, 64);
    const auto nearest = roundToNearest().quantize(layerInput(spec, weights), {});
    calibrate::InputStats stats;
    stats.features = 64;
    for (const calibrate::InputStats* given :
         {static_cast<const calibrate::InputStats*>(nullptr), &std::as_const(stats)}) {
        const auto result = gptq().quantize(layerInput(spec, weights, {}, given), {});
        QVERIFY(result.has_value());
        QVERIFY(hasFinding(*result, "rounded-to-nearest"));
        QCOMPARE(result->tensor->codes, nearest->tensor->codes);
    }
    stats.tokens = 10; // All of them zero.
    stats.hessian.resize(64 * 64);
    Scheme scheme;
    scheme.actOrder = true;
    const auto result = gptq().quantize(layerInput(spec, weights, scheme, &stats), {});
    QVERIFY(result->tensor->scheme == scheme);
    QVERIFY(hasFinding(*result, "rounded-to-nearest"));
    QCOMPARE(result->tensor->codes, nearest->tensor->codes);
}

/// Fewer tokens than columns: the Hessian has no inverse without damping.
void TestGptqTrouble::fewTokens()
{
    const auto weights = normalWeights(40 * 256, 15);
    const auto stats = makeStats(9, 256, 16);
    const auto spec = linearSpec(40, 256);
    const auto nearest = roundToNearest().quantize(layerInput(spec, weights, {}, &stats), {});
    for (const Effort effort : kEfforts) {
        const auto result = gptq().quantize(gptqInput(spec, weights, {}, stats, optionsWith(effort)), {});
        QVERIFY(result.has_value());
        QVERIFY(!hasFinding(*result, "rounded-to-nearest"));
        QVERIFY(result->quality.loss < 0.5 * nearest->quality.loss);
        QVERIFY(std::ranges::all_of(result->tensor->dequantize(), [](float value) { return std::isfinite(value); }));
    }
}

void TestGptqTrouble::indefiniteHessian()
{
    const auto weights = normalWeights(40 * 64, 17);
    auto stats = makeStats(500, 64, 18);
    double mean = 0;
    for (std::size_t i = 0; i < 64; ++i) {
        mean += static_cast<double>(stats.hessian[i * 65]) / 64;
    }
    // Two columns that go together more than each with itself: positive definite from a tenth of the mean on.
    stats.hessian[0] = stats.hessian[65] = static_cast<float>(mean);
    stats.hessian[1] = stats.hessian[64] = static_cast<float>(1.1 * mean);
    for (std::size_t i = 2; i < 64; ++i) {
        stats.hessian[i] = stats.hessian[64 + i] = stats.hessian[64 * i] = stats.hessian[64 * i + 1] = 0;
    }
    const auto spec = linearSpec(40, 64);
    const auto result = gptq().quantize(gptqInput(spec, weights, {}, stats, {}), {});
    QVERIFY(result.has_value());
    QVERIFY(hasFinding(*result, "damping-raised"));
    QVERIFY(!hasFinding(*result, "rounded-to-nearest"));
}

void TestGptqTrouble::hopelessHessian()
{
    const auto weights = normalWeights(40 * 64, 19);
    const auto spec = linearSpec(40, 64);
    const auto nearest = roundToNearest().quantize(layerInput(spec, weights), {});
    for (const float bad : {1e9F, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        auto stats = makeStats(500, 64, 20);
        stats.hessian[1] = stats.hessian[64] = bad;
        const auto result = gptq().quantize(gptqInput(spec, weights, {}, stats, {}), {});
        QVERIFY(result.has_value());
        QVERIFY(hasFinding(*result, "rounded-to-nearest"));
        QCOMPARE(result->tensor->codes, nearest->tensor->codes);
    }
}

/// Columns that were always zero keep their nearest codes: nothing is known about them.
void TestGptqTrouble::deadColumns()
{
    const auto weights = normalWeights(16 * 64, 21);
    auto stats = makeStats(500, 64, 22);
    for (const std::size_t dead : {0U, 5U, 63U}) {
        for (std::size_t i = 0; i < 64; ++i) {
            stats.hessian[dead * 64 + i] = stats.hessian[i * 64 + dead] = 0;
        }
    }
    const auto spec = linearSpec(16, 64);
    for (const Effort effort : kEfforts) {
        const auto result =
            gptq().quantize(gptqInput(spec, weights, schemeWith(4, 64, true), stats, optionsWith(effort)), {});
        QVERIFY(result.has_value());
        const auto got = result->tensor->dequantize();
        for (std::size_t row = 0; row < 16; ++row) {
            for (const std::size_t dead : {0U, 5U, 63U}) {
                const float scale = result->tensor->scales[row];
                const float step = std::clamp(std::nearbyint(weights[row * 64 + dead] / scale), -8.0F, 7.0F);
                QCOMPARE(got[row * 64 + dead], step * scale);
            }
        }
    }
}

void TestGptqTrouble::strangeWeights()
{
    const auto stats = makeStats(300, 128, 23);
    const auto spec = linearSpec(6, 128);
    std::vector<float> weights = normalWeights(6 * 128, 24);
    std::fill_n(weights.begin(), 128, 0.0F);          // A row of zeros,
    std::fill_n(weights.begin() + 128, 128, 0.0625F); // constant rows,
    std::fill_n(weights.begin() + 256, 128, -3.0F);
    weights[3 * 128 + 7] = 1e6F;                                                          // one huge outlier,
    std::for_each_n(weights.begin() + 512, 128, [](float& weight) { weight *= 1e-30F; }); // and tiny ones.
    for (const Effort effort : kEfforts) {
        for (const bool symmetric : {true, false}) {
            Scheme scheme = schemeWith(4, 32, symmetric);
            scheme.scaleDType = checkpoint::DType::F32;
            const auto result = gptq().quantize(gptqInput(spec, weights, scheme, stats, optionsWith(effort)), {});
            QVERIFY(result.has_value());
            const auto got = result->tensor->dequantize();
            QVERIFY(std::ranges::all_of(got, [](float value) { return std::isfinite(value); }));
            QVERIFY(std::all_of(got.begin(), got.begin() + 128, [](float value) { return value == 0.0F; }));
            QVERIFY(std::abs(got[3 * 128 + 7] - 1e6F) < 0.1F * 1e6F);
        }
    }
    // At the end of what f32 holds sums overflow: no sensible result, but one in range.
    for (float& weight : weights) {
        weight = std::copysign(3e38F, weight);
    }
    Scheme scheme = schemeWith(4, 32, false);
    scheme.scaleDType = checkpoint::DType::F32;
    const auto result = gptq().quantize(gptqInput(spec, weights, scheme, stats, {}), {});
    QVERIFY(result.has_value());
    QVERIFY(std::ranges::all_of(result->tensor->scales, [](float scale) { return scale > 0 && std::isfinite(scale); }));
}

void TestGptqTrouble::notFinite()
{
    auto weights = normalWeights(6 * 128, 25);
    weights[3 * 128 + 7] = std::numeric_limits<float>::quiet_NaN();
    const auto stats = makeStats(300, 128, 26);
    const auto spec = linearSpec(6, 128);
    const auto result = gptq().quantize(layerInput(spec, weights, {}, &stats), {});
    QVERIFY(!result.has_value());
    QCOMPARE(result.error().code, ErrorCode::WeightsNotFinite);
    QVERIFY(result.error().sentence().find("row 3, column 7") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestGptqTrouble)
#include "tst_gptqtrouble.moc"
