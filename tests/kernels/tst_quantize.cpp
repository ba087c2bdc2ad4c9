// SPDX-License-Identifier: Apache-2.0
// Quantization kernels: the rule computed here independently, and every level against it to the bit.
#include "kernels/cpulevel.h"
#include "kernels/quantize.h"
#include "kernels/scalars.h"

#include <QTest>

#include <bit>
#include <cmath>
#include <random>
#include <vector>

using namespace bitlathe::kernels;

namespace
{

const std::vector<std::size_t> kSizes{1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 100, 127, 128, 129, 1000};
constexpr std::array kTypes{ScaleType::F16, ScaleType::Bf16, ScaleType::F32};

/// Weights of several kinds: normal, with an outlier, all positive, half of them zero, tiny, huge, all equal.
std::vector<float> makeWeights(std::mt19937& random, std::size_t count, int kind)
{
    std::normal_distribution<float> normal(0.0F, 0.02F);
    std::vector<float> weights(count);
    for (float& weight : weights) {
        weight = normal(random);
        weight = kind == 2 ? std::abs(weight) : weight;
        weight = kind == 3 && random() % 2 == 0 ? 0.0F : weight;
        weight = kind == 4 ? weight * 1e-36F : weight;
        weight = kind == 5 ? weight * 1e6F : weight;
        weight = kind == 6 ? 0.0625F : weight;
    }
    if (kind == 1) {
        weights[count / 2] = 3.0F;
    }
    return weights;
}

float rounded(float value, ScaleType type)
{
    if (type == ScaleType::F16) {
        return static_cast<float>(static_cast<Eigen::half>(value));
    }
    if (type == ScaleType::Bf16) {
        auto bits = std::bit_cast<std::uint32_t>(value);
        bits += 0x7FFF + ((bits >> 16) & 1);
        return std::bit_cast<float>(bits & 0xFFFF0000);
    }
    return value;
}

/// The rule as the formulas say it, with the C library's rounding.
struct Expected
{
    float scale = 0;
    int zero = 0;
    std::vector<int> codes;
};

Expected expectedOf(const std::vector<float>& weights, const GridRule& rule)
{
    const float top = static_cast<float>((1 << rule.bits) - 1);
    float low = 0;
    float high = 0;
    for (const float weight : weights) {
        low = std::fmin(low, weight);
        high = std::fmax(high, weight);
    }
    Expected expected;
    const float width = rule.symmetric ? 2 * std::fmax(-low, high) : high - low;
    expected.scale = width == 0 ? 1.0F : rounded(width / top, rule.scaleType);
    expected.zero = rule.symmetric ? 1 << (rule.bits - 1) : static_cast<int>(std::nearbyint(-low / expected.scale));
    for (const float weight : weights) {
        const float code = std::nearbyint(weight / expected.scale) + static_cast<float>(expected.zero);
        expected.codes.push_back(static_cast<int>(std::fmin(std::fmax(code, 0.0F), top)));
    }
    return expected;
}

std::vector<CpuLevel> levels()
{
    std::vector<CpuLevel> all;
    for (const CpuLevel level : {CpuLevel::Reference, CpuLevel::Avx2, CpuLevel::Avx512, CpuLevel::Amx}) {
        setCpuLevel(level);
        if (cpuLevel() == level || level == CpuLevel::Reference) {
            all.push_back(level);
        }
    }
    setCpuLevel(detectedCpuLevel());
    return all;
}

} // namespace

class TestQuantize : public QObject
{
    Q_OBJECT

private slots:
    void cleanup() { setCpuLevel(detectedCpuLevel()); }
    void rule();
    void zeroGroup();
    void rangeSearch();
    void rangeSearchNeverWorse();
    void scalesThatDoNotFit();
    void zeroPointsStartWhereTheRuleSays();
    void tiesToEven();
    void notFinite();
    void packing();
    void packingLayout();
    void dequantization();
    void sumsOfSquares();
    void rangeSearchFindsTheLeastError();
    void levelsAreEqual();
};

