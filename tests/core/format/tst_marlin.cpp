// SPDX-License-Identifier: Apache-2.0
// Marlin tiles: packed here step by step as their description says, checked by the published checksum, and read.
#include "core/format/marlin.h"

#include "kernels/scalars.h"
#include "layerfolder.h"

#include <map>

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;
using checkpoint::DType;
using quant::QuantizedTensor;
using Tensors = std::vector<EncodedTensor>;

namespace
{

/// The place of (input, output) of a 16 x 64 run in the file: thread by thread, as the kernel loads them.
std::map<std::pair<int, int>, int> placesOfRun()
{
    std::map<std::pair<int, int>, int> places;
    constexpr std::array kNibbles{0, 2, 4, 6, 1, 3, 5, 7};
    int next = 0;
    for (int thread = 0; thread < 32; ++thread) {
        for (int tile = 0; tile < 4; ++tile) {
            std::vector<std::pair<int, int>> eight;
            for (const int half : {0, 8}) {
                for (const int row :
                     {2 * (thread % 4), 2 * (thread % 4) + 1, 2 * (thread % 4) + 8, 2 * (thread % 4) + 9}) {
                    eight.emplace_back(row, 16 * tile + thread / 4 + half);
                }
            }
            for (const int nibble : kNibbles) {
                places[eight[static_cast<std::size_t>(nibble)]] = next++;
            }
        }
    }
    return places;
}

std::vector<std::uint32_t> packTiles(const QuantizedTensor& tensor)
{
    const auto places = placesOfRun();
    std::vector<std::uint32_t> words(static_cast<std::size_t>(tensor.rows * tensor.cols / 8));
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(tensor.cols));
    for (std::int64_t n = 0; n < tensor.rows; ++n) {
        tensor.unpackRow(n, codes);
        for (std::int64_t k = 0; k < tensor.cols; ++k) {
            const int place = places.at({static_cast<int>(k % 16), static_cast<int>(n % 64)});
            const auto nibble = static_cast<std::size_t>(k / 16 * 16 * tensor.rows + n / 64 * 1024 + place);
            words[nibble / 8] |= static_cast<std::uint32_t>(codes[static_cast<std::size_t>(k)]) << (nibble % 8 * 4);
        }
    }
    return words;
}

/// Scales [groups, out] in the order of the file.
std::vector<float> packScales(const QuantizedTensor& tensor)
{
    std::vector<float> stored;
    for (std::int64_t group = 0; group < tensor.groups(); ++group) {
        if (tensor.groups() > 1) {
            for (std::int64_t run = 0; run < tensor.rows; run += 64) {
                for (int i = 0; i < 8; ++i) {
                    for (int j = 0; j < 8; ++j) {
                        stored.push_back(tensor.scale(run + i + 8 * j, group));
                    }
                }
            }
        } else {
            for (std::int64_t run = 0; run < tensor.rows; run += 32) {
                for (int i = 0; i < 4; ++i) {
                    for (const int other : {0, 1, 8, 9, 16, 17, 24, 25}) {
                        stored.push_back(tensor.scale(run + 2 * i + other, group));
                    }
                }
            }
        }
    }
    return stored;
}

std::vector<std::byte> halves(const std::vector<float>& values)
{
    std::vector<std::byte> bytes(2 * values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const kernels::F16 half(values[i]);
        std::memcpy(bytes.data() + 2 * i, &half, 2);
    }
    return bytes;
}

Result<QuantizedTensor> readTiles(const QuantizedTensor& tensor, const char* codes, const char* scales,
                                  const Json& config, const Change& change = {})
{
    const model::ModelSpec spec = oneLayer(tensor.rows, tensor.cols);
    const std::string name = spec.linears[0].name;
    const auto words = packTiles(tensor);
    const auto bytes = std::as_bytes(std::span(words));
    Tensors tensors{{{name + codes, DType::I32, {tensor.cols / 16, 2 * tensor.rows}}, {bytes.begin(), bytes.end()}},
                    {{name + scales, DType::F16, {tensor.groups(), tensor.rows}}, halves(packScales(tensor))}};
    Json quantization = config;
    if (change) {
        change(tensors, quantization);
    }
    const TempFolder temp;
    [&] { writeFolder(temp / "model", tensors, {{"quantization_config", quantization}}); }();
    BITLATHE_TRY(const auto opened, checkpoint::Checkpoint::open(temp / "model"));
    for (const Format* format : readableFormats()) {
        if (format->recognizes(*opened)) {
            return readLayer(*format, temp / "model", spec);
        }
    }
    return fail(ErrorCode::Internal, "folder", Text("a known format"), Text("none"));
}

const Json kGptq{{"quant_method", "gptq"},       {"bits", 4}, {"group_size", 128}, {"sym", true}, {"desc_act", true},
                 {"checkpoint_format", "marlin"}};
