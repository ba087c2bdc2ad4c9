// SPDX-License-Identifier: Apache-2.0
// The sweep: the rule computed here in double, every level against the reference, and the Cholesky factor.
#include "kernels/cpulevel.h"
#include "kernels/sweep.h"
#include "kernels/threads.h"

#include <Eigen/Cholesky>
#include <QTest>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace bitlathe::kernels;

namespace
{

const std::vector<std::int64_t> kSizes{1, 2, 3, 11, 12, 13, 24, 25, 31, 32, 33, 100, 127, 128, 129};
/// Sums of a few hundred products in f32 against the same in double.
constexpr double kRounding = 1e-5;
/// A factor in f32 against one in double, relative to the largest element, for matrices as well conditioned as here.
constexpr double kFactorRounding = 2e-5;

std::vector<CpuLevel> fastLevels()
{
    std::vector<CpuLevel> levels;
    for (const CpuLevel level : {CpuLevel::Avx2, CpuLevel::Avx512}) {
        if (level <= detectedCpuLevel()) {
            levels.push_back(level);
        }
    }
    return levels;
}

std::vector<float> normal(std::mt19937& random, std::int64_t count, float sigma = 1.0F)
{
    std::normal_distribution<float> distribution(0.0F, sigma);
    std::vector<float> values(static_cast<std::size_t>(count));
    std::ranges::generate(values, [&] { return distribution(random); });
    return values;
}

/// Everything a run reads, at random: three groups with grids of 3 bits.
struct Sample
{
    explicit Sample(std::mt19937& random, std::int64_t count)
        : cols(count),
          stride(count + 5),
          factor(normal(random, count * stride, 0.1F)),
          weight(normal(random, count)),
          state(normal(random, count * kSweepLanes)),
          original(normal(random, count * kSweepLanes)),
          scales(normal(random, 3 * kSweepLanes)),
          zeros(3 * kSweepLanes),
          group(static_cast<std::size_t>(count))
    {
        std::ranges::for_each(scales, [](float& scale) { scale = 0.1F + std::abs(scale); });
        std::ranges::generate(zeros, [&] { return static_cast<float>(random() % 8); });
        std::ranges::generate(group, [&] { return static_cast<std::int32_t>(random() % 3); });
    }

    struct Outcome
    {
        std::vector<float> steps, errors, loss;
        bool operator==(const Outcome&) const = default;
    };

    Outcome sweep(bool relative) const
    {
        const auto size = static_cast<std::size_t>(cols * kSweepLanes);
        Outcome out{std::vector<float>(size), std::vector<float>(size), std::vector<float>(kSweepLanes, 0.5F)};
        sweepColumns({factor.data(), stride, weight.data(), cols, state.data(), original.data(), scales.data(),
                      zeros.data(), group.data(), 7.0F, relative, out.steps.data(), out.errors.data(),
                      out.loss.data()});
        return out;
    }

    Outcome sweepFreely(bool withOriginal) const
    {
        const auto size = static_cast<std::size_t>(cols * kSweepLanes);
        Outcome out{std::vector<float>(size), std::vector<float>(size), {}};
        freeColumns({factor.data(), stride, cols, state.data(), withOriginal ? original.data() : nullptr,
                     out.steps.data(), out.errors.data()});
        return out;
    }

    std::int64_t cols;
    std::int64_t stride;
    std::vector<float> factor, weight, state, original, scales, zeros;
    std::vector<std::int32_t> group;
};

/// A symmetric positive definite matrix with rows of very different size, padded.
std::vector<float> makeMatrix(std::mt19937& random, std::int64_t n)
{
    const auto x = normal(random, n * (2 * n + 3));
    const std::int64_t stride = paddedStride(n);
    std::vector<float> matrix(static_cast<std::size_t>(n * stride));
    const auto size = [](std::int64_t i) { return i % 17 == 3 ? 8.0 : 0.5; };
    for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j <= i; ++j) {
            double sum = i == j ? 0.1 : 0.0;
            for (std::int64_t k = 0; k < 2 * n + 3; ++k) {
                sum += static_cast<double>(x[static_cast<std::size_t>(i * (2 * n + 3) + k)]) *
                       static_cast<double>(x[static_cast<std::size_t>(j * (2 * n + 3) + k)]);
            }
            matrix[static_cast<std::size_t>(i * stride + j)] = static_cast<float>(sum * size(i) * size(j));
        }
    }
    return matrix;
}

/// The lower triangle, row by row.
std::vector<float> lowerOf(const std::vector<float>& matrix, std::int64_t n)
{
    std::vector<float> lower;
    for (std::int64_t i = 0; i < n; ++i) {
        const float* row = matrix.data() + i * paddedStride(n);
        lower.insert(lower.end(), row, row + i + 1);
    }
    return lower;
}

} // namespace

