// SPDX-License-Identifier: Apache-2.0
// Factoring and rounding of columns: every level and the GPU against the reference, and the reference against what the
// operations are defined by.
#include "kernels/backend.h"
#include "kernels/quantize.h"
#include "kernels/scalars.h"
#include "kernels/subjects.h"
#include "kernels/sweep.h"
#include "kernels/threads.h"
#include "kernels/tolerances.h"

#include <Eigen/Cholesky>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <vector>

using namespace bitlathe::kernels;
using bitlathe::tests::addSubjects;
using bitlathe::tests::Subject;

namespace
{

std::vector<float> normalFloats(std::size_t count, unsigned seed, float sigma)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0F, sigma);
    std::vector<float> values(count);
    std::ranges::generate(values, [&] { return normal(random); });
    return values;
}

/// X'X of inputs whose channels go together and are of different size.
std::vector<float> gramOf(std::int64_t cols, unsigned seed)
{
    static std::map<std::pair<std::int64_t, unsigned>, std::vector<float>> known; // Rows of data ask for the same ones.
    std::vector<float>& values = known[{cols, seed}];
    if (!values.empty()) {
        return values;
    }
    const std::int64_t tokens = cols + 7;
    const auto noise = normalFloats(static_cast<std::size_t>(tokens * cols), seed, 1.0F);
    Eigen::MatrixXd x(tokens, cols);
    for (std::int64_t t = 0; t < tokens; ++t) {
        for (std::int64_t i = 0; i < cols; ++i) {
            const auto at = static_cast<std::size_t>(t * cols);
            const double common = static_cast<double>(noise[at]);
            const double own = static_cast<double>(noise[at + static_cast<std::size_t>(i)]);
            x(t, i) = (own + common) * (i % 37 == 5 ? 6.0 : 0.3 + 0.02 * static_cast<double>(i % 11));
        }
    }
    const Eigen::MatrixXd gram = x.transpose() * x;
    for (std::int64_t i = 0; i < cols * cols; ++i) {
        values.push_back(static_cast<float>(gram.data()[i]));
    }
    return values;
}

/// A Hessian in an order, and what sweeps need of it.
struct Problem
{
    std::int64_t cols;
    std::vector<float> matrix;
    std::vector<std::int32_t> columns;
    double added = 0;
    std::vector<float> factor;
    std::vector<float> weight;

    Problem(std::int64_t count, unsigned seed) : cols(count), matrix(gramOf(count, seed)), columns(size(count))
    {
        std::iota(columns.begin(), columns.end(), 0);
        std::ranges::shuffle(columns, std::mt19937(seed));
        for (std::int64_t i = 0; i < cols; ++i) {
            added += 0.01 * static_cast<double>(matrix[size(i * cols + i)]) / static_cast<double>(cols);
        }
    }

    bool factorBy(const Backend& backend)
    {
        factor.assign(size(cols * paddedStride(cols)), -7.0F);
        weight.assign(size(cols), -7.0F);
        return backend.factorColumns({cols, matrix, columns, added, factor, weight, {}});
    }

    static std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }
};

/// How rows are rounded in a case.
struct Settings
{
    std::int64_t groupSize = 32;
    GridRule rule;
    bool search = true;
    bool scattered = false;
    int passes = 0;
};

/// An order's places with their groups.
struct Places
{
    std::vector<std::int32_t> columns;
    std::vector<std::int32_t> groups;
    std::vector<ColumnRun> runs;

    OrderedColumns view() const { return {columns, groups, runs}; }
};

/// Groups are cut from the order, or, where they are scattered, from the columns.
Places placesOf(const std::vector<std::int32_t>& columns, std::int64_t groupSize, bool scattered)
{
    Places places{columns, {}, {}};
    for (std::int64_t place = 0; place < std::ssize(columns); ++place) {
        const std::int64_t from = scattered ? columns[static_cast<std::size_t>(place)] : place;
        places.groups.push_back(static_cast<std::int32_t>(from / groupSize));
        if (!scattered && place % groupSize == 0) {
            places.runs.push_back({place, std::min(std::ssize(columns), place + groupSize), place / groupSize});
        }
    }
    return places;
}

