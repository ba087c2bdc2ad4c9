// SPDX-License-Identifier: Apache-2.0
// LLM.int8(): the worked example of codes and products, outliers, thresholds, settings, and the what-if.
#include "core/quant/llm_int8.h"
#include "core/quant/quantizedsource.h"
#include "core/quant/rtn.h"
#include "kernels/cpulevel.h"
#include "kernels/scalars.h"
#include "kernels/threads.h"
#include "samples.h"
#include "support/tempfolder.h"
#include "support/trappeddevice.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace bitlathe;
using namespace bitlathe::quant;
using namespace bitlathe::tests;

namespace
{

std::vector<float> asHalf(std::vector<float> values)
{
    for (float& value : values) {
        value = static_cast<float>(static_cast<kernels::F16>(value));
    }
    return values;
}

std::shared_ptr<const QuantizedTensor> encoded(const std::vector<float>& weights, std::int64_t rows, std::int64_t cols,
                                               double threshold = 6)
{
    MethodOptions options;
    options.bitsAndBytes.threshold = threshold;
    auto tensor =
        encodeInt8Rows(weights, rows, cols, llmInt8().completed(llmInt8().usualScheme(), options), "layer", {});
    return std::make_shared<const QuantizedTensor>(tensor.value());
}

std::vector<float> forward(const std::shared_ptr<const QuantizedTensor>& tensor, const model::Activations& x,
                           std::vector<float> bias = {})
{
    std::vector<float> y(static_cast<std::size_t>(x.rows * tensor->rows));
    makeQuantizedLinear(tensor, std::move(bias), model::Compute::F32)->forward(x, y);
    return y;
}

/// The same with inputs and outputs on a device.
std::vector<float> forwardOnDevice(const std::shared_ptr<const QuantizedTensor>& tensor, const model::Activations& x)
{
    const TrappedDevice device;
    model::Activations y(x.rows, tensor->rows, device.memory());
    makeQuantizedLinear(tensor, {}, model::Compute::F32, device)
        ->forward(model::Activations(x).movedTo(device.memory()), y.span());
    return std::move(y).movedTo(kernels::hostMemory()).values;
}

/// Statistics of these rows of inputs.
calibrate::InputStats statsOf(const model::Activations& x)
{
    calibrate::InputStats stats;
    const auto cols = static_cast<std::size_t>(x.cols);
    stats.features = x.cols;
    stats.tokens = x.rows;
    stats.absMax.resize(cols);
    stats.absMean.resize(cols);
    stats.hessian.resize(cols * cols);
    for (std::int64_t row = 0; row < x.rows; ++row) {
        for (std::size_t i = 0; i < cols; ++i) {
            const float value = x.row(row)[i];
            stats.absMax[i] = std::max(stats.absMax[i], std::abs(value));
            stats.absMean[i] += std::abs(value) / static_cast<float>(x.rows);
            for (std::size_t j = 0; j < cols; ++j) {
                stats.hessian[i * cols + j] += value * x.row(row)[j];
            }
        }
    }
    return stats;
}

const std::vector<float> kExampleWeights{0.5F,  -1.0F, 0.25F, 0.125F, 2.0F, 1.0F,
                                         -0.5F, 0.75F, -0.3F, 0.6F,   0.9F, -1.2F};

/// One channel in ten is twenty times as large as the others.
model::Activations inputsWithOutliers(std::int64_t rows, std::int64_t cols)
{
    model::Activations x(rows, cols);
    x.values = normalWeights(rows * cols, 11, 0.7F);
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t col = 5; col < cols; col += 10) {
            x.row(row)[static_cast<std::size_t>(col)] *= 20;
        }
    }
    return x;
}

} // namespace

