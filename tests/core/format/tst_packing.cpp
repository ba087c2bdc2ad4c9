// SPDX-License-Identifier: Apache-2.0
// Packing against a loop over single bits, and against published words and checksums.
#include "core/format/packing.h"

#include <QTest>

#include <cstring>
#include <numeric>
#include <random>
#include <zlib.h>

using namespace bitlathe::format;

namespace
{

using Codes = std::vector<std::uint8_t>;
using Words = std::vector<std::uint32_t>;

/// The layouts as their descriptions say it, one bit at a time.
Words packSlowly(const Codes& codes, int bits, WordLayout layout)
{
    Words words;
    std::size_t bit = 0;
    for (const std::uint8_t code : codes) {
        if (layout == WordLayout::WholeCodes && bit % 32 + static_cast<std::size_t>(bits) > 32) {
            bit = (bit / 32 + 1) * 32;
        }
        for (int i = 0; i < bits; ++i, ++bit) {
            words.resize(bit / 32 + 1);
            words[bit / 32] |= static_cast<std::uint32_t>((code >> i) & 1) << (bit % 32);
        }
    }
    return words;
}

Words pack(const Codes& codes, int bits, WordLayout layout)
{
    Words words(static_cast<std::size_t>(wordsFor(static_cast<std::int64_t>(codes.size()), bits, layout)), 0xdeadbeefU);
    packWords(codes, bits, layout, std::as_writable_bytes(std::span(words)));
    return words;
}

Codes unpack(const Words& words, std::size_t count, int bits, WordLayout layout)
{
    Codes codes(count);
    unpackWords(std::as_bytes(std::span(words)), bits, layout, codes);
    return codes;
}

Codes range(int count, int (*value)(int))
{
    Codes codes;
    for (int i = 0; i < count; ++i) {
        codes.push_back(static_cast<std::uint8_t>(value(i)));
    }
    return codes;
}

} // namespace

class TestPacking : public QObject
{
    Q_OBJECT

private slots:
    void randomCodesOfEveryWidth();
    void publishedWords_data();
    void publishedWords();
    void publishedChecksums_data();
    void publishedChecksums();
};

void TestPacking::randomCodesOfEveryWidth()
{
    std::mt19937 random(7);
    for (const WordLayout layout : {WordLayout::Stream, WordLayout::WholeCodes}) {
        for (int bits = 1; bits <= 8; ++bits) {
            for (const std::size_t count : {1U, 2U, 7U, 8U, 10U, 11U, 31U, 32U, 33U, 95U, 96U, 97U, 257U, 1000U}) {
                Codes codes(count);
                std::ranges::generate(codes, [&] { return static_cast<std::uint8_t>(random() & ((1U << bits) - 1U)); });
                const Words words = pack(codes, bits, layout);
                QCOMPARE(words, packSlowly(codes, bits, layout));
                QCOMPARE(unpack(words, count, bits, layout), codes);
            }
        }
    }
}

void TestPacking::publishedWords_data()
{
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("layout");
    QTest::addColumn<Codes>("codes");
    QTest::addColumn<Words>("words");
    const int stream = static_cast<int>(WordLayout::Stream);
    const int whole = static_cast<int>(WordLayout::WholeCodes);
    QTest::newRow("4 bits, counting") << 4 << stream << Codes{0, 1, 2, 3, 4, 5, 6, 7} << Words{0x76543210U};
    QTest::newRow("4 bits, mixed") << 4 << stream << Codes{15, 0, 8, 7, 3, 12, 1, 9} << Words{0x91C3780FU};
    QTest::newRow("2 bits") << 2 << stream << Codes{0, 1, 2, 3, 3, 2, 1, 0, 1, 1, 2, 2, 3, 3, 0, 0}
                            << Words{0x0FA51BE4U};
    QTest::newRow("8 bits") << 8 << stream << Codes{1, 2, 3, 255} << Words{0xFF030201U};
    // Signed values -8, -7, -1, 0, 1, 2, 6, 7 plus 8, and so on.
    QTest::newRow("signed, 4 bits") << 4 << stream << Codes{0, 1, 7, 8, 9, 10, 14, 15} << Words{0xFEA98710U};
    QTest::newRow("signed, 8 bits") << 8 << stream << Codes{0, 127, 128, 255} << Words{0xFF807F00U};
    QTest::newRow("tail is zero bits") << 4 << stream << Codes{0, 15, 8} << Words{0x000008F0U};
    QTest::newRow("zero points") << 4 << stream << Codes{0, 7, 8, 15, 11, 4, 9, 10} << Words{0xA94BF870U};
    const Codes mod8 = range(32, [](int i) { return i % 8; });
    QTest::newRow("3 bits, stream") << 3 << stream << mod8 << Words{0x88FAC688U, 0xC688FAC6U, 0xFAC688FAU};
    QTest::newRow("3 bits, stream, other") << 3 << stream << range(32, [](int i) { return (5 * i + 3) % 8; })
                                           << Words{0x43C67543U, 0x7543C675U, 0xC67543C6U};
    QTest::newRow("3 bits, whole codes") << 3 << whole << mod8
                                         << Words{0x08FAC688U, 0x1A23EB1AU, 0x2C688FACU, 0x0000003EU};
}

void TestPacking::publishedWords()
{
    QFETCH(const int, bits);
    QFETCH(const int, layout);
    QFETCH(const Codes, codes);
    QFETCH(const Words, words);
    QCOMPARE(pack(codes, bits, static_cast<WordLayout>(layout)), words);
    QCOMPARE(unpack(words, codes.size(), bits, static_cast<WordLayout>(layout)), codes);
}

void TestPacking::publishedChecksums_data()
{
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("layout");
    QTest::addColumn<unsigned>("crc");
    QTest::newRow("4 bits") << 4 << static_cast<int>(WordLayout::Stream) << 0x0412AF2DU;
    QTest::newRow("8 bits") << 8 << static_cast<int>(WordLayout::Stream) << 0x2F946FD0U;
    QTest::newRow("3 bits, stream") << 3 << static_cast<int>(WordLayout::Stream) << 0x21704D28U;
    QTest::newRow("3 bits, whole codes") << 3 << static_cast<int>(WordLayout::WholeCodes) << 0xD7BEAC16U;
}

/// A weight of 256 outputs and 128 inputs with the code (5k + 3n + kn) mod 2^bits at input k of output n.
void TestPacking::publishedChecksums()
{
    QFETCH(const int, bits);
    QFETCH(const int, layout);
    QFETCH(const unsigned, crc);
    Words all;
    for (int n = 0; n < 256; ++n) {
        Codes row;
        for (int k = 0; k < 128; ++k) {
            row.push_back(static_cast<std::uint8_t>((5 * k + 3 * n + k * n) % (1 << bits)));
        }
        const Words words = pack(row, bits, static_cast<WordLayout>(layout));
        all.insert(all.end(), words.begin(), words.end());
    }
    const auto bytes = std::as_bytes(std::span(all));
    const auto sum = ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
    QCOMPARE(static_cast<unsigned>(sum), crc);
}

QTEST_GUILESS_MAIN(TestPacking)
#include "tst_packing.moc"
