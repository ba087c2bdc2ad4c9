// SPDX-License-Identifier: Apache-2.0
// Block-wise code books: the books' published bytes, worked examples, odd shapes, double quantization, bad weights.
#include "core/base/hash.h"
#include "core/quant/blockwise.h"
#include "core/quant/codebooks.h"
#include "core/quant/quantizedsource.h"
#include "core/quant/whatif.h"
#include "kernels/cpulevel.h"
#include "kernels/threads.h"
#include "samples.h"
#include "support/tempfolder.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace bitlathe;
using namespace bitlathe::quant;
using namespace bitlathe::tests;

namespace
{

Scheme schemeOf(const Quantizer& method, const MethodOptions& options = {})
{
    return method.completed(method.usualScheme(), options);
}

std::string hashOf(const std::vector<float>& values)
{
    return sha256(std::as_bytes(std::span(values)));
}

/// w[j] = (((37 j) mod 64) - 32) / 40
std::vector<float> exampleWeights()
{
    std::vector<float> weights;
    for (int j = 0; j < 64; ++j) {
        weights.push_back(static_cast<float>((37 * j) % 64 - 32) / 40.0F);
    }
    return weights;
}

/// The codes of a row as files have them: two in a byte, the first in the high half.
QByteArray packedHex(const QuantizedTensor& tensor)
{
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(tensor.cols));
    tensor.unpackRow(0, codes);
    QByteArray bytes;
    for (std::size_t i = 0; i < codes.size(); i += 2) {
        bytes.append(static_cast<char>(codes[i] << 4U | codes[i + 1]));
    }
    return bytes.toHex();
}

QuantizedTensor encoded(std::span<const float> weights, std::int64_t rows, std::int64_t cols, const Scheme& scheme)
{
    auto tensor = encodeBlockwise(weights, rows, cols, scheme, "layer", {});
    return tensor.value();
}

} // namespace

class TestBlockwise : public QObject
{
    Q_OBJECT

private slots:
    void cleanup();
    void books();
    void workedExampleNf4();
    void workedExampleFp4();
    void workedExamplesOfDoubleQuantization();
    void blocksGoOnOverRows();
    void zeroBlocks();
    void sizes();
    void doubleQuantizationCostsLittle();
    void eightBitBooks_data();
    void eightBitBooks();
    void quantilesAreTakenEquallyOften();
    void packedProductIsThatOfTheWeights();
    void levelsAndThreadsGiveTheSameBytes();
    void whatIfShowsTheGrid();
    void refusesSchemes_data();
    void refusesSchemes();
    void notFinite();
};

void TestBlockwise::cleanup()
{
    kernels::setCpuLevel(kernels::detectedCpuLevel());
    kernels::setThreadCount(0);
}

/// SHA-256 of the maps that bitsandbytes 0.50.2 writes.
void TestBlockwise::books()
{
    QCOMPARE(hashOf(bookValues(BookKind::Nf4)),
             std::string("8501941daa1b8a90ad1bbfeb632e5101b5dddbc4bb52d6e55abcfd777e60c06a"));
    QCOMPARE(hashOf(bookValues(BookKind::Fp4)),
             std::string("b830bcf8857895e5676b8e2ce608a60bb8af9b3ce6270073e9de34814196f09c"));
    QCOMPARE(hashOf(bookValues(BookKind::Dynamic)),
             std::string("e732639a65f497b4ad684bb166a4467708255edd5207757de8b8f0c7e1fda89c"));
    const std::vector<float> positive = bookValues(BookKind::DynamicUnsigned);
    QCOMPARE(positive.size(), std::size_t{256});
    QCOMPARE(positive.front(), 0.0F);
    QCOMPARE(positive.back(), 1.0F);
    QVERIFY(std::ranges::is_sorted(positive));
    const std::vector<float> linear = bookValues(BookKind::Linear);
    QCOMPARE(linear.size(), std::size_t{256});
    QCOMPARE(linear.front(), -1.0F);
    QCOMPARE(linear[127], 0.0F);
    QCOMPARE(linear[128], 0.0F);
    QCOMPARE(linear.back(), 1.0F);
}

void TestBlockwise::workedExampleNf4()
{
    const std::vector<float> weights = exampleWeights();
    const QuantizedTensor tensor = encoded(weights, 1, 64, schemeOf(nf4()));
    QCOMPARE(tensor.scales, std::vector<float>{0.8F});
    QCOMPARE(packedHex(tensor), QByteArray("091c3e60a2d4f71b2e5f91c3e60a1d4e71b2d5f81c3e6091c3e70a2d4f81b2e5"));
    const std::vector<float> values = tensor.dequantize();
    const std::array expected{-0.8F,        0.12874417F, -0.55695426F, 0.35256788F,
                              -0.31593400F, 0.57836550F, -0.07284003F, -0.8F};
    double error = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        QVERIFY(i >= expected.size() || std::abs(values[i] - expected[i]) < 5e-9F * 10);
        error += std::pow(static_cast<double>(values[i] - weights[i]), 2) / 64;
    }
    QVERIFY2(std::abs(error - 0.0018444486) < 1e-9, qPrintable(QString::number(error, 'g', 12)));
}