void TestQuantize::rule()
{
    std::mt19937 random(1);
    for (const CpuLevel level : levels()) {
        setCpuLevel(level);
        for (const int bits : {2, 3, 4, 5, 6, 8}) {
            for (const bool symmetric : {true, false}) {
                for (const ScaleType type : kTypes) {
                    for (const std::size_t size : kSizes) {
                        const GridRule rule{bits, symmetric, false, type};
                        const auto weights = makeWeights(random, size, static_cast<int>(random() % 4));
                        const Expected expected = expectedOf(weights, rule);
                        const GroupGrid grid = chooseGrid(weights, rule);
                        QCOMPARE(grid.scale, expected.scale);
                        QCOMPARE(grid.zero, expected.zero);
                        QVERIFY(grid.finite);
                        std::vector<std::uint8_t> codes(size);
                        encodeGroup(weights, grid, rule.maxCode(), codes);
                        for (std::size_t i = 0; i < size; ++i) {
                            QCOMPARE(static_cast<int>(codes[i]), expected.codes[i]);
                        }
                    }
                }
            }
        }
    }
}

void TestQuantize::zeroGroup()
{
    const std::vector<float> weights(33, -0.0F);
    for (const bool symmetric : {true, false}) {
        for (const bool search : {true, false}) {
            const GridRule rule{4, symmetric, search, ScaleType::F16};
            const GroupGrid grid = chooseGrid(weights, rule);
            QCOMPARE(grid.scale, 1.0F);
            QVERIFY(!grid.scaleCoarse);
            std::vector<std::uint8_t> codes(weights.size());
            encodeGroup(weights, grid, rule.maxCode(), codes);
            std::vector<float> back(weights.size(), 7.0F);
            dequantizeGroup(codes, grid.scale, grid.zero, back);
            QCOMPARE(back, std::vector<float>(weights.size(), 0.0F));
        }
    }
}

/// The search takes the best of its grid: nothing in that grid, tried here one by one in double, is better.
void TestQuantize::rangeSearch()
{
    std::mt19937 random(2);
    for (const bool symmetric : {true, false}) {
        for (const int bits : {2, 3, 4}) {
            const auto weights = makeWeights(random, 128, 0);
            const GridRule rule{bits, symmetric, true, ScaleType::F32};
            const auto errorOf = [&](float scale, int zero) {
                double sum = 0;
                for (const float weight : weights) {
                    const float code =
                        std::fmin(std::fmax(std::nearbyint(weight / scale) + static_cast<float>(zero), 0.0F),
                                  static_cast<float>(rule.maxCode()));
                    const double wrong = weight - static_cast<double>((code - static_cast<float>(zero)) * scale);
                    sum += wrong * wrong;
                }
                return sum;
            };
            double best = 1e30;
            for (int step = 0; step < 36; ++step) {
                auto shrunk = weights;
                const double ratio = 1.0 - 0.02 * step;
                std::ranges::for_each(shrunk, [&](float& weight) { weight = static_cast<float>(weight * ratio); });
                const Expected grid = expectedOf(shrunk, rule);
                best = std::min(best, errorOf(grid.scale, grid.zero));
            }
            const GroupGrid grid = chooseGrid(weights, rule);
            QVERIFY(errorOf(grid.scale, grid.zero) <= best * (1 + 1e-4));
            QVERIFY(errorOf(grid.scale, grid.zero) <
                    errorOf(expectedOf(weights, rule).scale, expectedOf(weights, rule).zero));
        }
    }
}

void TestQuantize::rangeSearchNeverWorse()
{
    std::mt19937 random(3);
    for (int round = 0; round < 200; ++round) {
        const auto weights = makeWeights(random, kSizes[random() % kSizes.size()], static_cast<int>(random() % 7));
        const int bits = 2 + static_cast<int>(random() % 7);
        const bool symmetric = random() % 2 == 0;
        const GridRule plain{bits, symmetric, false, kTypes[random() % 3]};
        GridRule search = plain;
        search.searchRange = true;
        QVERIFY(squaredError(weights, chooseGrid(weights, search), plain.maxCode()) <=
                squaredError(weights, chooseGrid(weights, plain), plain.maxCode()));
    }
}