struct Rounded
{
    std::vector<std::uint8_t> codes;
    std::vector<float> scales;
    std::vector<std::uint8_t> zeros;
    std::vector<std::int32_t> coarse;
    std::vector<float> differences;
};

Rounded roundBy(const Backend& backend, const Problem& problem, std::span<const float> weights, std::int64_t rows,
                const Settings& settings)
{
    const std::int64_t cols = problem.cols;
    const std::int64_t groups = (cols + settings.groupSize - 1) / settings.groupSize;
    const Places order = placesOf(problem.columns, settings.groupSize, settings.scattered);
    std::vector<std::int32_t> asTheyCome(problem.columns.size());
    std::iota(asTheyCome.begin(), asTheyCome.end(), 0);
    const Places grouped = settings.scattered ? placesOf(asTheyCome, settings.groupSize, false) : order;
    std::vector<float> coupling(problem.factor.size());
    std::vector<float> diagonal(problem.weight.size());
    for (std::int64_t i = 0; i < cols; ++i) {
        const std::int64_t row = grouped.columns[static_cast<std::size_t>(i)] * cols;
        diagonal[static_cast<std::size_t>(i)] =
            problem.matrix[static_cast<std::size_t>(row + grouped.columns[static_cast<std::size_t>(i)])] +
            static_cast<float>(problem.added);
        for (std::int64_t j = 0; j < cols; ++j) {
            coupling[static_cast<std::size_t>(i * paddedStride(cols) + j)] =
                i == j ? 1.0F
                       : problem.matrix[static_cast<std::size_t>(row + grouped.columns[static_cast<std::size_t>(j)])] /
                             diagonal[static_cast<std::size_t>(i)];
        }
    }
    const auto inGroups = static_cast<std::size_t>(rows * groups);
    Rounded rounded{
        std::vector<std::uint8_t>(static_cast<std::size_t>(rows * packedBytes(cols, settings.rule.bits)), 7),
        std::vector<float>(inGroups, -7.0F), std::vector<std::uint8_t>(inGroups, 7),
        std::vector<std::int32_t>(static_cast<std::size_t>(rows), -7), std::vector<float>(weights.size(), -7.0F)};
    ColumnRounding task;
    task.rows = rows;
    task.cols = cols;
    task.groups = groups;
    task.weights = weights;
    task.order = order.view();
    task.factor = problem.factor;
    task.weight = problem.weight;
    task.rule = settings.rule;
    task.search = settings.search;
    task.moveRounds = settings.passes > 0 ? 3 : 1;
    task.passes = settings.passes;
    task.grouped = grouped.view();
    task.coupling = coupling;
    task.couplingWeight = diagonal;
    task.codes = rounded.codes;
    task.scales = rounded.scales;
    task.zeros = rounded.zeros;
    task.coarse = rounded.coarse;
    task.differences = rounded.differences;
    return backend.roundColumns(task) ? rounded : Rounded{};
}

GridRule ruleOf(int bits, bool symmetric, ScaleType scaleType)
{
    GridRule rule;
    rule.bits = bits;
    rule.symmetric = symmetric;
    rule.scaleType = scaleType;
    return rule;
}

float roundedBf16(float value)
{
    Bf16 rounded;
    convert(std::span(&value, 1), std::span(&rounded, 1));
    return static_cast<float>(rounded);
}