void TestBlockwise::workedExampleFp4()
{
    const QuantizedTensor tensor = encoded(exampleWeights(), 1, 64, schemeOf(fp4()));
    QCOMPARE(packedHex(tensor), QByteArray("b6a5c29b7a5f31a4d2e36a5c2eb7a5c30b4d2f36a4d2eb6a5c29b7d2f31a4d2e"));
}

void TestBlockwise::workedExamplesOfDoubleQuantization()
{
    const NestedScales three = nestScales(std::vector<float>{0.8F, 0.5F, 0.2F});
    QCOMPARE(three.offset, 0.5F);
    QCOMPARE(three.scales, std::vector<float>{0.30000001192092896F});
    QCOMPARE(three.codes, (std::vector<std::uint8_t>{255, 127, 0}));
    QVERIFY(std::abs(nestedScales(three)[2] - 0.20210937F) < 1e-7F);

    const NestedScales four = nestScales(std::vector<float>{0.04F, 0.055F, 0.061F, 0.0485F});
    QCOMPARE(four.offset, 0.05112500116229057F);
    QCOMPARE(four.scales, std::vector<float>{0.011125002056360245F});
    QCOMPARE(four.codes, (std::vector<std::uint8_t>{0, 208, 247, 54}));
    const std::array expected{0.04007822F, 0.05497529F, 0.06107666F, 0.04852627F};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        QVERIFY(std::abs(nestedScales(four)[i] - expected[i]) < 1e-8F);
    }
}

/// Rows of 3 x 50 weights are blocks of 64, 64 and 22: each weight is rounded by the largest of its block.
void TestBlockwise::blocksGoOnOverRows()
{
    const std::vector<float> weights = normalWeights(150, 1);
    const QuantizedTensor tensor = encoded(weights, 3, 50, schemeOf(nf4()));
    QCOMPARE(tensor.scales.size(), std::size_t{3});
    const std::vector<float> values = tensor.dequantize();
    const std::vector<float> book = bookValues(BookKind::Nf4);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::size_t first = i / 64 * 64;
        float most = 0;
        for (std::size_t j = first; j < std::min<std::size_t>(150, first + 64); ++j) {
            most = std::max(most, std::abs(weights[j]));
        }
        QCOMPARE(tensor.scales[i / 64], most);
        float least = 1;
        for (const float value : book) {
            least = std::min(least, std::abs(weights[i] / most - value));
        }
        QVERIFY(std::abs(values[i] / most - weights[i] / most) <= least + 1e-6F);
    }
    std::vector<float> oneRow(50);
    tensor.dequantizeRows(1, 1, oneRow);
    QVERIFY(std::ranges::equal(oneRow, std::span(values).subspan(50, 50)));
}

void TestBlockwise::zeroBlocks()
{
    const std::vector<float> weights(130, 0.0F);
    for (const Quantizer* method : {&nf4(), &fp4(), &int8Blockwise()}) {
        const QuantizedTensor tensor = encoded(weights, 2, 65, schemeOf(*method));
        QCOMPARE(tensor.dequantize(), weights);
        std::vector<std::uint8_t> codes(65);
        tensor.unpackRow(0, codes);
        QCOMPARE(tensor.codeBook[codes.front()], 0.0F);
    }
    std::vector<std::uint8_t> codes(65);
    encoded(weights, 2, 65, schemeOf(nf4())).unpackRow(0, codes);
    QCOMPARE(codes, std::vector<std::uint8_t>(65, 7));
    encoded(weights, 2, 65, schemeOf(fp4())).unpackRow(0, codes);
    QCOMPARE(codes, std::vector<std::uint8_t>(65, 0));
}

void TestBlockwise::sizes()
{
    const std::vector<float> weights = normalWeights(256 * 256, 2);
    const QuantizedTensor plain = encoded(weights, 256, 256, schemeOf(nf4()));
    QCOMPARE(plain.bytesStored(), std::uint64_t{256 * 256 / 2 + 4 * 1024});
    QCOMPARE(plain.bitsPerWeight(), 4.5);
    QCOMPARE(plain.scheme.bitsPerWeight(256, 256), plain.bitsPerWeight());
    MethodOptions options;
    options.bitsAndBytes.doubleQuant = true;
    const QuantizedTensor nested = encoded(weights, 256, 256, schemeOf(nf4(), options));
    QCOMPARE(nested.bytesStored(), std::uint64_t{256 * 256 / 2 + 1024 + 4 * 4 + 4});
    QCOMPARE(nested.scheme.bitsPerWeight(256, 256), nested.bitsPerWeight());
    QCOMPARE(plain.scheme.label(), std::string("nf4, blocks of 64"));
    QCOMPARE(nested.scheme.label(), std::string("nf4, blocks of 64, scales of 8 bits"));
}