void TestQuantize::zeroPointsStartWhereTheRuleSays()
{
    std::mt19937 random(6);
    std::normal_distribution<float> normal(0, 1);
    for (int round = 0; round < 300; ++round) {
        std::vector<float> weights(kSizes[random() % kSizes.size()]);
        const auto sign = static_cast<int>(random() % 4);
        for (float& weight : weights) {
            weight = normal(random);
            weight = sign == 0 ? weight : sign == 1 ? std::abs(weight) : sign == 2 ? -std::abs(weight) : 0.0F;
        }
        const int bits = 2 + static_cast<int>(random() % 7);
        const GridRule plain{bits, false, random() % 2 == 0, ScaleType::F32};
        GridRule rule = plain;
        rule.leastZero = 1;
        const GroupGrid usual = chooseGrid(weights, plain);
        const GroupGrid grid = chooseGrid(weights, rule);
        QVERIFY(grid.zero >= 1 && grid.zero <= rule.maxCode());
        if (usual.zero >= 1 && !rule.searchRange) {
            QCOMPARE(grid.scale, usual.scale);
            QCOMPARE(grid.zero, usual.zero);
        }
        if (!rule.searchRange) {
            // Every weight is in reach: off by half a step, and by the rounding of the zero point at the ends.
            std::vector<std::uint8_t> codes(weights.size());
            std::vector<float> back(weights.size());
            encodeGroup(weights, grid, rule.maxCode(), codes);
            dequantizeGroup(codes, grid.scale, grid.zero, back);
            for (std::size_t i = 0; i < weights.size(); ++i) {
                QVERIFY(std::abs(weights[i] - back[i]) <= 1.001F * grid.scale);
            }
        }
    }
}

void TestQuantize::scalesThatDoNotFit()
{
    const std::vector<float> huge{3e38F, -3e38F, 1.0F};
    const std::vector<float> tiny{1e-8F, -2e-8F, 0.0F};
    const std::vector<float> smallest{1e-45F, 0.0F};
    for (const bool symmetric : {true, false}) {
        const GroupGrid over = chooseGrid(huge, {4, symmetric, false, ScaleType::F16});
        QCOMPARE(over.scale, 65504.0F);
        QVERIFY(over.scaleCoarse);
        const GroupGrid overF32 = chooseGrid(huge, {4, symmetric, false, ScaleType::F32});
        QVERIFY(std::isfinite(overF32.scale) && !overF32.scaleCoarse);
        const GroupGrid under = chooseGrid(tiny, {4, symmetric, false, ScaleType::F16});
        QCOMPARE(under.scale, 0x1p-24F);
        QVERIFY(under.scaleCoarse);
        QVERIFY(!chooseGrid(tiny, {4, symmetric, false, ScaleType::Bf16}).scaleCoarse);
        const GroupGrid least = chooseGrid(smallest, {4, symmetric, false, ScaleType::F32});
        QVERIFY(least.scale > 0);
        std::vector<std::uint8_t> codes(3);
        encodeGroup(tiny, under, 15, codes);
        std::vector<float> back(3);
        dequantizeGroup(codes, under.scale, under.zero, back);
        QVERIFY(std::ranges::all_of(back, [](float value) { return std::isfinite(value); }));
    }
}

void TestQuantize::tiesToEven()
{
    const std::vector<float> weights{0.5F, 1.5F, 2.5F, -0.5F, -1.5F, -2.5F, 3.5F, 100.0F, -100.0F};
    const std::vector<std::uint8_t> expected{8, 10, 10, 8, 6, 6, 12, 15, 0};
    for (const CpuLevel level : levels()) {
        setCpuLevel(level);
        std::vector<std::uint8_t> codes(weights.size());
        encodeGroup(weights, {1.0F, 8}, 15, codes);
        QCOMPARE(codes, expected);
    }
}

