// SPDX-License-Identifier: Apache-2.0
// GPTQ: against the published algorithm written down plainly here, and properties.
#include "core/quant/gptq.h"
#include "core/quant/rtn.h"
#include "gptqfixtures.h"
#include "kernels/backend.h"
#include "kernels/cpulevel.h"
#include "kernels/scalars.h"
#include "kernels/threads.h"

#include <QTest>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

using namespace bitlathe;
using namespace bitlathe::quant;
using namespace bitlathe::tests;

namespace
{

double roundedToF16(double value)
{
    return static_cast<double>(static_cast<float>(static_cast<kernels::F16>(static_cast<float>(value))));
}

/// Algorithm 1 of the paper with one row at a time, the Hessian's inverse made as such, all in double: the upper
/// Cholesky factor U of the damped inverse; each column is rounded and its error spread over the columns after it.
/// order: columns as they are taken. Groups are cut from the order, or, where fixed, from the columns.
class Published
{
public:
    Published(const std::vector<float>& weights, std::int64_t rows, const calibrate::InputStats& stats,
              const Scheme& scheme, double damping, std::vector<std::int64_t> order, bool fixedGroups)
        : m_scheme(scheme), m_cols(stats.features), m_order(std::move(order)), m_fixed(fixedGroups)
    {
        Eigen::MatrixXd hessian(m_cols, m_cols);
        for (std::int64_t i = 0; i < m_cols; ++i) {
            for (std::int64_t j = 0; j < m_cols; ++j) {
                hessian(i, j) = static_cast<double>(
                    stats.hessian[static_cast<std::size_t>(m_order[index(i)] * m_cols + m_order[index(j)])]);
            }
        }
        hessian += damping * hessian.diagonal().mean() * Eigen::MatrixXd::Identity(m_cols, m_cols);
        const Eigen::MatrixXd inverse = hessian.inverse();
        m_upper = inverse.llt().matrixU();
        for (std::int64_t row = 0; row < rows; ++row) {
            sweep(weights.data() + row * m_cols);
        }
    }

    std::vector<double> values; ///< Dequantized, [rows, cols].

private:
    static std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

    void grid(const Eigen::VectorXd& weights, std::int64_t first)
    {
        const std::int64_t count = std::min(m_scheme.groupSize, m_cols - first);
        const double low = std::min(0.0, weights.segment(first, count).minCoeff());
        const double high = std::max(0.0, weights.segment(first, count).maxCoeff());
        const int maxCode = (1 << m_scheme.bits) - 1;
        if (m_scheme.symmetric) {
            m_scale = roundedToF16(2 * std::max(-low, high) / maxCode);
            m_zero = (maxCode + 1) / 2;
        } else {
            m_scale = roundedToF16((high - low) / maxCode);
            m_zero = std::nearbyint(-low / m_scale);
        }
    }

    void sweep(const float* row)
    {
        Eigen::VectorXd plain(m_cols);
        Eigen::VectorXd weights(m_cols);
        for (std::int64_t i = 0; i < m_cols; ++i) {
            plain(i) = static_cast<double>(row[i]);
            weights(i) = static_cast<double>(row[m_order[index(i)]]);
        }
        std::vector<double> done(index(m_cols));
        for (std::int64_t i = 0; i < m_cols; ++i) {
            const std::int64_t column = m_order[index(i)];
            if (m_fixed) {
                grid(plain, column / m_scheme.groupSize * m_scheme.groupSize);
            } else if (i % m_scheme.groupSize == 0) {
                grid(weights, i);
            }
            const double code =
                std::clamp(std::nearbyint(weights(i) / m_scale) + m_zero, 0.0, std::exp2(m_scheme.bits) - 1);
            const double value = (code - m_zero) * m_scale;
            done[index(column)] = value;
            const double error = (weights(i) - value) / m_upper(i, i);
            for (std::int64_t j = i; j < m_cols; ++j) {
                weights(j) -= error * m_upper(i, j);
            }
        }
        values.insert(values.end(), done.begin(), done.end());
    }

    Scheme m_scheme;
    std::int64_t m_cols;
    std::vector<std::int64_t> m_order;
    bool m_fixed;
    Eigen::MatrixXd m_upper;
    double m_scale = 1;
    double m_zero = 0;
};

} // namespace

class TestGptq : public QObject
{
    Q_OBJECT

private slots:
    void cleanup();
    void published_data();
    void published();
    void betterThanNearest();
    void moreEffortIsBetter();
    void shapesAndScales();
    void everyEnvironmentGivesTheSameBytes();
    void blockSizeChangesNothing();
    void sharedFactor();
    void bf16HessiansLoseNothing();
    void cancelled();
    void settings();
};