void TestBlockwise::doubleQuantizationCostsLittle()
{
    const auto spec = linearSpec(128, 512);
    const std::vector<float> weights = normalWeights(128 * 512, 3);
    MethodOptions options;
    LayerInput input = layerInput(spec, weights, nf4().usualScheme());
    const auto plain = nf4().quantize(input, {});
    BITLATHE_VERIFY_OK(plain);
    input.options.bitsAndBytes.doubleQuant = true;
    const auto nested = nf4().quantize(input, {});
    BITLATHE_VERIFY_OK(nested);
    QVERIFY(nested->tensor->scheme.doubleQuant);
    QVERIFY(nested->quality.weightError < plain->quality.weightError * 1.02);
    QVERIFY(plain->quality.weightError < 0.01);
    QCOMPARE(plain->quality.saturated, nested->quality.saturated);
}

void TestBlockwise::eightBitBooks_data()
{
    QTest::addColumn<int>("map");
    QTest::addColumn<double>("most");
    // The squared error of 8 bits in relation to the weights'.
    QTest::newRow("dynamic") << static_cast<int>(BookKind::Dynamic) << 4e-4;
    QTest::newRow("linear") << static_cast<int>(BookKind::Linear) << 1.2e-4;
    QTest::newRow("quantile") << static_cast<int>(BookKind::Quantile) << 1e-3;
}

void TestBlockwise::eightBitBooks()
{
    QFETCH(const int, map);
    QFETCH(const double, most);
    const auto spec = linearSpec(100, 333);
    const std::vector<float> weights = normalWeights(100 * 333, 4);
    LayerInput input = layerInput(spec, weights, int8Blockwise().usualScheme());
    input.options.bitsAndBytes.map = static_cast<BookKind>(map);
    const auto result = int8Blockwise().quantize(input, {});
    BITLATHE_VERIFY_OK(result);
    QCOMPARE(result->tensor->codeBook.size(), std::size_t{256});
    QCOMPARE(result->tensor->scales.size(), std::size_t{9}); // Blocks of 4096.
    QVERIFY2(result->quality.weightError < most, qPrintable(QString::number(result->quality.weightError)));
}

void TestBlockwise::quantilesAreTakenEquallyOften()
{
    const std::vector<float> weights = normalWeights(1 << 20, 5);
    MethodOptions options;
    options.bitsAndBytes.map = BookKind::Quantile;
    const QuantizedTensor tensor = encoded(weights, 1024, 1024, schemeOf(int8Blockwise(), options));
    QVERIFY(std::ranges::is_sorted(tensor.codeBook));
    std::vector<int> counts(256);
    std::ranges::for_each(tensor.codes, [&](std::uint8_t code) { ++counts[code]; });
    // Every eighth of the values is taken by an eighth of the weights, or half as much again where they were stretched.
    for (std::size_t part = 0; part < 8; ++part) {
        const int sum = std::accumulate(counts.begin() + static_cast<std::ptrdiff_t>(32 * part),
                                        counts.begin() + static_cast<std::ptrdiff_t>(32 * part + 32), 0);
        QVERIFY2(sum > (1 << 20) / 16 && sum < (1 << 20) * 3 / 16, qPrintable(QString::number(sum)));
    }
}

void TestBlockwise::packedProductIsThatOfTheWeights()
{
    for (const std::int64_t cols : {64, 96, 130, 384}) {
        const std::vector<float> weights = normalWeights(70 * cols, 6, 1.0F);
        const auto tensor = std::make_shared<const QuantizedTensor>(encoded(weights, 70, cols, schemeOf(nf4())));
        const std::vector<float> values = tensor->dequantize();
        const auto linear = makeQuantizedLinear(tensor, {}, model::Compute::F32);
        // Codes stay packed, rows filled up to 128 of them, with at most a scale for each 32; but blocks of 64 that lie
        // across the ends of rows of 130 are widened, to panels of 32 columns.
        const std::int64_t filled = (cols + 127) / 128 * 128;
        const std::int64_t packed = 70 * (filled / 2 + filled / 32 * 4) + 512;
        QVERIFY(linear->bytes() <= static_cast<std::uint64_t>(cols == 130 ? 96 * cols * 4 : packed));
        for (const std::int64_t rows : {1, 5}) {
            model::Activations x(rows, cols);
            x.values = normalWeights(rows * cols, 7, 1.0F);
            std::vector<float> y(static_cast<std::size_t>(rows * 70));
            linear->forward(x, y);
            for (std::int64_t row = 0; row < rows; ++row) {
                for (std::int64_t out = 0; out < 70; ++out) {
                    double sum = 0;
                    for (std::int64_t k = 0; k < cols; ++k) {
                        sum += static_cast<double>(x.row(row)[static_cast<std::size_t>(k)]) *
                               static_cast<double>(values[static_cast<std::size_t>(out * cols + k)]);
                    }
                    QVERIFY(std::abs(static_cast<double>(y[static_cast<std::size_t>(row * 70 + out)]) - sum) < 1e-4);
                }
            }
        }
    }
}

