// SPDX-License-Identifier: Apache-2.0
// Code book kernels: the nearest value found here by looking at all, and every level against it to the bit.
#include "kernels/blockwise.h"
#include "kernels/cpulevel.h"

#include <QTest>

#include <cmath>
#include <numeric>
#include <random>
#include <vector>

using namespace bitlathe::kernels;

namespace
{

const std::vector<std::size_t> kSizes{1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 255, 1000};

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

/// Values in no order, two of them equal.
std::vector<float> scatteredBook(std::mt19937& random, std::size_t size)
{
    std::normal_distribution<float> normal(0.0F, 0.4F);
    std::vector<float> values(size);
    std::ranges::generate(values, [&] { return normal(random); });
    values[3] = 0.0F;
    values[size - 2] = 0.0F;
    return values;
}

std::vector<float> inputs(std::mt19937& random, std::size_t count, const std::vector<float>& book)
{
    std::normal_distribution<float> normal(0.0F, 0.5F);
    std::vector<float> weights(count);
    for (std::size_t i = 0; i < count; ++i) {
        // Values themselves and middles of two are where a search goes wrong.
        const float middle = (book[i % book.size()] + book[(i + 1) % book.size()]) / 2.0F;
        weights[i] = i % 3 == 0 ? normal(random) : i % 3 == 1 ? book[i % book.size()] : middle;
    }
    return weights;
}

} // namespace

class TestBlockwiseKernels : public QObject
{
    Q_OBJECT

private slots:
    void cleanup() { setCpuLevel(detectedCpuLevel()); }
    void nearestValue_data() { books(); }
    void nearestValue();
    void tiesGoToTheSmallerValue();
    void levelsAreEqual_data() { books(); }
    void levelsAreEqual();
    void decodes_data() { books(); }
    void decodes();
    void int8Products();

private:
    static void books();
};

void TestBlockwiseKernels::books()
{
    QTest::addColumn<int>("size");
    QTest::newRow("16 values") << 16;
    QTest::newRow("256 values") << 256;
}

void TestBlockwiseKernels::nearestValue()
{
    QFETCH(const int, size);
    std::mt19937 random(1);
    const std::vector<float> values = scatteredBook(random, static_cast<std::size_t>(size));
    const std::vector<float> weights = inputs(random, 3000, values);
    constexpr float kFactor = 0.75F;
    std::vector<std::uint8_t> codes(weights.size());
    encodeBook(weights, kFactor, ValueBook(values), codes);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const auto wanted = static_cast<double>(weights[i] * kFactor);
        double least = 1e30;
        for (const float value : values) {
            least = std::min(least, std::abs(static_cast<double>(value) - wanted));
        }
        const double found = std::abs(static_cast<double>(values[codes[i]]) - wanted);
        QVERIFY2(found <= least + 1e-7, qPrintable(QString::number(wanted))); // Middles are rounded to f32.
    }
}

void TestBlockwiseKernels::tiesGoToTheSmallerValue()
{
    std::vector<float> values(16);
    std::iota(values.begin(), values.end(), -8.0F);
    const std::vector<float> weights{-7.5F, -0.5F, 0.5F, 6.5F, 7.0F, 9.0F, -9.0F, -7.4999995F};
    const std::vector<std::uint8_t> expected{0, 7, 8, 14, 15, 15, 0, 1};
    for (const CpuLevel level : levels()) {
        setCpuLevel(level);
        std::vector<std::uint8_t> codes(weights.size());
        encodeBook(weights, 1.0F, ValueBook(values), codes);
        QCOMPARE(codes, expected);
    }
}

void TestBlockwiseKernels::levelsAreEqual()
{
    QFETCH(const int, size);
    std::mt19937 random(2);
    const std::vector<float> values = scatteredBook(random, static_cast<std::size_t>(size));
    const ValueBook book(values);
    for (const std::size_t count : kSizes) {
        const std::vector<float> weights = inputs(random, count, values);
        setCpuLevel(CpuLevel::Reference);
        std::vector<std::uint8_t> expected(count);
        encodeBook(weights, 1.3F, book, expected);
        for (const CpuLevel level : levels()) {
            setCpuLevel(level);
            std::vector<std::uint8_t> codes(count + 1, 77);
            encodeBook(weights, 1.3F, book, std::span(codes).first(count));
            QCOMPARE(codes.back(), std::uint8_t{77});
            codes.pop_back();
            QCOMPARE(codes, expected);
        }
    }
}

void TestBlockwiseKernels::decodes()
{
    QFETCH(const int, size);
    std::mt19937 random(3);
    const std::vector<float> values = scatteredBook(random, static_cast<std::size_t>(size));
    for (const std::size_t count : kSizes) {
        std::vector<std::uint8_t> codes(count);
        std::ranges::generate(codes, [&] { return static_cast<std::uint8_t>(random() % static_cast<unsigned>(size)); });
        for (const CpuLevel level : levels()) {
            setCpuLevel(level);
            std::vector<float> out(count + 1, 77.0F);
            decodeBook(codes, 0.37F, values, std::span(out).first(count));
            QCOMPARE(out.back(), 77.0F);
            for (std::size_t i = 0; i < count; ++i) {
                QCOMPARE(out[i], values[codes[i]] * 0.37F);
            }
        }
    }
}

/// The largest sums that 8 bits can make are among them.
void TestBlockwiseKernels::int8Products()
{
    std::mt19937 random(4);
    for (const std::int64_t rows : {1, 3, 4, 5, 9}) {
        for (const std::int64_t depth : {1, 15, 16, 17, 63, 64, 65, 200, 4096}) {
            constexpr std::int64_t kCols = 5;
            std::vector<std::int8_t> x(static_cast<std::size_t>(rows * depth), -127);
            std::vector<std::uint8_t> codes(static_cast<std::size_t>(kCols * depth), 255);
            if (depth != 4096) {
                std::ranges::generate(x,
                                      [&] { return static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127); });
                std::ranges::generate(codes, [&] { return static_cast<std::uint8_t>(random() % 256); });
            }
            std::vector<std::int32_t> expected;
            for (std::int64_t row = 0; row < rows; ++row) {
                for (std::int64_t col = 0; col < kCols; ++col) {
                    std::int64_t sum = 0;
                    for (std::int64_t k = 0; k < depth; ++k) {
                        sum += static_cast<std::int64_t>(x[static_cast<std::size_t>(row * depth + k)]) *
                               (static_cast<std::int64_t>(codes[static_cast<std::size_t>(col * depth + k)]) - 128);
                    }
                    expected.push_back(static_cast<std::int32_t>(sum));
                }
            }
            for (const CpuLevel level : levels()) {
                setCpuLevel(level);
                std::vector<std::int32_t> sums(expected.size(), 1);
                multiplyInt8(x, rows, codes, kCols, depth, sums);
                QCOMPARE(sums, expected);
            }
        }
    }
}

QTEST_GUILESS_MAIN(TestBlockwiseKernels)
#include "tst_blockwise.moc"
