// SPDX-License-Identifier: Apache-2.0
// Round to nearest: properties over random schemes and shapes, the formulas, bad weights, threads, findings.
#include "core/quant/rtn.h"
#include "kernels/cpulevel.h"
#include "kernels/scalars.h"
#include "kernels/threads.h"
#include "samples.h"
#include "support/tempfolder.h"

#include <QTest>

#include <bit>
#include <cmath>

using namespace bitlathe;
using namespace bitlathe::quant;
using namespace bitlathe::tests;

namespace
{

struct Shape
{
    std::int64_t rows;
    std::int64_t cols;
};

Shape randomShape(std::mt19937& random)
{
    return {1 + static_cast<std::int64_t>(random() % 20), 1 + static_cast<std::int64_t>(random() % 700)};
}

bool isExact(float value, checkpoint::DType dtype)
{
    switch (dtype) {
    case checkpoint::DType::F16: return static_cast<float>(static_cast<kernels::F16>(value)) == value;
    case checkpoint::DType::BF16: return (std::bit_cast<std::uint32_t>(value) & 0xFFFFU) == 0;
    default: return true;
    }
}

bool sameTensor(const QuantizedTensor& a, const QuantizedTensor& b)
{
    return a.scheme == b.scheme && a.codes == b.codes && a.scales == b.scales && a.zeros == b.zeros;
}

} // namespace

class TestRtn : public QObject
{
    Q_OBJECT

private slots:
    void cleanup();
    void properties();
    void formulas();
    void perTensorFormula();
    void idempotent();
    void clippingHelps();
    void levelsAndThreadsGiveTheSameBytes();
    void notFinite_data();
    void notFinite();
    void coarseScales();
    void zeros();
    void cancelled();
    void registry();
};

void TestRtn::cleanup()
{
    kernels::setCpuLevel(kernels::detectedCpuLevel());
    kernels::setThreadCount(0);
}

/// Sizes fit, scales are exact in their type, every weight inside the grid is at most half a step away from its value.
void TestRtn::properties()
{
    std::mt19937 random(11);
    for (int round = 0; round < 300; ++round) {
        const auto [rows, cols] = randomShape(random);
        const Scheme scheme = randomScheme(random);
        const auto weights = normalWeights(rows * cols, random());
        const QuantizedTensor tensor = roundedTensor(weights, rows, cols, scheme);
        QCOMPARE(tensor.codes.size(), static_cast<std::size_t>(rows) * tensor.bytesPerRow());
        const std::size_t grids = scheme.groupSize == kPerTensor ? 1 : static_cast<std::size_t>(rows * tensor.groups());
        QCOMPARE(tensor.scales.size(), grids);
        QCOMPARE(tensor.zeros.size(), scheme.symmetric ? std::size_t{0} : grids);
        QCOMPARE(tensor.bitsPerWeight() - scheme.bitsPerWeight(rows, cols) < 8.0 / static_cast<double>(rows * cols),
                 true);
        for (const float scale : tensor.scales) {
            QVERIFY(scale > 0 && isExact(scale, scheme.scaleDType));
        }
        const auto back = tensor.dequantize();
        for (std::int64_t row = 0; row < rows; ++row) {
            for (std::int64_t col = 0; col < cols; ++col) {
                const auto place = static_cast<std::size_t>(row * cols + col);
                const float scale = tensor.scale(row, tensor.groupOf(col));
                const auto zero = static_cast<float>(tensor.zero(row, tensor.groupOf(col)));
                const float low = -zero * scale;
                const float high = (static_cast<float>((1 << scheme.bits) - 1) - zero) * scale;
                const float inside = std::clamp(weights[place], low, high);
                // A millionth for the rounding of w / s and of the product.
                QVERIFY(std::abs(back[place] - inside) <= 0.5F * scale + 1e-6F * std::abs(inside));
            }
        }
    }
}

