// SPDX-License-Identifier: Apache-2.0
// Quality: against the squared error of real outputs, computed here from inputs in double.
#include "core/quant/energy.h"
#include "kernels/cpulevel.h"
#include "kernels/threads.h"
#include "samples.h"

#include <QTest>

#include <cmath>

using namespace bitlathe;
using namespace bitlathe::quant;
using namespace bitlathe::tests;

namespace
{

constexpr double kFormRounding = 1e-3;    ///< Of all rows together: rows and H are rounded to bf16.
constexpr double kHessianRounding = 2e-4; ///< H is summed in f32, D H D' cancels: relative to the loss.

/// Inputs with channels of very different size, as real ones are.
std::vector<float> makeInputs(std::int64_t tokens, std::int64_t features, std::mt19937::result_type seed)
{
    auto x = normalWeights(tokens * features, seed, 1.0F);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const auto channel = static_cast<std::int64_t>(i) % features;
        x[i] *= channel % 37 == 0 ? 20.0F : 0.5F;
    }
    return x;
}

calibrate::InputStats statsOf(const std::vector<float>& x, std::int64_t tokens, std::int64_t features)
{
    calibrate::InputStats stats;
    stats.features = features;
    stats.tokens = tokens;
    stats.hessian.resize(static_cast<std::size_t>(features * features));
    for (std::int64_t i = 0; i < features; ++i) {
        for (std::int64_t j = 0; j < features; ++j) {
            double sum = 0;
            for (std::int64_t token = 0; token < tokens; ++token) {
                sum += static_cast<double>(x[static_cast<std::size_t>(token * features + i)]) *
                       static_cast<double>(x[static_cast<std::size_t>(token * features + j)]);
            }
            stats.hessian[static_cast<std::size_t>(i * features + j)] = static_cast<float>(sum);
        }
    }
    return stats;
}

/// Sum over tokens and outputs of (row of weights . x)^2.
double outputEnergy(const std::vector<float>& weights, std::int64_t rows, const std::vector<float>& x,
                    std::int64_t tokens, std::int64_t features)
{
    double energy = 0;
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t token = 0; token < tokens; ++token) {
            double sum = 0;
            for (std::int64_t i = 0; i < features; ++i) {
                sum += static_cast<double>(weights[static_cast<std::size_t>(row * features + i)]) *
                       static_cast<double>(x[static_cast<std::size_t>(token * features + i)]);
            }
            energy += sum * sum;
        }
    }
    return energy;
}

bool isClose(double a, double b, double tolerance)
{
    return std::abs(a - b) <= tolerance * std::abs(b);
}

} // namespace

class TestQuality : public QObject
{
    Q_OBJECT

private slots:
    void cleanup();
    void againstOutputs_data();
    void againstOutputs();
    void formsAgreeWithRowEnergies();
    void withoutStatistics();
    void sameForAnyThreadCount();
    void verdicts();
};

void TestQuality::cleanup()
{
    kernels::setCpuLevel(kernels::detectedCpuLevel());
    kernels::setThreadCount(0);
}

void TestQuality::againstOutputs_data()
{
    QTest::addColumn<qint64>("rows");
    QTest::addColumn<qint64>("features");
    QTest::addColumn<int>("level");
    for (const auto level : {kernels::CpuLevel::Reference, kernels::CpuLevel::Avx2, kernels::detectedCpuLevel()}) {
        const auto name = kernels::cpuLevelName(level);
        QTest::addRow("small, %s", name.data()) << qint64{7} << qint64{33} << static_cast<int>(level);
        QTest::addRow("several panels and tiles, %s", name.data())
            << qint64{530} << qint64{300} << static_cast<int>(level);
    }
}