void TestQuantize::notFinite()
{
    for (const CpuLevel level : levels()) {
        setCpuLevel(level);
        for (const std::size_t size : kSizes) {
            for (const float bad : {std::nanf(""), INFINITY, -INFINITY}) {
                std::vector<float> weights(size, 0.5F);
                QVERIFY(chooseGrid(weights, {}).finite);
                weights[size / 2] = bad;
                QVERIFY(!chooseGrid(weights, {}).finite);
                weights[size / 2] = 0.5F;
                weights.back() = bad;
                QVERIFY(!chooseGrid(weights, {}).finite);
            }
        }
    }
}

void TestQuantize::packing()
{
    std::mt19937 random(4);
    for (const CpuLevel level : levels()) {
        setCpuLevel(level);
        for (int bits = 1; bits <= 8; ++bits) {
            for (const std::size_t size : kSizes) {
                std::vector<std::uint8_t> codes(size);
                std::ranges::generate(codes, [&] { return static_cast<std::uint8_t>(random() % (1U << bits)); });
                // One byte more on both sides, to see that nothing outside is touched.
                std::vector<std::uint8_t> packed((size * static_cast<std::size_t>(bits) + 7) / 8 + 2, 0xA5);
                const auto inside = std::span(packed).subspan(1, packed.size() - 2);
                packCodes(codes, bits, inside);
                QCOMPARE(packed.front(), 0xA5);
                QCOMPARE(packed.back(), 0xA5);
                for (std::size_t i = 0; i < inside.size() * 8; ++i) {
                    const unsigned bit = (inside[i / 8] >> (i % 8)) & 1U;
                    const std::size_t code = i / static_cast<std::size_t>(bits);
                    const unsigned expected =
                        code < size ? (codes[code] >> (i % static_cast<std::size_t>(bits))) & 1U : 0U;
                    QCOMPARE(bit, expected);
                }
                std::vector<std::uint8_t> back(size + 1, 0x5A);
                unpackCodes(inside, bits, std::span(back).first(size));
                QCOMPARE(back.back(), 0x5A);
                back.pop_back();
                QCOMPARE(back, codes);
            }
        }
    }
}

void TestQuantize::packingLayout()
{
    std::vector<std::uint8_t> packed(2);
    packCodes(std::vector<std::uint8_t>{0x1, 0x2, 0x3}, 4, packed);
    QCOMPARE(packed, (std::vector<std::uint8_t>{0x21, 0x03}));
    packCodes(std::vector<std::uint8_t>{7, 0, 5, 1}, 3, packed);
    QCOMPARE(packed, (std::vector<std::uint8_t>{0b01000111, 0b00000011}));
}

void TestQuantize::dequantization()
{
    std::mt19937 random(5);
    for (const CpuLevel level : levels()) {
        setCpuLevel(level);
        for (const std::size_t size : kSizes) {
            std::vector<std::uint8_t> codes(size);
            std::ranges::generate(codes, [&] { return static_cast<std::uint8_t>(random()); });
            const int zero = static_cast<int>(random() % 256);
            std::vector<float> out(size + 1, 9.0F);
            dequantizeGroup(codes, 0.0371F, zero, std::span(out).first(size));
            QCOMPARE(out.back(), 9.0F);
            for (std::size_t i = 0; i < size; ++i) {
                QCOMPARE(out[i], static_cast<float>(codes[i] - zero) * 0.0371F);
            }
        }
    }
}

void TestQuantize::sumsOfSquares()
{
    std::mt19937 random(6);
    for (const CpuLevel level : levels()) {
        setCpuLevel(level);
        for (const std::size_t size : kSizes) {
            const auto original = makeWeights(random, size, 0);
            const auto rounded = makeWeights(random, size, 0);
            double difference = 0;
            double square = 0;
            for (std::size_t i = 0; i < size; ++i) {
                const auto apart = static_cast<double>(original[i] - rounded[i]);
                difference += apart * apart;
                square += static_cast<double>(original[i]) * static_cast<double>(original[i]);
            }
            const SquareSums sums = squareSums(original, rounded);
            QVERIFY(std::abs(sums.difference - difference) <= 1e-13 * difference);
            QVERIFY(std::abs(sums.original - square) <= 1e-13 * square);
        }
    }
}