/// The formulas of the method, in the order in which they are written down, for groups that rows do not divide.
void TestRtn::formulas()
{
    std::mt19937 random(12);
    for (const bool symmetric : {true, false}) {
        for (const int bits : {3, 4, 8}) {
            Scheme scheme;
            scheme.bits = bits;
            scheme.groupSize = 64;
            scheme.symmetric = symmetric;
            const std::int64_t rows = 5;
            const std::int64_t cols = 200;
            const auto weights = normalWeights(rows * cols, random());
            const auto back = roundedTensor(weights, rows, cols, scheme).dequantize();
            const float top = static_cast<float>((1 << bits) - 1);
            for (std::size_t first = 0; first < weights.size();) {
                const std::size_t count = std::min<std::size_t>(64, 200 - first % 200);
                const auto group = std::span(weights).subspan(first, count);
                const auto [low, high] = std::ranges::minmax(group);
                const float wide = symmetric ? 2 * std::max(std::abs(low), std::abs(high))
                                             : std::max(0.0F, high) - std::min(0.0F, low);
                const auto s = static_cast<float>(static_cast<kernels::F16>(wide / top));
                const float z =
                    symmetric ? static_cast<float>(1 << (bits - 1)) : std::nearbyint(-std::min(0.0F, low) / s);
                for (std::size_t i = 0; i < count; ++i) {
                    const float code = std::clamp(std::nearbyint(group[i] / s) + z, 0.0F, top);
                    QCOMPARE(back[first + i], (code - z) * s);
                }
                first += count;
            }
        }
    }
}

void TestRtn::perTensorFormula()
{
    const auto weights = normalWeights(30 * 5000, 13);
    Scheme scheme;
    scheme.groupSize = kPerTensor;
    scheme.symmetric = false;
    scheme.scaleDType = checkpoint::DType::F32;
    const QuantizedTensor tensor = roundedTensor(weights, 30, 5000, scheme);
    const auto [low, high] = std::ranges::minmax(weights);
    QCOMPARE(tensor.scales, std::vector<float>{(high - low) / 15.0F});
    QCOMPARE(static_cast<float>(tensor.zeros[0]), std::nearbyint(-low / tensor.scales[0]));
}

/// Weights that lie on a grid already keep their values: asymmetric, with 0 and the ends of the range among them.
void TestRtn::idempotent()
{
    std::mt19937 random(14);
    for (int round = 0; round < 50; ++round) {
        Scheme scheme;
        scheme.symmetric = false;
        scheme.groupSize = 32;
        scheme.scaleDType = checkpoint::DType::F32;
        std::vector<float> weights(96);
        std::ranges::generate(weights, [&] { return (static_cast<float>(random() % 16) - 6.0F) * 0.125F; });
        for (const std::size_t first : {0U, 32U, 64U}) {
            weights[first] = -0.75F;
            weights[first + 5] = 1.125F;
        }
        QCOMPARE(roundedTensor(weights, 1, 96, scheme).dequantize(), weights);
    }
}

void TestRtn::clippingHelps()
{
    const auto weights = normalWeights(64 * 256, 15);
    for (const int bits : {2, 3, 4}) {
        Scheme scheme;
        scheme.bits = bits;
        const auto plain = roundedTensor(weights, 64, 256, scheme);
        scheme.clipping = Clipping::Mse;
        const auto clipped = roundedTensor(weights, 64, 256, scheme);
        QVERIFY(measureQuality(weights, clipped, nullptr).weightError <
                0.95 * measureQuality(weights, plain, nullptr).weightError);
    }
}

void TestRtn::levelsAndThreadsGiveTheSameBytes()
{
    std::mt19937 random(16);
    for (int round = 0; round < 30; ++round) {
        const std::int64_t rows = 300 + static_cast<std::int64_t>(random() % 50);
        const std::int64_t cols = 300 + static_cast<std::int64_t>(random() % 200);
        const Scheme scheme = randomScheme(random);
        const auto weights = normalWeights(rows * cols, random());
        kernels::setThreadCount(1);
        kernels::setCpuLevel(kernels::CpuLevel::Reference);
        const QuantizedTensor reference = roundedTensor(weights, rows, cols, scheme);
        kernels::setThreadCount(2);
        for (const auto level : {kernels::CpuLevel::Reference, kernels::CpuLevel::Avx2, kernels::CpuLevel::Avx512}) {
            kernels::setCpuLevel(level);
            const QuantizedTensor other = roundedTensor(weights, rows, cols, scheme);
            QVERIFY(sameTensor(reference, other));
            QCOMPARE(other.dequantize(), reference.dequantize());
        }
    }
}