const Json kAwq{{"quant_method", "awq"}, {"bits", 4}, {"group_size", -1}, {"zero_point", false}, {"version", "marlin"}};

} // namespace

class TestMarlin : public QObject
{
    Q_OBJECT

private slots:
    void publishedTiles();
    void readsGptq();
    void readsAwq();
    void olderKey();
    void isOnlyRead();
    void badFiles_data();
    void badFiles();
};

/// The packer of this test is right.
void TestMarlin::publishedTiles()
{
    const auto words = packTiles(patternTensor(makeScheme(4, 128, true)));
    const auto bytes = std::as_bytes(std::span(words));
    QCOMPARE(crc({bytes.begin(), bytes.end()}), 0xFC02FA6EU);
    auto small = randomTensor(makeScheme(4, -1, true), 64, 16, 1);
    for (std::size_t n = 0; n < 64; ++n) {
        for (std::size_t pair = 0; pair < 8; ++pair) {
            small.codes[n * 8 + pair] =
                static_cast<std::uint8_t>((2 * pair + 3 * n) % 16 | (2 * pair + 1 + 3 * n) % 16 << 4);
        }
    }
    const auto smallWords = packTiles(small);
    QCOMPARE(smallWords[0], 0x19910880U);
    QCOMPARE(smallWords[3], 0x19910880U);
    QCOMPARE(smallWords[4], 0x3BB32AA2U);
    QCOMPARE(smallWords.back(), 0xC44CB33BU);
}

void TestMarlin::readsGptq()
{
    const auto tensor = randomTensor(makeScheme(4, 128, true), 128, 384, 5);
    const auto read = readTiles(tensor, ".B", ".s", kGptq);
    BITLATHE_VERIFY_OK(read);
    QVERIFY(!read->scheme.actOrder);
    QCOMPARE(read->codes, tensor.codes);
    QCOMPARE(read->dequantize(), tensor.dequantize());
}

void TestMarlin::readsAwq()
{
    const auto tensor = randomTensor(makeScheme(4, quant::kPerChannel, true), 192, 64, 6);
    const auto read = readTiles(tensor, ".qweight", ".scales", kAwq);
    BITLATHE_VERIFY_OK(read);
    QCOMPARE(read->codes, tensor.codes);
    QCOMPARE(read->dequantize(), tensor.dequantize());
}

void TestMarlin::olderKey()
{
    const auto tensor = randomTensor(makeScheme(4, quant::kPerChannel, true), 64, 32, 7);
    const auto read = readTiles(tensor, ".B", ".s", {{"bits", 4}, {"group_size", -1}, {"is_marlin_format", true}});
    BITLATHE_VERIFY_OK(read);
    QCOMPARE(read->dequantize(), tensor.dequantize());
}

void TestMarlin::isOnlyRead()
{
    for (const Format* format : {&gptqMarlinFormat(), &awqMarlinFormat()}) {
        QVERIFY(!findFormat(format->name()).has_value());
        QVERIFY(std::ranges::find(formats(), format) == formats().end());
        const auto checked = format->check(makeScheme(4, 128, true), layer("some.layer", 256, 256));
        QVERIFY(!checked.has_value());
        QCOMPARE(checked.error().code, ErrorCode::NotSupported);
        QVERIFY(!checked.error().advice.empty());
    }
}

void TestMarlin::badFiles_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("subject");
    QTest::newRow("no codes") << "codes"
                              << ".B";
    QTest::newRow("no scales") << "scales"
                               << ".s";
    QTest::newRow("shape") << "shape"
                           << ".B";
    QTest::newRow("group size") << "group"
                                << ".s";
    QTest::newRow("8 bits") << "bits"
                            << "up_proj";
    QTest::newRow("zero points") << "sym"
                                 << "up_proj";
}

void TestMarlin::badFiles()
{
    QFETCH(const QString, what);
    QFETCH(const QString, subject);
    const auto tensor = randomTensor(makeScheme(4, 128, true), 64, 256, 5);
    const auto read = readTiles(tensor, ".B", ".s", kGptq, [&](Tensors& tensors, Json& config) {
        if (what == "codes" || what == "scales") {
            tensors.erase(tensors.begin() + (what == "codes" ? 0 : 1));
        } else if (what == "shape") {
            tensors[0].plan.shape = {8, 256};
        } else if (what == "group") {
            config["group_size"] = 64;
        } else if (what == "bits") {
            config["bits"] = 8;
        } else {
            config["sym"] = false;
        }
    });
    QVERIFY(!read.has_value());
    QVERIFY2(read.error().sentence().find(subject.toStdString()) != std::string::npos, read.error().sentence().c_str());
}

QTEST_GUILESS_MAIN(TestMarlin)
#include "tst_marlin.moc"