/// The energy of a row's errors in a group as RatioSearch defines it, and the sum of the absolute values of its terms.
std::pair<double, double> energyOf(std::span<const float> errors, std::int64_t first, const RatioSearch& search)
{
    double energy = 0;
    double magnitude = 0;
    for (std::size_t i = 0; i < errors.size(); ++i) {
        const std::size_t block = i / kEnergyBlock * kEnergyBlock;
        for (std::size_t j = block; j < std::min(errors.size(), block + kEnergyBlock); ++j) {
            const auto at = static_cast<std::size_t>(first) + i;
            const double entry = static_cast<double>(roundedBf16(
                search.matrix[at * static_cast<std::size_t>(search.of.cols) + static_cast<std::size_t>(first) + j]));
            const double term = static_cast<double>(errors[i]) * entry * static_cast<double>(roundedBf16(errors[j]));
            energy += term;
            magnitude += std::abs(term);
        }
    }
    return {energy, magnitude};
}

/// Whether no other ratio leaves less than the one that was found, beyond what sums in f32 are off.
bool leastByDefinition(const RatioSearch& search)
{
    bool isLeast = true;
    const std::int64_t groups = search.of.groups();
    for (std::int64_t group = 0; group < groups; ++group) {
        GroupErrors trial;
        trial.of = search.of;
        trial.of.first += group * search.of.groupSize;
        trial.of.width = std::min(search.of.groupSize, search.of.width - group * search.of.groupSize);
        const auto width = static_cast<std::size_t>(trial.of.width);
        std::vector<std::vector<float>> errors;
        for (const float ratio : search.ratios) {
            trial.ratio = ratio;
            trial.errors = errors.emplace_back(static_cast<std::size_t>(search.of.rows) * width);
            referenceBackend().groupErrors(trial);
        }
        for (std::size_t row = 0; row < static_cast<std::size_t>(search.of.rows); ++row) {
            const auto energyAt = [&](std::size_t ratio) {
                return energyOf(std::span(errors[ratio]).subspan(row * width, width), trial.of.first, search);
            };
            const std::size_t found =
                search.best[row * static_cast<std::size_t>(groups) + static_cast<std::size_t>(group)];
            if (found >= search.ratios.size()) {
                return false;
            }
            const auto [energy, magnitude] = energyAt(found);
            for (std::size_t other = 0; other < search.ratios.size(); ++other) {
                const auto [less, of] = energyAt(other);
                isLeast = isLeast && energy - less <= kToleranceSumBf16 * (magnitude + of);
            }
        }
    }
    return isLeast;
}

} // namespace

Q_DECLARE_METATYPE(Settings)

class TestColumns : public QObject
{
    Q_OBJECT

private:
    const Backend* m_tested = nullptr;

private slots:
    void init()
    {
        if (QTest::currentDataTag() == nullptr) {
            return;
        }
        QFETCH(const Subject, subject);
        m_tested = subject.start();
        if (m_tested == nullptr) {
            QSKIP(Subject::absence().c_str());
        }
    }
    void cleanup() { setCpuLevel(detectedCpuLevel()); }

    /// The reference is what it says: V V' = H for V of factor and weight.
    void factorOfTheReference()
    {
        Problem problem(45, 3);
        QVERIFY(problem.factorBy(referenceBackend()));
        Eigen::MatrixXd upper = Eigen::MatrixXd::Zero(45, 45);
        for (std::int64_t c = 0; c < 45; ++c) {
            const double diagonal = std::sqrt(static_cast<double>(problem.weight[static_cast<std::size_t>(c)]));
            upper(c, c) = diagonal;
            for (std::int64_t k = 0; k < paddedStride(45); ++k) {
                const auto entry =
                    static_cast<double>(problem.factor[static_cast<std::size_t>(c * paddedStride(45) + k)]);
                if (k < c) {
                    upper(k, c) = entry * diagonal;
                } else {
                    QCOMPARE(entry, 0.0);
                }
            }
        }
        const Eigen::MatrixXd product = upper * upper.transpose();
        for (std::int64_t i = 0; i < 45; ++i) {
            for (std::int64_t j = 0; j < 45; ++j) {
                const std::int64_t at = problem.columns[static_cast<std::size_t>(i)] * std::int64_t{45} +
                                        problem.columns[static_cast<std::size_t>(j)];
                const double expected =
                    static_cast<double>(problem.matrix[static_cast<std::size_t>(at)]) + (i == j ? problem.added : 0);
                QVERIFY(std::abs(product(i, j) - expected) <= 1e-5 * product(i, i));
            }
        }
    }