class TestLlmInt8 : public QObject
{
    Q_OBJECT

private slots:
    void cleanup();
    void workedExampleOfCodes();
    void workedExampleOfProducts();
    void oneTokenKeepsItsOwnOutliers();
    void noThreshold();
    void bias();
    void faultsStayVisible();
    void levelsAndThreadsGiveTheSameBytes();
    void thresholdHelpsWithOutliers();
    void outlierShareOfALayer();
    void whatIfFollowsTheThreshold();
    void refusesSchemes();
    void badWeights();
};

void TestLlmInt8::cleanup()
{
    kernels::setCpuLevel(kernels::detectedCpuLevel());
    kernels::setThreadCount(0);
}

void TestLlmInt8::workedExampleOfCodes()
{
    const auto tensor = encoded(asHalf(kExampleWeights), 3, 4);
    QCOMPARE(tensor->scales, (std::vector<float>{1.0F, 2.0F, 1.2001953125F}));
    const std::array expected{64, -127, 32, 16, 127, 64, -32, 48, -32, 64, 95, -127};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        QCOMPARE(static_cast<int>(tensor->codes[i]) - 128, expected[i]);
    }
    QCOMPARE(tensor->dequantize()[1], -127.0F * 0.007874015718698502F);
    QCOMPARE(tensor->scheme.label(), std::string("LLM.int8(), threshold 6"));
    QCOMPARE(tensor->bytesStored(), std::uint64_t{12 + 12});
    QCOMPARE(tensor->scheme.bitsPerWeight(3, 4), tensor->bitsPerWeight());
}

void TestLlmInt8::workedExampleOfProducts()
{
    model::Activations x(2, 4);
    x.values = {1.0F, -2.0F, 7.0F, 0.5F, 0.25F, 3.0F, -0.5F, -6.5F};
    const std::vector<float> y = forward(encoded(asHalf(kExampleWeights), 3, 4), x);
    const std::array expected{4.334677F, -3.149606F, 4.169951F, -3.813938F, -1.118110F, 9.088267F};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        QVERIFY2(std::abs(y[i] - expected[i]) < 2e-6F, qPrintable(QString::number(static_cast<double>(y[i]))));
    }
}

/// Alone, the first token has the outlier 7.0 only, and -6.5 of the second does not keep channel 3.
void TestLlmInt8::oneTokenKeepsItsOwnOutliers()
{
    model::Activations x(1, 4);
    x.values = {1.0F, -2.0F, 7.0F, 0.5F};
    const auto tensor = encoded(asHalf(kExampleWeights), 3, 4);
    const std::vector<float> y = forward(tensor, x);
    // 0.5 is 32 steps of 2 / 127 now.
    const double code = 64 * 64 + 127 * 127 + 32 * 16;
    const double expected = code * 2 / (127.0 * 127.0) + 7.0 * 32 / 127.0;
    QVERIFY(std::abs(static_cast<double>(y[0]) - expected) < 2e-6);
}

void TestLlmInt8::noThreshold()
{
    model::Activations x(1, 4);
    x.values = {1.0F, -2.0F, 7.0F, 0.5F};
    const std::vector<float> y = forward(encoded(asHalf(kExampleWeights), 3, 4, 0), x);
    const std::array steps{18.0, -36.0, 127.0, 9.0}; // Of 7 / 127.
    const std::array codes{64.0, -127.0, 32.0, 16.0};
    double sum = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        sum += steps[i] * codes[i];
    }
    QVERIFY(std::abs(static_cast<double>(y[0]) - sum * 7 / (127.0 * 127.0)) < 2e-6);
}

void TestLlmInt8::bias()
{
    model::Activations x(2, 4);
    x.values = {1.0F, -2.0F, 7.0F, 0.5F, 0.25F, 3.0F, -0.5F, -6.5F};
    const auto tensor = encoded(asHalf(kExampleWeights), 3, 4);
    const std::vector<float> plain = forward(tensor, x);
    const std::vector<float> shifted = forward(tensor, x, {1.0F, 2.0F, -3.0F});
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const float wanted = plain[i] + std::array{1.0F, 2.0F, -3.0F}[i % 3];
        QVERIFY(std::abs(shifted[i] - wanted) < 2e-6F);
    }
}