void TestRtn::notFinite_data()
{
    QTest::addColumn<float>("bad");
    QTest::addColumn<qint64>("group");
    QTest::addColumn<QString>("sentence");
    const QString nan = "model.layers.0.self_attn.q_proj: expected finite weights, found NaN in row 3, column 17.";
    const QString inf = "model.layers.0.self_attn.q_proj: expected finite weights, found infinity in row 3, column 17.";
    QTest::newRow("NaN, groups") << std::nanf("") << qint64{32} << nan;
    QTest::newRow("infinity, groups") << INFINITY << qint64{32} << inf;
    QTest::newRow("-infinity, channel") << -INFINITY << qint64{kPerChannel} << inf;
    QTest::newRow("NaN, tensor") << std::nanf("") << qint64{kPerTensor} << nan;
}

void TestRtn::notFinite()
{
    QFETCH(float, bad);
    QFETCH(qint64, group);
    QFETCH(QString, sentence);
    auto weights = normalWeights(5 * 40, 17);
    weights[3 * 40 + 17] = bad;
    const auto spec = linearSpec(5, 40);
    LayerInput input = layerInput(spec, weights);
    input.scheme.groupSize = group;
    const auto result = roundToNearest().quantize(input, {});
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::WeightsNotFinite);
    QVERIFY2(result.error().sentence().starts_with(sentence.toStdString()), result.error().sentence().c_str());
}

void TestRtn::coarseScales()
{
    auto weights = normalWeights(4 * 64, 18, 1e-7F);
    const auto spec = linearSpec(4, 64);
    LayerInput input = layerInput(spec, weights);
    input.scheme.groupSize = 32;
    const auto result = roundToNearest().quantize(input, {});
    BITLATHE_VERIFY_OK(result);
    QCOMPARE(result->findings.size(), std::size_t{1});
    QCOMPARE(result->findings[0].code, std::string("scale-coarse"));
    QCOMPARE(result->findings[0].severity, Severity::Warning);
    QCOMPARE(result->findings[0].subject, spec.name);
    for (const float scale : result->tensor->scales) {
        QVERIFY(scale > 0);
    }
    input.scheme.scaleDType = checkpoint::DType::BF16;
    QVERIFY(roundToNearest().quantize(input, {})->findings.empty());
    weights.assign(weights.size(), 2e6F);
    input.scheme.scaleDType = checkpoint::DType::F16;
    const auto huge = roundToNearest().quantize(input, {});
    BITLATHE_VERIFY_OK(huge);
    QCOMPARE(huge->tensor->scales[0], 65504.0F);
    QCOMPARE(huge->findings.size(), std::size_t{1});
}

void TestRtn::zeros()
{
    std::mt19937 random(19);
    for (int round = 0; round < 20; ++round) {
        const std::vector<float> weights(10 * 50);
        const Scheme scheme = randomScheme(random);
        const auto spec = linearSpec(10, 50);
        const auto result = roundToNearest().quantize(layerInput(spec, weights, scheme), {});
        BITLATHE_VERIFY_OK(result);
        QCOMPARE(result->tensor->dequantize(), weights);
        QCOMPARE(result->quality.relativeError, 0.0);
        QVERIFY(result->findings.empty());
    }
}

void TestRtn::cancelled()
{
    std::stop_source source;
    source.request_stop();
    const auto weights = normalWeights(100 * 100, 20);
    const auto spec = linearSpec(100, 100);
    for (const std::int64_t group : {std::int64_t{32}, kPerTensor}) {
        LayerInput input = layerInput(spec, weights);
        input.scheme.groupSize = group;
        const auto result = roundToNearest().quantize(input, {{}, source.get_token()});
        QVERIFY(!result);
        QCOMPARE(result.error().code, ErrorCode::Cancelled);
    }
}

void TestRtn::registry()
{
    const auto found = findQuantizer("rtn");
    BITLATHE_VERIFY_OK(found);
    QVERIFY(!(*found)->needsStatistics());
    QVERIFY(std::ranges::find(quantizers(), *found) != quantizers().end());
    const auto missing = findQuantizer("magic");
    QVERIFY(!missing);
    QCOMPARE(missing.error().code, ErrorCode::UnknownName);
    QVERIFY(missing.error().expected.english().find("rtn") != std::string::npos);
    Scheme seven;
    seven.bits = 7;
    QCOMPARE((*found)->check(seven).error().code, ErrorCode::SettingInvalid);
}

QTEST_GUILESS_MAIN(TestRtn)
#include "tst_rtn.moc"