    void factors_data() { addSubjects(); }
    void factors()
    {
        for (const std::int64_t cols : {1, 2, 31, 32, 33, 127, 128, 129, 160, 257, 300}) {
            Problem expected(cols, 5);
            Problem found = expected;
            QVERIFY(expected.factorBy(referenceBackend()));
            QVERIFY(found.factorBy(*m_tested));
            for (std::int64_t c = 0; c < cols; ++c) {
                const auto at = static_cast<std::size_t>(c);
                QVERIFY(std::abs(found.weight[at] - expected.weight[at]) <= kToleranceFactor * expected.weight[at]);
                const auto row = static_cast<std::size_t>(c * paddedStride(cols));
                const auto width = static_cast<std::size_t>(paddedStride(cols));
                double most = 1;
                for (std::size_t k = 0; k < width; ++k) {
                    most = std::max(most, std::abs(static_cast<double>(expected.factor[row + k])));
                }
                for (std::size_t k = 0; k < width; ++k) {
                    const double off = std::abs(static_cast<double>(found.factor[row + k]) -
                                                static_cast<double>(expected.factor[row + k]));
                    QVERIFY2(off <= kToleranceFactor * most, qPrintable(QString("%1 of %2").arg(off).arg(most)));
                }
            }
        }
    }

    /// The same bits as on the processor, so that codes are.
    void factorsOfTheProcessor_data() { addSubjects(); }
    void factorsOfTheProcessor()
    {
        for (const std::int64_t cols : {97, 128, 300, 555}) {
            Problem found(cols, 6);
            QVERIFY(found.factorBy(*m_tested));
            setCpuLevel(detectedCpuLevel());
            Problem expected = found;
            QVERIFY(expected.factorBy(cpuBackend()));
            QVERIFY(found.factor == expected.factor);
            QVERIFY(found.weight == expected.weight);
        }
    }

    void noFactor_data() { addSubjects(); }
    void noFactor()
    {
        for (const std::int64_t cols : {2, 130, 300}) {
            Problem problem(cols, 7);
            const auto last = static_cast<std::size_t>((cols - 1) * cols);
            problem.matrix[last] = problem.matrix[static_cast<std::size_t>(cols - 1)] =
                10 * std::max(problem.matrix[0], problem.matrix.back());
            QVERIFY(!problem.factorBy(*m_tested));
            QVERIFY(m_tested->memory().failure().empty());
        }
    }

