// SPDX-License-Identifier: Apache-2.0
// Ternary weights: codes 0, 1, 2 about a zero point of 1, against the best grid found by sorting.
#include "core/quant/gptq.h"
#include "core/quant/gptqfactor.h"
#include "kernels/cpulevel.h"
#include "samples.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cmath>

using namespace bitlathe;
using namespace bitlathe::quant;
using namespace bitlathe::tests;

namespace
{

constexpr Scheme kTernary{
    .bits = 2, .groupSize = 64, .symmetric = false, .ternary = true, .scaleDType = checkpoint::DType::F32};

/// The least squared error that any step leaves a group: with the k largest |w| at the mean of them, sum w^2 -
/// (sum of those)^2 / k is all that is lost.
double leastError(std::span<const float> group)
{
    std::vector<double> sizes;
    double squares = 0;
    for (const float value : group) {
        sizes.push_back(std::abs(static_cast<double>(value)));
        squares += static_cast<double>(value) * static_cast<double>(value);
    }
    std::ranges::sort(sizes, std::greater<>());
    double best = squares;
    double sum = 0;
    for (std::size_t k = 0; k < sizes.size(); ++k) {
        sum += sizes[k];
        best = std::min(best, squares - sum * sum / static_cast<double>(k + 1));
    }
    return best;
}

calibrate::InputStats makeStats(std::int64_t features)
{
    constexpr std::int64_t kTokens = 400;
    std::vector<float> x = normalWeights(kTokens * features, 5, 1.0F);
    const auto width = static_cast<std::size_t>(features);
    calibrate::InputStats stats;
    stats.linears = {LayerId(3)};
    stats.features = features;
    stats.tokens = kTokens;
    stats.hessian.resize(width * width);
    for (std::size_t token = 0; token < kTokens; ++token) {
        float* row = x.data() + token * width;
        for (std::size_t i = 1; i < width; ++i) {
            row[i] += 0.6F * row[i - 1];
        }
        for (std::size_t i = 0; i < width * width; ++i) {
            stats.hessian[i] += row[i / width] * row[i % width];
        }
    }
    return stats;
}

void verifyTernary(const QuantizedTensor& tensor)
{
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(tensor.cols));
    for (std::int64_t row = 0; row < tensor.rows; ++row) {
        tensor.unpackRow(row, codes);
        QVERIFY(*std::ranges::max_element(codes) <= 2);
    }
    QVERIFY(!tensor.zeros.empty());
    QVERIFY(std::ranges::all_of(tensor.zeros, [](std::uint8_t zero) { return zero == 1; }));
}

} // namespace

class TestTernary : public QObject
{
    Q_OBJECT

private slots:
    void cleanup() { kernels::setCpuLevel(kernels::detectedCpuLevel()); }
    void worksByHand();
    void nearestIsCloseToTheBest();
    void gptqKeepsToThreeValues_data();
    void gptqKeepsToThreeValues();
    void sayingIt();
    void otherMethodsRefuse();
};

/// Groups that three values hold exactly, one of zeros, and one worked out: of 1, 0.9, -0.8, 0.1 x 13 the step that is
/// left over the shrink steps nearest 0.9 keeps three weights, and the rest is 0.
void TestTernary::worksByHand()
{
    std::vector<float> weights{0.5F, -0.5F, 0.0F, 0.5F};
    weights.resize(48);
    std::fill_n(weights.begin() + 16, 16, 0.1F);
    weights[16] = 1.0F;
    weights[17] = 0.9F;
    weights[18] = -0.8F;
    Scheme scheme = kTernary;
    scheme.groupSize = 16;
    const QuantizedTensor tensor = roundedTensor(weights, 1, 48, scheme);
    verifyTernary(tensor);
    const std::vector<float> back = tensor.dequantize();
    for (std::size_t i = 0; i < 16; ++i) {
        QCOMPARE(back[i], weights[i]);
        QCOMPARE(back[i + 32], 0.0F);
    }
    QCOMPARE(tensor.scales[1], 0.9F);
    for (std::size_t i = 16; i < 32; ++i) {
        QCOMPARE(back[i], i < 18 ? 0.9F : i == 18 ? -0.9F : 0.0F);
    }
}