void TestLlmInt8::faultsStayVisible()
{
    for (const float fault : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        for (const double threshold : {0.0, 6.0}) {
            model::Activations x(2, 4);
            x.values = {1.0F, fault, 7.0F, 0.5F, 0.25F, 3.0F, -0.5F, -6.5F};
            const std::vector<float> y = forward(encoded(asHalf(kExampleWeights), 3, 4, threshold), x);
            QVERIFY(!std::isfinite(y[0]));
            QVERIFY(std::isfinite(y[3]));
        }
    }
}

void TestLlmInt8::levelsAndThreadsGiveTheSameBytes()
{
    const std::vector<float> weights = normalWeights(130 * 203, 12);
    const model::Activations x = inputsWithOutliers(9, 203);
    kernels::setCpuLevel(kernels::CpuLevel::Reference);
    const auto expected = encoded(weights, 130, 203);
    const std::vector<float> reference = forward(expected, x);
    QCOMPARE(forwardOnDevice(expected, x), reference);
    for (const auto level : {kernels::CpuLevel::Avx2, kernels::CpuLevel::Avx512, kernels::CpuLevel::Amx}) {
        kernels::setCpuLevel(level);
        std::vector<float> first;
        for (const int threads : {1, 2}) {
            kernels::setThreadCount(threads);
            const auto tensor = encoded(weights, 130, 203);
            QCOMPARE(tensor->codes, expected->codes);
            QCOMPARE(tensor->scales, expected->scales);
            const std::vector<float> y = forward(tensor, x);
            first = first.empty() ? y : first;
            QCOMPARE(y, first); // For any number of threads.
            for (std::size_t i = 0; i < y.size(); ++i) {
                QVERIFY(std::abs(y[i] - reference[i]) < 1e-4F); // Products of outliers add up in another order.
            }
        }
    }
}

void TestLlmInt8::thresholdHelpsWithOutliers()
{
    const std::vector<float> weights = normalWeights(64 * 200, 13);
    const model::Activations x = inputsWithOutliers(32, 200);
    const auto errorAt = [&](double threshold) {
        const std::vector<float> y = forward(encoded(weights, 64, 200, threshold), x);
        double error = 0;
        double energy = 0;
        for (std::int64_t row = 0; row < x.rows; ++row) {
            for (std::int64_t out = 0; out < 64; ++out) {
                double exact = 0;
                for (std::int64_t k = 0; k < 200; ++k) {
                    exact += static_cast<double>(x.row(row)[static_cast<std::size_t>(k)]) *
                             static_cast<double>(weights[static_cast<std::size_t>(out * 200 + k)]);
                }
                error += std::pow(exact - static_cast<double>(y[static_cast<std::size_t>(row * 64 + out)]), 2);
                energy += exact * exact;
            }
        }
        return error / energy;
    };
    QVERIFY(errorAt(6) < errorAt(0) / 4);
}

void TestLlmInt8::outlierShareOfALayer()
{
    const auto spec = linearSpec(64, 200);
    const std::vector<float> weights = normalWeights(64 * 200, 14);
    const model::Activations x = inputsWithOutliers(64, 200);
    const calibrate::InputStats stats = statsOf(x);
    LayerInput input = layerInput(spec, weights, llmInt8().usualScheme(), &stats);
    const auto result = llmInt8().quantize(input, {});
    BITLATHE_VERIFY_OK(result);
    QCOMPARE(result->quality.outlierShare, 0.1);
    input.options.bitsAndBytes.threshold = 0;
    QCOMPARE(llmInt8().quantize(input, {})->quality.outlierShare, 0.0);
    input.stats = nullptr;
    QCOMPARE(llmInt8().quantize(input, {})->quality.outlierShare, 0.0);
}