    void rounds_data() { addSubjects(); }
    void rounds()
    {
        const std::vector<std::pair<std::int64_t, Settings>> cases{
            {96, {32, ruleOf(4, true, ScaleType::F16)}},
            {96, {32, ruleOf(4, true, ScaleType::Bf16), false}},
            {300, {128, ruleOf(4, false, ScaleType::Bf16)}},
            {300, {50, ruleOf(3, false, ScaleType::F32)}},
            {301, {300, ruleOf(2, true, ScaleType::F16)}}, // Longer than what is searched by sweeping.
            {290, {290, ruleOf(8, false, ScaleType::F16), false}},
            {130, {33, ruleOf(5, true, ScaleType::F16), true, true}},
            {130, {64, ruleOf(6, false, ScaleType::F16), false, true}},
            {1, {16, ruleOf(4, true, ScaleType::F16)}},
            {200, {200, ruleOf(4, true, ScaleType::F16)}},
            {256, {256, ruleOf(4, false, ScaleType::F16)}},
            {160, {40, ruleOf(3, false, ScaleType::F16), true, false, 2}},
            {130, {33, ruleOf(4, true, ScaleType::F16), true, true, 2}},
            {290, {280, ruleOf(4, true, ScaleType::F16), true, false, 1}},
            {96,
             {32,
              [] {
                  GridRule rule = ruleOf(2, false, ScaleType::F16);
                  rule.ternary = true;
                  return rule;
              }()}},
            {96,
             {32,
              [] {
                  GridRule rule = ruleOf(4, false, ScaleType::F16);
                  rule.leastZero = 1;
                  return rule;
              }()}},
        };
        for (const auto& [cols, settings] : cases) {
            Problem problem(cols, 8);
            QVERIFY(problem.factorBy(referenceBackend()));
            const std::int64_t rows = 37;
            auto weights = normalFloats(static_cast<std::size_t>(rows * cols), 9, 0.02F);
            std::fill_n(weights.begin(), cols, 0.0F);
            std::fill_n(weights.begin() + cols, cols, 3e-9F); // A scale that F16 holds only coarsely.
            const Rounded expected = roundBy(referenceBackend(), problem, weights, rows, settings);
            const Rounded found = roundBy(*m_tested, problem, weights, rows, settings);
            QVERIFY(found.codes == expected.codes);
            QVERIFY(found.scales == expected.scales);
            QVERIFY(found.zeros == expected.zeros);
            QVERIFY(found.coarse == expected.coarse);
            QVERIFY(found.differences == expected.differences);
            QVERIFY(settings.rule.scaleType != ScaleType::F16 || expected.coarse[1] > 0);
        }
    }

    /// What a search or passes leave is less than what they begin with, by the Hessian itself.
    void searchesHelp()
    {
        Problem problem(128, 10);
        QVERIFY(problem.factorBy(referenceBackend()));
        const std::int64_t rows = 16;
        const auto weights = normalFloats(static_cast<std::size_t>(rows * 128), 11, 0.02F);
        const auto lossOf = [&](const Settings& settings) {
            const Rounded rounded = roundBy(referenceBackend(), problem, weights, rows, settings);
            double loss = 0;
            for (std::int64_t row = 0; row < rows; ++row) {
                for (std::int64_t i = 0; i < 128; ++i) {
                    for (std::int64_t j = 0; j < 128; ++j) {
                        loss += static_cast<double>(rounded.differences[static_cast<std::size_t>(row * 128 + i)]) *
                                static_cast<double>(rounded.differences[static_cast<std::size_t>(row * 128 + j)]) *
                                static_cast<double>(problem.matrix[static_cast<std::size_t>(i * 128 + j)]);
                    }
                }
            }
            return loss;
        };
        const GridRule rule = ruleOf(3, true, ScaleType::F16);
        const double plain = lossOf({64, rule, false});
        const double searched = lossOf({64, rule, true});
        const double refined = lossOf({64, rule, true, false, 3});
        QVERIFY2(searched < 0.95 * plain, qPrintable(QString::number(searched / plain)));
        QVERIFY2(refined < searched, qPrintable(QString::number(refined / searched)));
    }

    void errorsOfGroups_data() { addSubjects(); }
    void errorsOfGroups()
    {
        constexpr std::int64_t rows = 21;
        for (const std::int64_t cols : {1, 33, 300}) {
            const auto weights = normalFloats(static_cast<std::size_t>(rows * cols), 14, 0.3F);
            for (const std::int64_t groupSize : {std::int64_t{5}, std::int64_t{128}, cols}) {
                for (const bool symmetric : {true, false}) {
                    for (const int bits : {2, 4, 8}) {
                        GroupErrors groups;
                        groups.of = {weights,
                                     rows,
                                     cols,
                                     cols / 3,
                                     cols - cols / 3,
                                     groupSize,
                                     {.bits = bits, .symmetric = symmetric}};
                        groups.ratio = bits == 4 ? 0.85F : 1.0F;
                        auto scales = normalFloats(static_cast<std::size_t>(groups.of.width), 15, 0.5F);
                        std::ranges::transform(scales, scales.begin(), [](float value) { return std::exp(value); });
                        if (bits > 2) {
                            groups.scales = scales;
                        }
                        std::vector<float> ratios(static_cast<std::size_t>(rows * groups.of.groups()));
                        for (std::size_t i = 0; i < ratios.size(); ++i) {
                            ratios[i] = 1.0F - 0.01F * static_cast<float>(i % 40);
                        }
                        if (symmetric) {
                            groups.ratios = ratios;
                        }
                        std::vector<float> expected(static_cast<std::size_t>(rows * groups.of.width));
                        std::vector<float> found(expected.size(), std::nanf(""));
                        groups.errors = expected;
                        referenceBackend().groupErrors(groups);
                        groups.errors = found;
                        m_tested->groupErrors(groups);
                        QCOMPARE(found, expected);
                        const auto largest =
                            std::ranges::max(expected, {}, [](float error) { return std::abs(error); });
                        QVERIFY(cols == 1 || (largest != 0 && std::abs(largest) < 0.3F * 4));
                    }
                }
            }
        }
    }