void TestTernary::nearestIsCloseToTheBest()
{
    for (const std::int64_t groupSize : {std::int64_t{16}, std::int64_t{64}, std::int64_t{100}, kPerChannel}) {
        const std::int64_t cols = 1000;
        const std::vector<float> weights = normalWeights(8 * cols, 17);
        Scheme scheme = kTernary;
        scheme.groupSize = groupSize;
        const QuantizedTensor tensor = roundedTensor(weights, 8, cols, scheme);
        verifyTernary(tensor);
        const std::vector<float> back = tensor.dequantize();
        double error = 0;
        double least = 0;
        const auto step = static_cast<std::size_t>(groupSize > 0 ? groupSize : cols);
        for (std::size_t row = 0; row < 8; ++row) {
            for (std::size_t from = 0; from < cols; from += step) {
                const std::size_t count = std::min(step, cols - from);
                const auto at = std::span(weights).subspan(row * cols + from, count);
                least += leastError(at);
                for (std::size_t i = 0; i < count; ++i) {
                    const double wrong = static_cast<double>(at[i]) - static_cast<double>(back[row * cols + from + i]);
                    error += wrong * wrong;
                }
            }
        }
        QVERIFY2(error >= least * (1 - 1e-5) && error <= 1.02 * least, qPrintable(QString::number(error / least)));
    }
}

void TestTernary::gptqKeepsToThreeValues_data()
{
    QTest::addColumn<int>("effort");
    QTest::addColumn<bool>("actOrder");
    for (int effort = 0; effort < 3; ++effort) {
        QTest::addRow("effort %d", effort) << effort << false;
        QTest::addRow("effort %d, act order", effort) << effort << true;
    }
}

void TestTernary::gptqKeepsToThreeValues()
{
    QFETCH(const int, effort);
    QFETCH(const bool, actOrder);
    const std::int64_t rows = 21;
    const std::int64_t cols = 150;
    const calibrate::InputStats stats = makeStats(cols);
    const std::vector<float> weights = normalWeights(rows * cols, 6);
    const model::LinearSpec spec = linearSpec(rows, cols);
    Scheme scheme = kTernary;
    scheme.actOrder = actOrder;
    LayerInput input = layerInput(spec, weights, scheme, &stats);
    input.options.gptq.effort = static_cast<Effort>(effort);
    std::optional<QuantizedTensor> first;
    for (const auto level : {kernels::CpuLevel::Reference, kernels::CpuLevel::Avx2, kernels::CpuLevel::Avx512}) {
        if (level > kernels::detectedCpuLevel()) {
            continue;
        }
        kernels::setCpuLevel(level);
        const auto swept = gptq().quantize(input, {});
        BITLATHE_VERIFY_OK(swept);
        verifyTernary(*swept->tensor);
        const auto nearest = roundToNearest().quantize(input, {});
        QVERIFY2(swept->quality.loss < 0.9 * nearest->quality.loss,
                 qPrintable(QString::number(swept->quality.loss / nearest->quality.loss)));
        if (first) {
            // Factors differ in their last bits between levels, codes hardly ever.
            QCOMPARE(swept->tensor->zeros, first->zeros);
        }
        first = *swept->tensor;
    }
}

void TestTernary::sayingIt()
{
    for (const char* word : {"ternary", "1.58"}) {
        Scheme scheme;
        BITLATHE_VERIFY_OK(setBits(scheme, word));
        QVERIFY(scheme.ternary && scheme.bits == 2 && !scheme.symmetric);
        QCOMPARE(scheme.maxCode(), 2);
        BITLATHE_VERIFY_OK(checkScheme(scheme));
        QCOMPARE(bitsText(scheme), std::string("ternary"));
        QCOMPARE(scheme.label(), std::string("ternary, groups of 128"));
        // As stored: 2 bits, and a scale of 16 bits and a zero point of 2 for each group.
        QCOMPARE(scheme.bitsPerWeight(10, 256), 2 + 18.0 / 128);
        BITLATHE_VERIFY_OK(setBits(scheme, "4"));
        QVERIFY(!scheme.ternary);
        QCOMPARE(scheme.maxCode(), 15);
    }
    Scheme scheme = kTernary;
    scheme.symmetric = true;
    QCOMPARE(checkScheme(scheme).error().code, ErrorCode::SettingInvalid);
    for (const char* word : {"", "tern", "4x", "3.5"}) {
        QCOMPARE(setBits(scheme, word).error().sentence(),
                 "bits: expected one of 2, 3, 4, 5, 6, 8, or ternary, found \"" + std::string(word) +
                     "\". Choose one of these widths.");
    }
}

void TestTernary::otherMethodsRefuse()
{
    const auto awq = findQuantizer("awq");
    BITLATHE_VERIFY_OK(awq);
    QCOMPARE((*awq)->check(kTernary).error().sentence(),
             std::string("bits: expected a number of bits, for awq, found ternary weights. Choose the method gptq."));
    for (const char* name : {"rtn", "gptq"}) {
        BITLATHE_VERIFY_OK((*findQuantizer(name))->check(kTernary));
    }
}

QTEST_GUILESS_MAIN(TestTernary)
#include "tst_ternary.moc"
