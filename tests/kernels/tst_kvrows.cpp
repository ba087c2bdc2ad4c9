// SPDX-License-Identifier: Apache-2.0
// Key and value rows: examples computed by hand from the engines' formulas, and every level against the reference.
#include "kernels/cpulevel.h"
#include "kernels/kvrows.h"
#include "kernels/reference/kvrows.h"

#include <QTest>

#include <array>
#include <bit>
#include <cmath>
#include <random>
#include <vector>

using namespace bitlathe::kernels;
using namespace Qt::StringLiterals;

namespace
{

const std::vector<std::size_t> kSizes{1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 64, 80, 100, 127, 128, 129, 256};

/// Normal, all equal, with an outlier, tiny, large.
std::vector<float> makeRow(std::mt19937& random, std::size_t count, int kind)
{
    std::normal_distribution<float> normal(0.3F, 1.7F);
    std::vector<float> row(count);
    for (float& value : row) {
        value = normal(random);
        value = kind == 1 ? 0.75F : value;
        value = kind == 3 ? value * 1e-6F : value;
        value = kind == 4 ? value * 1e3F : value;
    }
    if (kind == 2) {
        row[count / 2] = -300.0F;
    }
    return row;
}

/// A number that four bits of exponent and three of fraction give, by its definition.
double e4m3Value(int code)
{
    const int exponent = (code >> 3) & 15;
    const double fraction = code & 7;
    const double size = exponent == 0 ? std::ldexp(fraction, -9) : std::ldexp(8 + fraction, exponent - 10);
    return (code & 0x80) != 0 ? -size : size;
}

bool sameBits(float a, float b)
{
    return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) || (std::isnan(a) && std::isnan(b));
}

} // namespace

class TestKvRows : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup() { setCpuLevel(detectedCpuLevel()); }
    void gridExample_data() { levels(); }
    void gridExample();
    void tokenExample_data() { levels(); }
    void tokenExample();
    void equalValues_data() { levels(); }
    void equalValues();
    void everyE4m3_data() { levels(); }
    void everyE4m3();
    void nearestE4m3_data() { levels(); }
    void nearestE4m3();
    void fittedIsNearer_data() { levels(); }
    void fittedIsNearer();
    void asReference_data() { levels(); }
    void asReference();

private:
    static void levels();
};

void TestKvRows::levels()
{
    QTest::addColumn<int>("level");
    for (const CpuLevel level : {CpuLevel::Reference, CpuLevel::Avx2, CpuLevel::Avx512}) {
        QTest::addRow("level %d", static_cast<int>(level)) << static_cast<int>(level);
    }
}

void TestKvRows::init()
{
    QFETCH(int, level);
    setCpuLevel(static_cast<CpuLevel>(level));
    if (cpuLevel() != static_cast<CpuLevel>(level)) {
        QSKIP("this processor has no such level");
    }
}

void TestKvRows::gridExample()
{
    const KvGrid grid{0.06256103515625F, -0.626953125F};
    const std::vector<float> x{-8.6F, -0.626953125F, 0.0F, 3.3F, 7.35F, 1000.0F, -1000.0F};
    const std::vector<std::uint8_t> expected{1, 128, 138, 191, 255, 255, 0};
    std::vector<std::uint8_t> codes(x.size());
    encodeKvGrid(x, grid, codes);
    QCOMPARE(codes, expected);
    std::vector<float> back(x.size());
    decodeKvGrid(codes, grid, back);
    const std::vector<float> values{-8.57220458984375F, -0.626953125F, -0.0013427734375F, 3.31439208984375F,
                                    7.31829833984375F};
    QVERIFY(std::equal(values.begin(), values.end(), back.begin()));

    // The ends of the range that a grid was made for lie half a step outside: 0.5 and 255.5.
    const std::vector<float> ends{0.25F - 127.5F * 0.0625F, 0.25F + 127.5F * 0.0625F};
    codes.resize(ends.size());
    encodeKvGrid(ends, {0.0625F, 0.25F}, codes);
    QCOMPARE(codes, (std::vector<std::uint8_t>{0, 255}));
}