    void rangesOfGroups_data() { addSubjects(); }
    void rangesOfGroups()
    {
        constexpr std::int64_t rows = 19;
        const std::vector<float> ratios = {1.0F, 0.95F, 0.9F, 0.8F, 0.65F};
        for (const std::int64_t cols : {1, 40, 600}) {
            const auto weights = normalFloats(static_cast<std::size_t>(rows * cols), 16, 0.3F);
            const auto matrix = gramOf(cols, 17);
            for (const std::int64_t groupSize : {std::int64_t{24}, std::int64_t{128}, cols}) {
                RatioSearch search;
                search.of = {weights,
                             rows,
                             cols,
                             cols / 4,
                             cols - cols / 4,
                             groupSize,
                             {.bits = 3, .symmetric = groupSize == 128}};
                search.matrix = matrix;
                search.ratios = ratios;
                std::vector<std::uint8_t> best(static_cast<std::size_t>(rows * search.of.groups()), 255);
                search.best = best;
                QVERIFY(m_tested->searchRatios(search));
                QVERIFY2(leastByDefinition(search), "another ratio leaves less");
                QVERIFY(cols == 1 || std::ranges::count(best, 0) < std::ssize(best));
            }
        }
    }

    void dots_data() { addSubjects(); }
    void dots()
    {
        for (const std::int64_t cols : {1, 5, 255, 256, 1000}) {
            const std::size_t rows = 9;
            const auto x = normalFloats(rows * static_cast<std::size_t>(cols), 12, 1.0F);
            const auto y = normalFloats(x.size(), 13, 1.0F);
            std::vector<double> expected(rows);
            std::vector<double> found(rows, std::nan(""));
            referenceBackend().dotRows(x, y, cols, expected);
            m_tested->dotRows(x, y, cols, found);
            for (std::size_t row = 0; row < rows; ++row) {
                QVERIFY(std::abs(found[row] - expected[row]) <= 1e-12 * static_cast<double>(cols));
            }
        }
    }

    void weightsInPlace_data() { addSubjects(); }
    void weightsInPlace()
    {
        const auto matrix = normalFloats(33 * 20, 14, 1.0F);
        const auto x = normalFloats(5 * 20, 15, 1.0F);
        std::vector<float> expected(5 * 33);
        std::vector<float> found(5 * 33, std::nanf(""));
        referenceBackend().gemm(x, 5, *referenceBackend().prepareInPlace(matrix, 33, 20), {}, expected);
        const auto prepared = m_tested->prepareInPlace(matrix, 33, 20);
        QCOMPARE(prepared->outputs(), 33);
        QCOMPARE(prepared->inputs(), 20);
        m_tested->gemm(x, 5, *prepared, {}, found);
        for (std::size_t i = 0; i < found.size(); ++i) {
            QVERIFY(std::abs(static_cast<double>(found[i]) - static_cast<double>(expected[i])) <= kToleranceSum * 100);
        }
    }
};

QTEST_GUILESS_MAIN(TestColumns)
#include "tst_columns.moc"