/// The estimate against what the Linear does to the very inputs that the statistics are of.
void TestLlmInt8::whatIfFollowsTheThreshold()
{
    const auto spec = linearSpec(64, 200);
    const std::vector<float> weights = normalWeights(64 * 200, 15);
    const model::Activations x = inputsWithOutliers(256, 200);
    const calibrate::InputStats stats = statsOf(x);
    const auto result = llmInt8().quantize(layerInput(spec, weights, llmInt8().usualScheme(), &stats), {});
    BITLATHE_VERIFY_OK(result);
    const OutlierWhatIf whatIf(weights, *result, stats);
    std::int64_t columnsBefore = 200;
    for (const double threshold : {0.5, 2.0, 6.0, 20.0, 1000.0, 0.0}) {
        const OutlierEstimate estimate = whatIf.at(threshold);
        QVERIFY(estimate.columns <= columnsBefore);
        columnsBefore = estimate.columns;
        QCOMPARE(estimate.share, static_cast<double>(estimate.columns) / 200);
        const std::vector<float> y = forward(encoded(weights, 64, 200, threshold), x);
        double error = 0;
        for (std::int64_t row = 0; row < x.rows; ++row) {
            for (std::int64_t out = 0; out < 64; ++out) {
                double exact = 0;
                for (std::int64_t k = 0; k < 200; ++k) {
                    exact += static_cast<double>(x.row(row)[static_cast<std::size_t>(k)]) *
                             static_cast<double>(weights[static_cast<std::size_t>(out * 200 + k)]);
                }
                error += std::pow(exact - static_cast<double>(y[static_cast<std::size_t>(row * 64 + out)]), 2);
            }
        }
        const double loss = error / static_cast<double>(x.rows);
        QVERIFY2(estimate.loss > loss / 1.5 && estimate.loss < loss * 1.5,
                 qPrintable(QString("%1: %2 for %3").arg(threshold).arg(estimate.loss).arg(loss)));
    }
    QCOMPARE(whatIf.at(6).columns, std::int64_t{20});
    QVERIFY(whatIf.at(6).relativeError < whatIf.at(0).relativeError / 4);
}

void TestLlmInt8::refusesSchemes()
{
    Scheme scheme = llmInt8().usualScheme();
    BITLATHE_VERIFY_OK(llmInt8().check(scheme));
    scheme.threshold = -1;
    QVERIFY(llmInt8().check(scheme).error().sentence().find("threshold: expected a number of at least 0") == 0);
    scheme = llmInt8().usualScheme();
    scheme.groupSize = 128;
    QVERIFY(llmInt8().check(scheme).error().sentence().find("group size: expected \"channel\"") == 0);
    scheme = llmInt8().usualScheme();
    scheme.bits = 4;
    QVERIFY(llmInt8().check(scheme).error().sentence().find("bits: expected 8, found 4") == 0);
    QVERIFY(!llmInt8().check(Scheme{}));
}

void TestLlmInt8::badWeights()
{
    std::vector<float> weights = normalWeights(200, 16);
    weights[101] = 70000.0F;
    const auto scheme = llmInt8().usualScheme();
    const auto large = encodeInt8Rows(weights, 2, 100, scheme, "layer", {});
    QVERIFY(!large);
    QVERIFY(large.error().sentence().find("expected weights that half precision holds") != std::string::npos);
    weights[101] = std::numeric_limits<float>::infinity();
    const auto infinite = encodeInt8Rows(weights, 2, 100, scheme, "layer", {});
    QVERIFY(!infinite);
    QVERIFY(infinite.error().sentence().find("infinity in row 1, column 1") != std::string::npos);
    BITLATHE_VERIFY_OK(encodeInt8Rows(std::vector<float>(200), 2, 100, scheme, "layer", {}));
}

QTEST_GUILESS_MAIN(TestLlmInt8)
#include "tst_llm_int8.moc"