void TestGptq::cleanup()
{
    kernels::setCpuLevel(kernels::detectedCpuLevel());
    kernels::setThreadCount(0);
}

void TestGptq::published_data()
{
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("groupSize");
    QTest::addColumn<bool>("symmetric");
    QTest::addColumn<bool>("actOrder");
    QTest::addColumn<bool>("staticGroups");
    QTest::newRow("4 bits") << 4 << 32 << true << false << false;
    QTest::newRow("4 bits asymmetric") << 4 << 32 << false << false << false;
    QTest::newRow("group beyond a block") << 4 << 160 << true << false << false;
    QTest::newRow("odd groups") << 3 << 50 << false << false << false;
    QTest::newRow("act order") << 4 << 32 << true << true << false;
    QTest::newRow("act order asymmetric") << 4 << 64 << false << true << false;
    QTest::newRow("static groups") << 4 << 32 << true << true << true;
    QTest::newRow("static groups in order") << 3 << 32 << false << false << true;
    QTest::newRow("8 bits") << 8 << 128 << true << false << false;
}

/// The same values as the algorithm written down plainly. A weight in the middle between two codes may fall to either
/// side in other arithmetic, and its row then goes another way: such rows must be few.
void TestGptq::published()
{
    QFETCH(int, bits);
    QFETCH(int, groupSize);
    QFETCH(bool, symmetric);
    QFETCH(bool, actOrder);
    QFETCH(bool, staticGroups);
    const std::int64_t rows = 45;
    const std::int64_t cols = 200;
    const auto weights = normalWeights(rows * cols, 1);
    const auto stats = makeStats(500, cols, 2);
    Scheme scheme = schemeWith(bits, groupSize, symmetric);
    scheme.actOrder = actOrder;
    GptqOptions options = optionsWith(Effort::Fast);
    options.staticGroups = staticGroups;
    const auto spec = linearSpec(rows, cols);
    const auto result = gptq().quantize(gptqInput(spec, weights, scheme, stats, options), {});
    QVERIFY(result.has_value());
    QVERIFY(result->findings.empty());

    std::vector<std::int64_t> order(static_cast<std::size_t>(cols));
    std::iota(order.begin(), order.end(), 0);
    if (actOrder) {
        std::ranges::stable_sort(order, [&](std::int64_t a, std::int64_t b) {
            return stats.hessian[static_cast<std::size_t>(a * cols + a)] >
                   stats.hessian[static_cast<std::size_t>(b * cols + b)];
        });
    }
    const Published expected(weights, rows, stats, scheme, options.damping, order, staticGroups);
    const auto got = result->tensor->dequantize();
    int rowsApart = 0;
    for (std::int64_t row = 0; row < rows; ++row) {
        double largest = 0;
        for (std::int64_t col = 0; col < cols; ++col) {
            const auto at = static_cast<std::size_t>(row * cols + col);
            largest = std::max(largest, std::abs(static_cast<double>(got[at]) - expected.values[at]));
        }
        rowsApart += largest > 1e-6 ? 1 : 0;
    }
    QVERIFY2(rowsApart <= rows / 10, qPrintable(QString::number(rowsApart)));
}

void TestGptq::betterThanNearest()
{
    std::mt19937 random(3);
    for (int round = 0; round < 40; ++round) {
        Scheme scheme = randomScheme(random);
        scheme.groupSize = scheme.groupSize == kPerTensor ? 128 : scheme.groupSize;
        scheme.bits = std::min(scheme.bits, 6); // At 8 bits there is little left to win.
        const auto cols = 1 + static_cast<std::int64_t>(random() % 400);
        const auto rows = 1 + static_cast<std::int64_t>(random() % 70);
        const auto weights = normalWeights(rows * cols, random());
        const auto stats = makeStats(2 * cols + 20, cols, random());
        const auto spec = linearSpec(rows, cols);
        const auto nearest = roundToNearest().quantize(layerInput(spec, weights, scheme, &stats), {});
        QVERIFY(nearest.has_value());
        for (const Effort effort : kEfforts) {
            for (const bool actOrder : {false, true}) {
                Scheme ordered = scheme;
                ordered.actOrder = actOrder;
                GptqOptions options = optionsWith(effort);
                options.staticGroups = random() % 2 == 0;
                const auto result = gptq().quantize(gptqInput(spec, weights, ordered, stats, options), {});
                QVERIFY(result.has_value());
                // A single column has no other to make its error good.
                QVERIFY2(result->quality.loss <= nearest->quality.loss * (cols < 8 ? 1.0 + 1e-4 : 1.0),
                         qPrintable(QString("%1: %2 > %3")
                                        .arg(QString::fromStdString(ordered.label()))
                                        .arg(result->quality.loss)
                                        .arg(nearest->quality.loss)));
            }
        }
    }
}

