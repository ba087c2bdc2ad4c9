// SPDX-License-Identifier: Apache-2.0
// The order of codes, zero points and scales in a TurboMind workspace: the published worked examples.
#include "core/format/turbomindlayout.h"

#include "core/format/turbomindconfig.h"

#include <QTest>

#include <array>
#include <cstring>
#include <zlib.h>

using namespace bitlathe;
using namespace bitlathe::format;

namespace
{

std::uint32_t crc(std::span<const std::byte> bytes)
{
    return static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<unsigned>(bytes.size())));
}

std::uint32_t wordAt(std::span<const std::byte> bytes, std::size_t index)
{
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data() + 4 * index, sizeof word);
    return word;
}

/// AWQ words of codes [rows][cols].
template <typename Code>
std::vector<std::byte> awqWords(std::int64_t rows, std::int64_t cols, const Code& code)
{
    constexpr std::array<std::int64_t, 8> kOrder{0, 2, 4, 6, 1, 3, 5, 7};
    std::vector<std::byte> bytes(static_cast<std::size_t>(rows * cols / 2));
    for (std::int64_t i = 0; i < rows * cols / 8; ++i) {
        std::uint32_t word = 0;
        for (std::size_t nibble = 0; nibble < 8; ++nibble) {
            const std::int64_t col = i % (cols / 8) * 8 + kOrder[nibble];
            word |= static_cast<std::uint32_t>(code(i / (cols / 8), col)) << (4 * nibble);
        }
        std::memcpy(bytes.data() + 4 * i, &word, sizeof word);
    }
    return bytes;
}

/// The worked example's codes.
int exampleCode(std::int64_t k, std::int64_t n)
{
    return static_cast<int>((5 * k + 3 * n + k * n % 7) % 16);
}

/// A matrix of these columns of layers of 64 outputs.
MatrixLayout layoutOf(std::vector<MatrixLayout::Column> columns, std::size_t sources)
{
    MatrixLayout matrix;
    matrix.sources.resize(sources);
    matrix.inputs = 64;
    matrix.columns = std::move(columns);
    return matrix;
}

} // namespace

class TestTurbomindLayout : public QObject
{
    Q_OBJECT

private slots:
    void workedTiles();
    void workedHalves();
    void workedPairs();
    void workedScales();
};

void TestTurbomindLayout::workedTiles()
{
    std::vector<MatrixLayout::Column> columns;
    for (std::int32_t i = 0; i < 64; ++i) {
        columns.push_back({0, i});
    }
    const MatrixLayout matrix = layoutOf(columns, 1);
    const auto words = awqWords(64, 64, exampleCode);
    QCOMPARE(wordAt(words, 0), 0x5f932c60U);
    QCOMPARE(crc(words), 0x167c3637U);
    const auto tiled = rankCodes(matrix, 0, {words});
    constexpr std::array<std::uint32_t, 8> kFirst{0x7de51880, 0xb1073a80, 0x9d0538a0, 0xaefb2ee4,
                                                  0x37afd24a, 0x4895c88e, 0x57cff26a, 0x3c82b57b};
    for (std::size_t i = 0; i < kFirst.size(); ++i) {
        QCOMPARE(wordAt(tiled, i), kFirst[i]);
    }
    QCOMPARE(wordAt(tiled, 128), 0x8e295c80U);
    QCOMPARE(wordAt(tiled, 256), 0xbd2558c0U);
    QCOMPARE(crc(tiled), 0x61181b70U);
    QCOMPARE(layerCodes(matrix, 0, {tiled}), words);
}

/// Queries and keys of heads of 32: the word of the first eight columns.
void TestTurbomindLayout::workedHalves()
{
    TurbomindConfig config;
    config.heads = 2;
    config.kvHeads = 2;
    config.headDim = 32;
    config.intermediate = 64;
    const MatrixLayout matrix = matrixLayouts(config).front();
    const auto permuted = awqWords(64, 64, [&](std::int64_t k, std::int64_t n) {
        return exampleCode(k, matrix.columns[static_cast<std::size_t>(n)].column);
    });
    QCOMPARE(wordAt(permuted, 0), 0x96309630U);
}

/// Gate and up side by side.
void TestTurbomindLayout::workedPairs()
{
    TurbomindConfig config;
    config.heads = 2;
    config.kvHeads = 2;
    config.headDim = 32;
    config.intermediate = 64;
    config.weightType = "int4";
    config.groupSize = 32;
    const MatrixLayout matrix = matrixLayouts(config)[2];
    QCOMPARE(matrix.name, std::string("feed_forward.w13"));
    const auto fused = awqWords(64, 128, [&](std::int64_t k, std::int64_t n) {
        const MatrixLayout::Column& column = matrix.columns[static_cast<std::size_t>(n)];
        const int code = exampleCode(k, column.column);
        return column.source == 0 ? code : 15 - code;
    });
    QCOMPARE(wordAt(fused, 0), 0x69cf9630U);
    QCOMPARE(wordAt(fused, 1), 0xad0352fcU);
}

void TestTurbomindLayout::workedScales()
{
    std::vector<MatrixLayout::Column> columns;
    for (std::int32_t i = 0; i < 64; ++i) {
        columns.push_back({0, i});
    }
    const MatrixLayout matrix = layoutOf(columns, 1);
    constexpr std::array kZeros{7, 8, 0, 15};
    constexpr std::array<std::uint16_t, 4> kScales{0x211f, 0x251f, 0x3800, 0x3555};
    const auto zeros =
        awqWords(2, 64, [&](std::int64_t, std::int64_t n) { return kZeros[static_cast<std::size_t>(n % 4)]; });
    std::vector<std::byte> scales(2 * 64 * 2);
    for (std::size_t i = 0; i < 128; ++i) {
        std::memcpy(scales.data() + 2 * i, &kScales[i % 4], 2);
    }
    const auto pairs = rankScales(matrix, 0, 32, {zeros}, {scales});
    // The bytes 7054 1f21 8054 1f25 0054 0038 f054 5535.
    QCOMPARE(wordAt(pairs, 0), 0x211f5470U);
    QCOMPARE(wordAt(pairs, 1), 0x251f5480U);
    QCOMPARE(wordAt(pairs, 2), 0x38005400U);
    QCOMPARE(wordAt(pairs, 3), 0x355554f0U);
    QCOMPARE(layerZeros(matrix, 0, 32, {pairs}), zeros);
    QCOMPARE(layerScales(matrix, 0, 32, {pairs}), scales);
}

QTEST_GUILESS_MAIN(TestTurbomindLayout)
#include "tst_turbomindlayout.moc"