void TestKvRows::tokenExample()
{
    const std::vector<float> x{-1.5F, 0.25F, 0.75F, 2.0F, -0.4F, 1.1F, 0.0F, -0.9F};
    std::vector<std::uint8_t> codes(8);
    const KvGrid eight = encodeKvToken(x, 8, codes);
    QCOMPARE(eight.scale, 0.01372528076171875F);
    QCOMPARE(eight.zero, -1.5F);
    QCOMPARE(codes, (std::vector<std::uint8_t>{0, 128, 164, 255, 80, 190, 109, 44}));

    std::vector<std::uint8_t> packed(4);
    const KvGrid four = encodeKvToken(x, 4, packed);
    QCOMPARE(four.scale, 0.2332763671875F);
    QCOMPARE(four.zero, -1.5F);
    // 0, 8, 10, 15 below and 5, 11, 6, 3 above.
    QCOMPARE(packed, (std::vector<std::uint8_t>{0x50, 0xB8, 0x6A, 0x3F}));
    std::vector<float> back(8);
    decodeKvToken(packed, 4, four, back);
    QCOMPARE(back.front(), -1.5F);
    QCOMPARE(back[3], 1.9990234375F); // 15 * 0.2332763671875 - 1.5 = 1.9991455078125 in f16.
}

void TestKvRows::equalValues()
{
    for (const int bits : {4, 8}) {
        const std::vector<float> x(33, 0.75F);
        std::vector<std::uint8_t> codes(kvTokenBytes(x.size(), bits), 0xFF);
        const KvGrid grid = encodeKvToken(x, bits, codes);
        std::vector<float> back(x.size());
        decodeKvToken(codes, bits, grid, back);
        QCOMPARE(back, x);
    }
}

void TestKvRows::everyE4m3()
{
    std::vector<std::uint8_t> codes(256);
    for (std::size_t i = 0; i < codes.size(); ++i) {
        codes[i] = static_cast<std::uint8_t>(i);
    }
    std::vector<float> values(codes.size());
    decodeKvE4m3(codes, 1.0F, values);
    std::vector<std::uint8_t> again(codes.size());
    encodeKvE4m3(values, 1.0F, again);
    for (int code = 0; code < 256; ++code) {
        const auto at = static_cast<std::size_t>(code);
        if ((code & 0x7F) == 0x7F) {
            QVERIFY(std::isnan(values[at]));
            QCOMPARE(again[at], std::uint8_t{0x7F});
            continue;
        }
        QCOMPARE(static_cast<double>(values[at]), e4m3Value(code));
        QCOMPARE(again[at], codes[at]);
    }
}

void TestKvRows::nearestE4m3()
{
    std::mt19937 random(4);
    std::uniform_real_distribution<float> exponent(-12.0F, 10.0F);
    std::vector<float> x(2000);
    for (float& value : x) {
        value = std::exp2(exponent(random)) * (random() % 2 == 0 ? -1.0F : 1.0F);
    }
    // Ties go to the even code: 1.0625 lies between 1 (0x38) and 1.125 (0x39), 1.1875 between 0x39 and 0x3A.
    x[0] = 1.0625F;
    x[1] = 1.1875F;
    x[2] = -1e30F;
    std::vector<std::uint8_t> codes(x.size());
    encodeKvE4m3(x, 1.0F, codes);
    QCOMPARE(codes[0], std::uint8_t{0x38});
    QCOMPARE(codes[1], std::uint8_t{0x3A});
    QCOMPARE(codes[2], std::uint8_t{0xFE});
    for (std::size_t i = 3; i < x.size(); ++i) {
        double least = HUGE_VAL;
        for (int code = 0; code < 256; ++code) {
            least =
                (code & 0x7F) == 0x7F ? least : std::min(least, std::abs(e4m3Value(code) - static_cast<double>(x[i])));
        }
        QCOMPARE(std::abs(e4m3Value(codes[i]) - static_cast<double>(x[i])), least);
    }
}