void TestGptq::moreEffortIsBetter()
{
    const std::int64_t rows = 96;
    const std::int64_t cols = 384;
    const auto weights = normalWeights(rows * cols, 4);
    const auto stats = makeStats(1500, cols, 5);
    const auto spec = linearSpec(rows, cols);
    for (const int bits : {2, 3, 4}) {
        for (const bool symmetric : {true, false}) {
            double before = std::numeric_limits<double>::max();
            for (const Effort effort : kEfforts) {
                const auto result = gptq().quantize(
                    gptqInput(spec, weights, schemeWith(bits, 128, symmetric), stats, optionsWith(effort)), {});
                QVERIFY(result.has_value());
                QVERIFY(result->quality.loss < before);
                before = result->quality.loss;
            }
        }
    }
}

/// Sizes fit, scales are exact in their type, groups lie where the scheme says.
void TestGptq::shapesAndScales()
{
    std::mt19937 random(6);
    for (int round = 0; round < 60; ++round) {
        Scheme scheme = randomScheme(random);
        scheme.groupSize = scheme.groupSize == kPerTensor ? 16 : scheme.groupSize;
        scheme.actOrder = random() % 2 == 0;
        GptqOptions options = optionsWith(kEfforts[random() % 3]);
        options.staticGroups = random() % 2 == 0;
        const auto cols = 1 + static_cast<std::int64_t>(random() % 300);
        const auto rows = 1 + static_cast<std::int64_t>(random() % 40);
        const auto weights = normalWeights(rows * cols, random());
        const auto stats = makeStats(cols + 5, cols, random());
        const auto spec = linearSpec(rows, cols);
        const auto result = gptq().quantize(gptqInput(spec, weights, scheme, stats, options), {});
        QVERIFY(result.has_value());
        const QuantizedTensor& tensor = *result->tensor;
        QCOMPARE(tensor.scales.size(), static_cast<std::size_t>(rows * scheme.groupsPerRow(cols)));
        QCOMPARE(tensor.zeros.size(), scheme.symmetric ? 0 : tensor.scales.size());
        for (const float scale : tensor.scales) {
            QVERIFY(scale > 0 && std::isfinite(scale));
            QVERIFY(scheme.scaleDType != checkpoint::DType::F16 ||
                    static_cast<float>(static_cast<kernels::F16>(scale)) == scale);
            QVERIFY(scheme.scaleDType != checkpoint::DType::BF16 ||
                    (std::bit_cast<std::uint32_t>(scale) & 0xFFFFU) == 0);
        }
        const bool moved = scheme.actOrder && !options.staticGroups && scheme.groupsPerRow(cols) > 1;
        QCOMPARE(tensor.groupIndex.size(), moved ? static_cast<std::size_t>(cols) : 0);
        std::vector<std::int64_t> inGroup(static_cast<std::size_t>(tensor.groups()));
        for (const std::int32_t group : tensor.groupIndex) {
            ++inGroup.at(static_cast<std::size_t>(group));
        }
        for (std::size_t group = 0; moved && group + 1 < inGroup.size(); ++group) {
            QCOMPARE(inGroup[group], scheme.groupSize);
        }
    }
}

void TestGptq::everyEnvironmentGivesTheSameBytes()
{
    const std::int64_t rows = 77;
    const std::int64_t cols = 261;
    const auto weights = normalWeights(rows * cols, 7);
    const auto stats = makeStats(400, cols, 8);
    const auto spec = linearSpec(rows, cols);
    for (const Effort effort : kEfforts) {
        for (const bool actOrder : {false, true}) {
            Scheme scheme = schemeWith(3, 64, false);
            scheme.actOrder = actOrder;
            const auto run = [&] {
                return gptq().quantize(gptqInput(spec, weights, scheme, stats, optionsWith(effort)), {}).value().tensor;
            };
            kernels::setThreadCount(1);
            const auto expected = run();
            for (const auto level :
                 {kernels::CpuLevel::Reference, kernels::CpuLevel::Avx2, kernels::CpuLevel::Avx512}) {
                kernels::setCpuLevel(level);
                kernels::setThreadCount(2);
                QVERIFY(sameTensor(*run(), *expected));
            }
            kernels::setCpuLevel(kernels::detectedCpuLevel());
        }
    }
}