void TestBlockwise::levelsAndThreadsGiveTheSameBytes()
{
    const std::vector<float> weights = normalWeights(77 * 1000, 8);
    MethodOptions options;
    options.bitsAndBytes.doubleQuant = true;
    for (const Quantizer* method : {&nf4(), &fp4(), &int8Blockwise()}) {
        const Scheme scheme = schemeOf(*method, options);
        kernels::setCpuLevel(kernels::CpuLevel::Reference);
        const QuantizedTensor expected = encoded(weights, 77, 1000, scheme);
        const std::vector<float> values = expected.dequantize();
        for (const auto level : {kernels::CpuLevel::Avx2, kernels::CpuLevel::Avx512, kernels::CpuLevel::Amx}) {
            for (const int threads : {1, 2}) {
                kernels::setCpuLevel(level);
                kernels::setThreadCount(threads);
                const QuantizedTensor tensor = encoded(weights, 77, 1000, scheme);
                QCOMPARE(tensor.codes, expected.codes);
                QCOMPARE(tensor.scales, expected.scales);
                QCOMPARE(tensor.nested.codes, expected.nested.codes);
                QCOMPARE(tensor.dequantize(), values);
            }
        }
    }
}

void TestBlockwise::whatIfShowsTheGrid()
{
    const auto spec = linearSpec(8, 128);
    const std::vector<float> weights = normalWeights(8 * 128, 9);
    WhatIfOptions options;
    options.row = 3;
    options.group = 1;
    const auto answer = whatIf(nf4(), layerInput(spec, weights, nf4().usualScheme()), options);
    BITLATHE_VERIFY_OK(answer);
    QCOMPARE(answer->gridLines.size(), std::size_t{16});
    const float scale = answer->result.tensor->scales[3 * 2 + 1];
    QCOMPARE(answer->gridLines.front(), -scale);
    QCOMPARE(answer->gridLines.back(), scale);
    QCOMPARE(answer->bitsPerWeight, 4.5);
}

void TestBlockwise::refusesSchemes_data()
{
    QTest::addColumn<QString>("change");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("bits") << "bits"
                          << "bits: expected 4, found 8. ";
    QTest::newRow("block of 48") << "48"
                                 << "group size: expected 64, 128, 256, 512, 1024, 2048 or 4096 weights";
    QTest::newRow("block of 8192") << "8192"
                                   << "group size: expected 64, 128";
    QTest::newRow("channel") << "channel"
                             << "found channel";
    QTest::newRow("asymmetric") << "asymmetric"
                                << "found a setting of integer grids";
    QTest::newRow("scales") << "scales"
                            << "scale type: expected F32";
    QTest::newRow("kind") << "kind"
                          << "kind: expected a code book of the method nf4";
}

void TestBlockwise::refusesSchemes()
{
    QFETCH(const QString, change);
    QFETCH(const QString, sentence);
    Scheme scheme = nf4().usualScheme();
    scheme.bits = change == "bits" ? 8 : 4;
    scheme.groupSize = change == "48" ? 48 : change == "8192" ? 8192 : change == "channel" ? kPerChannel : 64;
    scheme.symmetric = change != "asymmetric";
    scheme.scaleDType = change == "scales" ? checkpoint::DType::F16 : checkpoint::DType::F32;
    scheme.book = change == "kind" ? BookKind::Fp4 : BookKind::Nf4;
    const auto result = nf4().check(scheme);
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::SettingInvalid);
    QVERIFY2(result.error().sentence().find(sentence.toStdString()) != std::string::npos,
             result.error().sentence().c_str());
}

void TestBlockwise::notFinite()
{
    std::vector<float> weights = normalWeights(200, 10);
    weights[131] = std::numeric_limits<float>::quiet_NaN();
    const auto result = encodeBlockwise(weights, 2, 100, schemeOf(nf4()), "layer", {});
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::WeightsNotFinite);
    QVERIFY(result.error().sentence().find("NaN in row 1, column 31") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestBlockwise)
#include "tst_blockwise.moc"