void TestKvRows::fittedIsNearer()
{
    std::mt19937 random(11);
    double sumRange = 0; // Of rows as heads have them.
    double sumFitted = 0;
    for (const std::size_t size : kSizes) {
        for (int kind = 0; kind < 5; ++kind) {
            const std::vector<float> x = makeRow(random, size, kind);
            for (const int bits : {4, 8}) {
                const auto errorBy = [&](auto&& encode) {
                    std::vector<std::uint8_t> codes(kvTokenBytes(size, bits), 0xAA);
                    std::vector<float> back(size);
                    decodeKvToken(codes, bits, encode(x, bits, codes), back);
                    double sum = 0;
                    for (std::size_t i = 0; i < size; ++i) {
                        sum += std::pow(static_cast<double>(back[i]) - static_cast<double>(x[i]), 2);
                    }
                    return sum;
                };
                const double range = errorBy(encodeKvToken);
                const double fitted = errorBy(encodeKvTokenFitted);
                // Scale and zero in f16 may cost a little of what the search in f32 found.
                QVERIFY2(fitted <= 1.02 * range + 1e-12,
                         qPrintable(u"%1 of %2, kind %3"_s.arg(fitted).arg(range).arg(kind)));
                if (kind == 0 && bits == 4 && size >= 48) {
                    sumRange += range;
                    sumFitted += fitted;
                }
            }
        }
    }
    QVERIFY2(sumFitted < 0.92 * sumRange, qPrintable(u"%1 of %2"_s.arg(sumFitted).arg(sumRange)));
    // Four values on a grid of four bits are kept as they are.
    const std::vector<float> x{-1.5F, 0.0F, 1.5F, 6.0F};
    std::vector<std::uint8_t> codes(2);
    const KvGrid grid = encodeKvTokenFitted(x, 4, codes);
    std::vector<float> back(x.size());
    decodeKvToken(codes, 4, grid, back);
    QCOMPARE(back, x);
}

void TestKvRows::asReference()
{
    const KvRowOps& reference = kvRowOpsReference();
    std::mt19937 random(7);
    for (const std::size_t size : kSizes) {
        for (int kind = 0; kind < 5; ++kind) {
            const std::vector<float> x = makeRow(random, size, kind);
            const KvGrid grid{0.011F, 0.25F};
            std::vector<std::uint8_t> codes(size);
            std::vector<std::uint8_t> wanted(size);
            std::vector<float> back(size);
            std::vector<float> wantedBack(size);
            encodeKvGrid(x, grid, codes);
            reference.encodeGrid(x.data(), size, grid, wanted.data());
            QCOMPARE(codes, wanted);
            decodeKvGrid(codes, grid, back);
            reference.decodeGrid(codes.data(), size, grid, wantedBack.data());
            QCOMPARE(back, wantedBack);

            encodeKvE4m3(x, 0.004F, codes);
            reference.encodeE4m3(x.data(), size, 0.004F, wanted.data());
            QCOMPARE(codes, wanted);
            decodeKvE4m3(codes, 0.004F, back);
            reference.decodeE4m3(codes.data(), size, 0.004F, wantedBack.data());
            QVERIFY(std::ranges::equal(back, wantedBack, sameBits));
            for (const int bits : {4, 8}) {
                codes.assign(kvTokenBytes(size, bits), 0xAA);
                wanted.assign(codes.size(), 0x55);
                const KvGrid own = encodeKvToken(x, bits, codes);
                QCOMPARE(own, reference.encodeToken(x.data(), size, bits, wanted.data()));
                QCOMPARE(codes, wanted);
                decodeKvToken(codes, bits, own, back);
                reference.decodeToken(codes.data(), size, bits, own, wantedBack.data());
                QVERIFY(std::ranges::equal(back, wantedBack, sameBits));
                codes.resize(size);
                wanted.resize(size);
            }
        }
    }
}

QTEST_GUILESS_MAIN(TestKvRows)
#include "tst_kvrows.moc"