void TestGptq::blockSizeChangesNothing()
{
    const auto weights = normalWeights(33 * 256, 9);
    const auto stats = makeStats(400, 256, 10);
    const auto spec = linearSpec(33, 256);
    for (const std::int64_t groupSize : {std::int64_t{64}, kPerChannel}) {
        GptqOptions options = optionsWith(Effort::Normal);
        const auto expected =
            gptq().quantize(gptqInput(spec, weights, schemeWith(4, groupSize, true), stats, options), {});
        options.blockSize = 32;
        const auto got = gptq().quantize(gptqInput(spec, weights, schemeWith(4, groupSize, true), stats, options), {});
        QVERIFY(sameTensor(*got->tensor, *expected->tensor));
    }
}

void TestGptq::sharedFactor()
{
    const auto stats = makeStats(300, 128, 11);
    const auto otherStats = makeStats(300, 128, 12);
    const auto spec = linearSpec(20, 128);
    SharedWork shared;
    for (const auto* which : {&stats, &stats, &otherStats, &stats}) {
        for (const double damping : {0.01, 0.05}) {
            const auto weights = normalWeights(20 * 128, 13);
            GptqOptions options = optionsWith(Effort::Best);
            options.damping = damping;
            LayerInput input = gptqInput(spec, weights, schemeWith(4, 64, true), *which, options);
            const auto expected = gptq().quantize(input, {});
            input.shared = &shared;
            const auto got = gptq().quantize(input, {});
            QVERIFY(shared.value.has_value());
            QVERIFY(sameTensor(*got->tensor, *expected->tensor));
        }
    }
}

/// Hessians summed of inputs in bf16, as calibration in that arithmetic does: the error that weights make on the inputs
/// as they are is the same within 0.1 %.
void TestGptq::bf16HessiansLoseNothing()
{
    const std::int64_t rows = 3000;
    const std::int64_t cols = 256;
    const std::int64_t tokens = 2048;
    const Eigen::MatrixXd x = makeInputs(tokens, cols, 8);
    std::vector<float> inputs;
    for (std::int64_t i = 0; i < tokens * cols; ++i) {
        inputs.push_back(static_cast<float>(x.data()[i % cols * tokens + i / cols]));
    }
    const auto statsOf = [&](kernels::Precision precision) {
        calibrate::InputStats stats;
        stats.features = cols;
        stats.tokens = tokens;
        stats.hessian.resize(static_cast<std::size_t>(cols * cols));
        kernels::cpuBackend().accumulateGram(precision, inputs, tokens, cols, stats.hessian);
        kernels::cpuBackend().mirrorLower(stats.hessian, cols);
        return stats;
    };
    const auto plain = statsOf(kernels::Precision::F32);
    const auto rounded = statsOf(kernels::Precision::Bf16);
    QVERIFY(plain.hessian != rounded.hessian);
    const auto weights = normalWeights(rows * cols, 9);
    const auto spec = linearSpec(rows, cols);
    const auto lossWith = [&](const calibrate::InputStats& stats) {
        const auto input = gptqInput(spec, weights, schemeWith(4, 128, true), stats, optionsWith(Effort::Normal));
        const auto result = gptq().quantize(input, {});
        return result ? measureQuality(weights, *result->tensor, &plain).loss : -1.0;
    };
    const double ratio = lossWith(rounded) / lossWith(plain);
    qInfo("loss with bf16 over that with f32: %.6f", ratio);
    QVERIFY2(std::abs(ratio - 1) < 1e-3, qPrintable(QString::number(ratio, 'g', 10)));
}

void TestGptq::cancelled()
{
    const auto weights = normalWeights(64 * 256, 27);
    const auto stats = makeStats(300, 256, 28);
    const auto spec = linearSpec(64, 256);
    std::stop_source stop;
    stop.request_stop();
    WorkContext work;
    work.stop = stop.get_token();
    const auto result = gptq().quantize(layerInput(spec, weights, {}, &stats), work);
    QVERIFY(!result.has_value());
    QCOMPARE(result.error().code, ErrorCode::Cancelled);
}

void TestGptq::settings()
{
    QCOMPARE(findQuantizer("gptq").value(), &gptq());
    QVERIFY(gptq().needsStatistics());
    QVERIFY(!gptq().check(schemeWith(4, kPerTensor, true)).has_value());
    QVERIFY(gptq().check(schemeWith(4, kPerChannel, false)).has_value());
    QVERIFY(checkGptqOptions({}).has_value());
    GptqOptions options;
    for (const double damping : {0.0, -1.0, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
        options.damping = damping;
        QVERIFY(!checkGptqOptions(options).has_value());
    }
    options = {};
    options.dampingStep = 0;
    QVERIFY(!checkGptqOptions(options).has_value());
    options = {};
    options.blockSize = 8;
    QVERIFY(!checkGptqOptions(options).has_value());
}

QTEST_GUILESS_MAIN(TestGptq)
#include "tst_gptq.moc"