class TestSweep : public QObject
{
    Q_OBJECT

private slots:
    void cleanup();
    void product();
    void sweepRule();
    void freeRule();
    void levelsAreEqual();
    void notANumber();
    void cholesky();
    void choleskySameForLevelsAndThreads();
    void choleskyRefuses();
};

void TestSweep::cleanup()
{
    setCpuLevel(detectedCpuLevel());
    setThreadCount(0);
}

void TestSweep::product()
{
    std::mt19937 random(1);
    for (const std::int64_t rows : kSizes) {
        for (const std::int64_t depth : {1, 5, 128}) {
            const auto a = normal(random, rows * (depth + 3));
            const auto b = normal(random, depth * kSweepLanes);
            const auto c = normal(random, rows * (kSweepLanes + 7));
            setCpuLevel(CpuLevel::Reference);
            auto expected = c;
            addPanelProduct({a.data(), depth + 3, b.data(), expected.data(), kSweepLanes + 7, rows, depth});
            const auto row = static_cast<std::size_t>(rows - 1);
            double sum = static_cast<double>(c[row * (kSweepLanes + 7) + 4]);
            for (std::size_t k = 0; k < static_cast<std::size_t>(depth); ++k) {
                sum += static_cast<double>(a[row * static_cast<std::size_t>(depth + 3) + k]) *
                       static_cast<double>(b[k * kSweepLanes + 4]);
            }
            QVERIFY(std::abs(sum - static_cast<double>(expected[row * (kSweepLanes + 7) + 4])) <
                    kRounding * (1 + std::abs(sum)));
            for (const CpuLevel level : fastLevels()) {
                setCpuLevel(level);
                auto got = c;
                addPanelProduct({a.data(), depth + 3, b.data(), got.data(), kSweepLanes + 7, rows, depth});
                QCOMPARE(got, expected);
            }
        }
    }
}

/// One lane after the other in double, taking over what was rounded so that ties and near-ties don't multiply.
void TestSweep::sweepRule()
{
    std::mt19937 random(2);
    const Sample sample(random, 29);
    const auto out = sample.sweep(false);
    const auto relative = sample.sweep(true);
    for (std::size_t lane = 0; lane < kSweepLanes; ++lane) {
        double loss = 0.5;
        double lossBefore = 0;
        for (std::size_t col = 0; col < 29; ++col) {
            const auto value = [&](const std::vector<float>& panel, std::size_t at) {
                return static_cast<double>(panel[at * kSweepLanes + lane]);
            };
            double target = value(sample.state, col);
            for (std::size_t k = 0; k < col; ++k) {
                target += value(out.errors, k) *
                          static_cast<double>(sample.factor[col * static_cast<std::size_t>(sample.stride) + k]);
            }
            const auto group = static_cast<std::size_t>(sample.group[col]);
            const double scale = value(sample.scales, group);
            const double zero = value(sample.zeros, group);
            const double step = value(out.steps, col);
            QCOMPARE(step, std::nearbyint(step));
            QVERIFY(step >= -zero && step <= 7 - zero);
            const double wanted = std::clamp(target / scale, -zero, 7 - zero);
            QVERIFY(std::abs(wanted - step) <= 0.5 + kRounding * (1 + std::abs(wanted)));
            QVERIFY(std::abs(value(out.errors, col) - (value(sample.original, col) - step * scale)) < kRounding);
            const auto weight = static_cast<double>(sample.weight[col]);
            loss += weight * (target - step * scale) * (target - step * scale);
            lossBefore += weight * (target - value(sample.original, col)) * (target - value(sample.original, col));
        }
        QVERIFY(std::abs(loss - static_cast<double>(out.loss[lane])) < 1e-4 * (1 + std::abs(loss)));
        QVERIFY(std::abs(loss - lossBefore - static_cast<double>(relative.loss[lane])) <
                1e-4 * (1 + std::abs(loss) + std::abs(lossBefore)));
    }
}

void TestSweep::freeRule()
{
    std::mt19937 random(3);
    const Sample sample(random, 29);
    const auto out = sample.sweepFreely(true);
    for (std::size_t lane = 0; lane < kSweepLanes; ++lane) {
        std::vector<double> errors;
        for (std::size_t col = 0; col < 29; ++col) {
            auto target = static_cast<double>(sample.state[col * kSweepLanes + lane]);
            for (std::size_t k = 0; k < col; ++k) {
                target +=
                    errors[k] * static_cast<double>(sample.factor[col * static_cast<std::size_t>(sample.stride) + k]);
            }
            errors.push_back(static_cast<double>(sample.original[col * kSweepLanes + lane]) - target);
            QVERIFY(std::abs(target - static_cast<double>(out.steps[col * kSweepLanes + lane])) <
                    10 * kRounding * (1 + std::abs(target)));
        }
    }
}