void TestQuality::againstOutputs()
{
    QFETCH(qint64, rows);
    QFETCH(qint64, features);
    QFETCH(int, level);
    kernels::setCpuLevel(static_cast<kernels::CpuLevel>(level));
    const std::int64_t tokens = 50;
    const auto weights = normalWeights(rows * features, 21);
    const auto x = makeInputs(tokens, features, 22);
    const auto stats = statsOf(x, tokens, features);
    Scheme scheme;
    scheme.bits = 3;
    scheme.groupSize = 32;
    const QuantizedTensor tensor = roundedTensor(weights, rows, features, scheme);
    auto difference = tensor.dequantize();
    double squares = 0;
    double whole = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        difference[i] = weights[i] - difference[i];
        squares += static_cast<double>(difference[i]) * static_cast<double>(difference[i]);
        whole += static_cast<double>(weights[i]) * static_cast<double>(weights[i]);
    }
    const double lost = outputEnergy(difference, rows, x, tokens, features);
    const double energy = outputEnergy(weights, rows, x, tokens, features);

    const LayerQuality quality = measureQuality(weights, tensor, &stats);
    QVERIFY(quality.fromStatistics);
    QVERIFY(isClose(quality.loss, lost / static_cast<double>(tokens), kHessianRounding));
    QVERIFY(isClose(quality.relativeError, lost / energy, kHessianRounding));
    QVERIFY(isClose(quality.weightError, squares / whole, 1e-10));
    QCOMPARE(quality.saturated, tensor.saturatedShare());
}

void TestQuality::formsAgreeWithRowEnergies()
{
    const std::int64_t rows = 37;
    for (const auto level : {kernels::CpuLevel::Reference, kernels::CpuLevel::Avx2, kernels::detectedCpuLevel()}) {
        kernels::setCpuLevel(level);
        for (const std::int64_t features : {1, 33, 512, 530, 1100}) { // Below, at and above one panel and two.
            const auto stats = statsOf(makeInputs(20, features, 26), 20, features);
            const auto x = normalWeights(rows * features, 27);
            const std::vector<double> exact = rowEnergies(x, rows, features, stats.hessian);
            const std::vector<double> formed = EnergyForm(stats.hessian, features).energies(x, rows);
            double sum = 0;
            double sumFormed = 0;
            for (std::size_t row = 0; row < exact.size(); ++row) {
                sum += exact[row];
                sumFormed += formed[row];
            }
            // One weight alone has nothing that its rounding is averaged over.
            const double tolerance = features == 1 ? 0x1p-7 : kFormRounding;
            QVERIFY2(isClose(sumFormed, sum, tolerance), qPrintable(QString::number(sumFormed / sum)));
        }
    }
}

void TestQuality::withoutStatistics()
{
    const auto weights = normalWeights(40 * 100, 23);
    const QuantizedTensor tensor = roundedTensor(weights, 40, 100, {});
    calibrate::InputStats empty;
    empty.features = 100;
    empty.tokens = 10;
    for (const calibrate::InputStats* stats :
         {static_cast<const calibrate::InputStats*>(nullptr), static_cast<const calibrate::InputStats*>(&empty)}) {
        const LayerQuality quality = measureQuality(weights, tensor, stats);
        QVERIFY(!quality.fromStatistics);
        QCOMPARE(quality.loss, 0.0);
        QVERIFY(quality.weightError > 0.001 && quality.weightError < 0.1);
        QCOMPARE(quality.relativeError, quality.weightError);
    }
}

void TestQuality::sameForAnyThreadCount()
{
    const std::int64_t features = 600;
    const auto weights = normalWeights(700 * features, 24);
    const auto stats = statsOf(makeInputs(20, features, 25), 20, features);
    const QuantizedTensor tensor = roundedTensor(weights, 700, features, {});
    kernels::setThreadCount(1);
    const LayerQuality one = measureQuality(weights, tensor, &stats);
    kernels::setThreadCount(2);
    const LayerQuality two = measureQuality(weights, tensor, &stats);
    QVERIFY(one.loss == two.loss && one.relativeError == two.relativeError && one.weightError == two.weightError);
}

void TestQuality::verdicts()
{
    QCOMPARE(verdict(0.0), Verdict::Fine);
    QCOMPARE(verdict(0.00999), Verdict::Fine);
    QCOMPARE(verdict(0.01), Verdict::Watch);
    QCOMPARE(verdict(0.05), Verdict::Bad);
    QCOMPARE(verdict(std::nan("")), Verdict::Bad);
}

QTEST_GUILESS_MAIN(TestQuality)
#include "tst_quality.moc"