/// Against a search written out here, in double: no ratio gives a clearly smaller error than the chosen grid.
void TestQuantize::rangeSearchFindsTheLeastError()
{
    std::mt19937 random(8);
    for (int round = 0; round < 100; ++round) {
        const auto weights = makeWeights(random, 16 + random() % 200, 0);
        const GridRule rule{std::array{2, 3, 4, 8}[random() % 4], random() % 2 == 0, true, ScaleType::F32};
        const auto errorOf = [&](const GroupGrid& grid) {
            double error = 0;
            for (const float weight : weights) {
                const double place = std::nearbyint(static_cast<double>(weight) / static_cast<double>(grid.scale));
                const double step = std::clamp<double>(place, -grid.zero, rule.maxCode() - grid.zero);
                const double wrong = static_cast<double>(weight) - step * static_cast<double>(grid.scale);
                error += wrong * wrong;
            }
            return error;
        };
        GridRule plain = rule;
        plain.searchRange = false;
        const ValueRange range = valueRange(weights);
        double least = std::numeric_limits<double>::infinity();
        for (int step = 0; step < kShrinkSteps; ++step) {
            const float ratio = 1.0F - static_cast<float>(step) * kShrinkStep;
            const ValueRange shrunk{range.low * ratio, range.high * ratio};
            least = std::min(least, errorOf(chooseGrid(shrunk, plain, [](const GroupGrid&) { return 0.0; })));
        }
        for (const CpuLevel level : levels()) {
            setCpuLevel(level);
            QVERIFY(errorOf(chooseGrid(weights, rule)) <= least * (1 + 1e-5));
        }
    }
}

/// Whole rows on every level, unaligned, against the reference level.
void TestQuantize::levelsAreEqual()
{
    std::mt19937 random(7);
    for (int round = 0; round < 400; ++round) {
        const std::size_t cols = 1 + random() % 700;
        const std::int64_t groupSize = std::array{16, 32, 48, 64, 100, 128, 256, 1024}[random() % 8];
        const GridRule rule{std::array{2, 3, 4, 5, 6, 8}[random() % 6], random() % 2 == 0, random() % 2 == 0,
                            kTypes[random() % 3]};
        const auto buffer = makeWeights(random, cols + 1, static_cast<int>(random() % 7));
        const auto weights = std::span(buffer).subspan(1);
        const std::size_t groups =
            (cols + static_cast<std::size_t>(groupSize) - 1) / static_cast<std::size_t>(groupSize);
        struct Row
        {
            std::vector<std::uint8_t> packed;
            std::vector<float> scales;
            std::vector<std::uint8_t> zeros;
            std::vector<double> sums;
            bool operator==(const Row&) const = default;
        };
        std::vector<Row> rows;
        for (const CpuLevel level : levels()) {
            setCpuLevel(level);
            Row row{std::vector<std::uint8_t>((cols * static_cast<std::size_t>(rule.bits) + 7) / 8),
                    std::vector<float>(groups),
                    std::vector<std::uint8_t>(groups),
                    {}};
            const RowFacts facts = encodeRow(weights, groupSize, rule, row.packed, row.scales, row.zeros);
            QVERIFY(facts.finite);
            std::vector<std::uint8_t> codes(cols);
            unpackCodes(row.packed, rule.bits, codes);
            std::vector<float> rounded(cols);
            dequantizeGroup(codes, row.scales[0], row.zeros[0], rounded);
            const SquareSums squares = squareSums(weights, rounded);
            row.sums = {squares.difference, squares.original,
                        static_cast<double>(squaredError(weights, {row.scales[0], row.zeros[0]}, rule.maxCode()))};
            rows.push_back(std::move(row));
        }
        for (const Row& row : rows) {
            QVERIFY(row == rows.front());
        }
    }
}

QTEST_GUILESS_MAIN(TestQuantize)
#include "tst_quantize.moc"