void TestSweep::levelsAreEqual()
{
    std::mt19937 random(4);
    for (const std::int64_t cols : kSizes) {
        const Sample sample(random, cols);
        for (const bool flag : {false, true}) {
            setCpuLevel(CpuLevel::Reference);
            const auto swept = sample.sweep(flag);
            const auto freed = sample.sweepFreely(flag);
            for (const CpuLevel level : fastLevels()) {
                setCpuLevel(level);
                QVERIFY(sample.sweep(flag) == swept);
                QVERIFY(sample.sweepFreely(flag) == freed);
            }
        }
    }
}

/// A target that overflowed still gives a code.
void TestSweep::notANumber()
{
    std::mt19937 random(8);
    std::vector<CpuLevel> levels = fastLevels();
    levels.push_back(CpuLevel::Reference);
    for (const CpuLevel level : levels) {
        setCpuLevel(level);
        Sample sample(random, 1);
        sample.state[3] = std::numeric_limits<float>::quiet_NaN();
        sample.state[4] = std::numeric_limits<float>::infinity();
        const auto out = sample.sweep(false);
        const auto group = static_cast<std::size_t>(sample.group[0]) * kSweepLanes;
        QCOMPARE(out.steps[3], 0.0F - sample.zeros[group + 3]);
        QCOMPARE(out.steps[4], 7.0F - sample.zeros[group + 4]);
        QVERIFY(std::isfinite(out.errors[3]) && std::isfinite(out.errors[4]));
    }
}

void TestSweep::cholesky()
{
    std::mt19937 random(5);
    for (const std::int64_t n : {1, 2, 7, 31, 32, 33, 100, 127, 128, 129, 200, 300}) {
        auto matrix = makeMatrix(random, n);
        Eigen::MatrixXd dense(n, n);
        for (std::int64_t i = 0; i < n; ++i) {
            for (std::int64_t j = 0; j <= i; ++j) {
                dense(i, j) = static_cast<double>(matrix[static_cast<std::size_t>(i * paddedStride(n) + j)]);
            }
        }
        const Eigen::MatrixXd expected = dense.selfadjointView<Eigen::Lower>().llt().matrixL();
        QVERIFY(choleskyLower(matrix, n));
        const double largest = expected.cwiseAbs().maxCoeff();
        for (std::int64_t i = 0; i < n; ++i) {
            for (std::int64_t j = 0; j <= i; ++j) {
                const auto got = static_cast<double>(matrix[static_cast<std::size_t>(i * paddedStride(n) + j)]);
                QVERIFY(std::abs(got - expected(i, j)) <= kFactorRounding * largest);
            }
        }
    }
}

void TestSweep::choleskySameForLevelsAndThreads()
{
    std::mt19937 random(6);
    const std::int64_t n = 333;
    const auto matrix = makeMatrix(random, n);
    setThreadCount(1);
    auto expected = matrix;
    QVERIFY(choleskyLower(expected, n));
    setThreadCount(2);
    std::vector<CpuLevel> levels = fastLevels();
    levels.push_back(CpuLevel::Reference);
    for (const CpuLevel level : levels) {
        setCpuLevel(level);
        auto got = matrix;
        QVERIFY(choleskyLower(got, n));
        QCOMPARE(lowerOf(got, n), lowerOf(expected, n));
    }
}

void TestSweep::choleskyRefuses()
{
    std::mt19937 random(7);
    const std::int64_t n = 150;
    const std::int64_t stride = paddedStride(n);
    const auto matrix = makeMatrix(random, n);
    const auto at = [stride](std::int64_t i, std::int64_t j) { return static_cast<std::size_t>(i * stride + j); };
    auto bad = matrix;
    bad[at(140, 140)] = -1.0F;
    QVERIFY(!choleskyLower(bad, n));
    bad = matrix;
    bad[at(140, 17)] = std::numeric_limits<float>::quiet_NaN();
    QVERIFY(!choleskyLower(bad, n));
    bad = matrix;
    bad[at(3, 3)] = std::numeric_limits<float>::infinity();
    QVERIFY(!choleskyLower(bad, n));
    std::vector<float> ones(static_cast<std::size_t>(n * stride), 1.0F); // Of rank 1.
    QVERIFY(!choleskyLower(ones, n));
    auto stopped = matrix;
    QVERIFY(!choleskyLower(stopped, n, [] { return true; }));
}

QTEST_GUILESS_MAIN(TestSweep)
#include "tst_sweep.moc"
