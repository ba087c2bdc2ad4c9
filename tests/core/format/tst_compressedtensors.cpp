// SPDX-License-Identifier: Apache-2.0
// compressed-tensors: what is written, bit by bit, what the original tool wrote, and files that lie.
#include "core/format/compressedtensors.h"

#include "formatfixtures.h"
#include "kernels/scalars.h"

#include <cstring>

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;
using checkpoint::DType;
using quant::Scheme;

namespace
{

Scheme makeScheme(int bits, std::int64_t groupSize, bool symmetric, DType scaleDType = DType::BF16)
{
    Scheme scheme;
    scheme.bits = bits;
    scheme.groupSize = groupSize;
    scheme.symmetric = symmetric;
    scheme.scaleDType = scaleDType;
    return scheme;
}

std::uint32_t wordAt(const EncodedTensor& tensor, std::size_t index)
{
    std::uint32_t word = 0;
    std::memcpy(&word, tensor.bytes.data() + 4 * index, 4);
    return word;
}

const EncodedTensor* find(const std::vector<EncodedTensor>& tensors, const std::string& name)
{
    const auto it = std::ranges::find(tensors, name, [](const EncodedTensor& tensor) { return tensor.plan.name; });
    return it == tensors.end() ? nullptr : &*it;
}

/// A model of one layer, and the configuration that this format writes for it.
model::ModelSpec oneLayer(std::int64_t out, std::int64_t in)
{
    model::ModelSpec spec;
    spec.headName = "lm_head.weight";
    spec.linears.push_back(layer("model.layers.0.mlp.up_proj", out, in));
    return spec;
}

Json configOf(const model::ModelSpec& spec, const Scheme& scheme)
{
    return {{"quantization_config", *compressedTensorsFormat().quantizationConfig(spec, {scheme})}};
}

/// Changes one tensor of an encoded layer before it is written, and gives the error of reading it.
template <typename Change>
Error readChanged(const Scheme& scheme, const Change& change)
{
    const model::ModelSpec spec = oneLayer(24, 64);
    auto encoded = *compressedTensorsFormat().encode(spec.linears[0], randomTensor(scheme, 24, 64, 3), DType::BF16);
    Json config = configOf(spec, scheme);
    change(encoded, config);
    const TempFolder temp;
    writeFolder(temp / "model", encoded, config);
    const auto opened = checkpoint::Checkpoint::open(temp / "model");
    if (!opened) {
        return opened.error();
    }
    const auto schemes = compressedTensorsFormat().schemes(**opened, spec);
    if (!schemes) {
        return schemes.error();
    }
    const auto tensor = compressedTensorsFormat().decode(**opened, spec.linears[0], *schemes->front());
    return tensor ? Error{} : tensor.error();
}

} // namespace

class TestCompressedTensors : public QObject
{
    Q_OBJECT

private slots:
    void writesCodesBitByBit_data();
    void writesCodesBitByBit();
    void zeroPointsOfThePublishedVector();
    void perTensorScaleIsRepeated();
    void planTellsWhatEncodeGives();
    void readsGolden_data();
    void readsGolden();
    void writesGoldenAgain();
    void refusesSchemes_data();
    void refusesSchemes();
    void readsOldThreeBitLayout();
    void readsGroupIndex();
    void badFiles();
    void integerIsForEightBits_data();
    void integerIsForEightBits();
    void integerBytesAndConfiguration();
    void readsNaiveQuantized();
};

void TestCompressedTensors::writesCodesBitByBit_data()
{
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("groupSize");
    QTest::addColumn<bool>("symmetric");
    QTest::addColumn<int>("out");
    QTest::addColumn<int>("in");
    int number = 0;
    for (const int bits : {2, 4, 8}) {
        for (const bool symmetric : {true, false}) {
            const auto row = [&](int groupSize, int out, int in) {
                QTest::addRow("%d: %d bits, groups of %d, [%d, %d]", ++number, bits, groupSize, out, in)
                    << bits << groupSize << symmetric << out << in;
            };
            row(16, 24, 64);
            row(32, 7, 96);
            row(128, 33, 256);
            row(-1, 5, 13);
            row(-1, 64, 100);
            row(-2, 9, 31);
        }
    }
}

void TestCompressedTensors::writesCodesBitByBit()
{
    QFETCH(const int, bits);
    QFETCH(const int, groupSize);
    QFETCH(const bool, symmetric);
    QFETCH(const int, out);
    QFETCH(const int, in);
    const Scheme scheme = makeScheme(bits, groupSize, symmetric);
    const model::ModelSpec spec = oneLayer(out, in);
    const model::LinearSpec& linear = spec.linears[0];
    const auto tensor = randomTensor(scheme, out, in, static_cast<unsigned>(bits * in + out));
    const auto encoded = compressedTensorsFormat().encode(linear, tensor, DType::BF16);
    BITLATHE_VERIFY_OK(encoded);
    const auto* packed = find(*encoded, linear.name + ".weight_packed");
    QVERIFY(packed != nullptr);
    const std::size_t wordsPerRow = static_cast<std::size_t>(packed->plan.shape[1]);
    const std::size_t perWord = 32U / static_cast<unsigned>(bits);
    const unsigned mask = (1U << bits) - 1U;
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(in));
    for (int row = 0; row < out; ++row) {
        tensor.unpackRow(row, codes);
        codes.resize(wordsPerRow * perWord); // Padding is zero bits.
        for (std::size_t col = 0; col < codes.size(); ++col) {
            const auto word = wordAt(*packed, static_cast<std::size_t>(row) * wordsPerRow + col / perWord);
            QCOMPARE((word >> (col % perWord * static_cast<unsigned>(bits))) & mask, static_cast<unsigned>(codes[col]));
        }
        codes.resize(static_cast<std::size_t>(in));
    }
    const auto* zeros = find(*encoded, linear.name + ".weight_zero_point");
    QCOMPARE(zeros != nullptr, !symmetric);
    const auto groups = static_cast<std::size_t>(tensor.groups());
    for (std::size_t row = 0; zeros != nullptr && row < static_cast<std::size_t>(out); ++row) {
        for (std::size_t group = 0; group < groups; ++group) {
            const auto word = wordAt(*zeros, row / perWord * groups + group);
            const int expected = tensor.zero(static_cast<std::int64_t>(row), static_cast<std::int64_t>(group));
            QCOMPARE(static_cast<int>((word >> (row % perWord * static_cast<unsigned>(bits))) & mask), expected);
        }
    }
    const TempFolder temp;
    writeFolder(temp / "model", *encoded, configOf(spec, scheme));
    const auto checkpoint = checkpoint::Checkpoint::open(temp / "model");
    BITLATHE_VERIFY_OK(checkpoint);
    QVERIFY(compressedTensorsFormat().recognizes(**checkpoint));
    const auto schemes = compressedTensorsFormat().schemes(**checkpoint, spec);
    BITLATHE_VERIFY_OK(schemes);
    const auto read = compressedTensorsFormat().decode(**checkpoint, linear, *schemes->front());
    BITLATHE_VERIFY_OK(read);
    QCOMPARE(read->codes, tensor.codes);
    QCOMPARE(read->dequantize(), tensor.dequantize());
}

void TestCompressedTensors::zeroPointsOfThePublishedVector()
{
    const Scheme scheme = makeScheme(4, quant::kPerChannel, false);
    auto tensor = randomTensor(scheme, 8, 32, 1);
    tensor.zeros = {0, 7, 8, 15, 11, 4, 9, 10}; // -8, -1, 0, 7, 3, -4, 1, 2
    const auto encoded = compressedTensorsFormat().encode(layer("l", 8, 32), tensor, DType::BF16);
    BITLATHE_VERIFY_OK(encoded);
    QCOMPARE(wordAt(*find(*encoded, "l.weight_zero_point"), 0), 0xA94BF870U);
    std::array<std::int64_t, 2> shape{};
    std::memcpy(shape.data(), find(*encoded, "l.weight_shape")->bytes.data(), sizeof shape);
    QCOMPARE(shape, (std::array<std::int64_t, 2>{8, 32}));
}

void TestCompressedTensors::perTensorScaleIsRepeated()
{
    const Scheme scheme = makeScheme(8, quant::kPerTensor, false);
    const auto tensor = randomTensor(scheme, 6, 16, 5);
    const auto encoded = compressedTensorsFormat().encode(layer("l", 6, 16), tensor, DType::BF16);
    BITLATHE_VERIFY_OK(encoded);
    QCOMPARE(find(*encoded, "l.weight_scale")->plan.shape, (checkpoint::Shape{6, 1}));
    const Json config = configOf(oneLayer(6, 16), scheme)["quantization_config"];
    VERIFY_JSON(config["config_groups"]["group_0"]["weights"]["strategy"], Json("channel"));
}

void TestCompressedTensors::planTellsWhatEncodeGives()
{
    for (const int bits : {2, 4, 8}) {
        for (const bool symmetric : {true, false}) {
            for (const bool actOrder : {true, false}) {
                Scheme scheme = makeScheme(bits, 32, symmetric, DType::F16);
                scheme.actOrder = actOrder;
                const auto linear = layer("l", 20, 96);
                const auto plan = compressedTensorsFormat().plan(linear, scheme, DType::F16);
                const auto encoded =
                    compressedTensorsFormat().encode(linear, randomTensor(scheme, 20, 96, 2), DType::F16);
                BITLATHE_VERIFY_OK(encoded);
                QCOMPARE(encoded->size(), plan.size());
                for (std::size_t i = 0; i < plan.size(); ++i) {
                    QCOMPARE((*encoded)[i].plan.name, plan[i].name);
                    std::uint64_t bytes = checkpoint::dtypeBytes(plan[i].dtype);
                    for (const std::int64_t dimension : plan[i].shape) {
                        bytes *= static_cast<std::uint64_t>(dimension);
                    }
                    QCOMPARE(static_cast<std::uint64_t>((*encoded)[i].bytes.size()), bytes);
                }
            }
        }
    }
}

void TestCompressedTensors::readsGolden_data()
{
    QTest::addColumn<QString>("folder");
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("groupSize");
    QTest::addColumn<int>("activationBits");
    QTest::newRow("W4A16") << "ct-w4a16-g128" << 4 << 128 << 0;
    QTest::newRow("W8A8") << "ct-w8a8-int8" << 8 << static_cast<int>(quant::kPerChannel) << 8;
}

void TestCompressedTensors::readsGolden()
{
    BITLATHE_NEED_SHARED();
    QFETCH(const QString, folder);
    QFETCH(const int, bits);
    QFETCH(const int, groupSize);
    QFETCH(const int, activationBits);
    const auto path = sharedFolder() / "golden" / folder.toStdString();
    const auto opened = checkpoint::Checkpoint::open(path);
    BITLATHE_VERIFY_OK(opened);
    const model::ModelSpec spec = demoLayers();
    const Format& format = bits == 8 ? compressedTensorsInt8Format() : compressedTensorsFormat();
    QVERIFY(format.recognizes(**opened));
    const auto schemes = format.schemes(**opened, spec);
    BITLATHE_VERIFY_OK(schemes);
    QVERIFY(format.findings(**opened, spec, *schemes).empty());
    const Json golden = readJsonFile(path / "golden.json");
    const Json& hashes = golden["sha256_dequant_fp32"];
    QCOMPARE(hashes.size(), spec.linears.size());
    const auto dequantized = checkpoint::Checkpoint::open(path / "dequant.safetensors");
    BITLATHE_VERIFY_OK(dequantized);
    int compared = 0;
    for (const model::LinearSpec& linear : spec.linears) {
        const auto& scheme = (*schemes)[linear.id.index()];
        QVERIFY(scheme.has_value());
        Scheme expected = makeScheme(bits, groupSize, true);
        expected.activationBits = activationBits;
        QCOMPARE(*scheme, expected);
        const auto tensor = format.decode(**opened, linear, *scheme);
        BITLATHE_VERIFY_OK(tensor);
        const std::vector<float> values = tensor->dequantize();
        QCOMPARE(sha256OfValues(values), hashes[linear.name].get<std::string>());
        if (const auto* entry = (*dequantized)->find(linear.weightName())) {
            const std::vector<float> rounded = checkpoint::toF32((*dequantized)->view(*entry));
            for (std::size_t i = 0; i < values.size(); ++i) {
                QCOMPARE(static_cast<float>(kernels::F16(values[i])), rounded[i]);
            }
            ++compared;
        }
    }
    QCOMPARE(compared, 3);
}

void TestCompressedTensors::writesGoldenAgain()
{
    BITLATHE_NEED_SHARED();
    const auto opened = checkpoint::Checkpoint::open(sharedFolder() / "golden/ct-w4a16-g128");
    BITLATHE_VERIFY_OK(opened);
    const model::ModelSpec spec = demoLayers();
    const auto schemes = compressedTensorsFormat().schemes(**opened, spec);
    BITLATHE_VERIFY_OK(schemes);
    std::size_t tensors = 0;
    for (const model::LinearSpec& linear : spec.linears) {
        const auto tensor = compressedTensorsFormat().decode(**opened, linear, *(*schemes)[linear.id.index()]);
        BITLATHE_VERIFY_OK(tensor);
        const auto encoded = compressedTensorsFormat().encode(linear, *tensor, DType::BF16);
        BITLATHE_VERIFY_OK(encoded);
        for (const EncodedTensor& part : *encoded) {
            const auto original = (*opened)->tensor(part.plan.name, part.plan.shape);
            BITLATHE_VERIFY_OK(original);
            QCOMPARE(original->dtype, part.plan.dtype);
            QVERIFY2(std::ranges::equal(original->bytes, part.bytes), part.plan.name.c_str());
            ++tensors;
        }
    }
    QCOMPARE(tensors, 3 * spec.linears.size());
}

void TestCompressedTensors::refusesSchemes_data()
{
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("groupSize");
    QTest::addColumn<bool>("ok");
    QTest::newRow("4 bits") << 4 << 128 << true;
    QTest::newRow("2 bits") << 2 << 16 << true;
    QTest::newRow("8 bits per channel") << 8 << static_cast<int>(quant::kPerChannel) << true;
    QTest::newRow("3 bits") << 3 << 128 << false;
    QTest::newRow("5 bits") << 5 << 128 << false;
    QTest::newRow("6 bits") << 6 << static_cast<int>(quant::kPerChannel) << false;
    QTest::newRow("ragged group") << 4 << 96 << false;
    QTest::newRow("group above the row") << 4 << 512 << false;
}

void TestCompressedTensors::refusesSchemes()
{
    QFETCH(const int, bits);
    QFETCH(const int, groupSize);
    QFETCH(const bool, ok);
    const auto checked =
        compressedTensorsFormat().check(makeScheme(bits, groupSize, true), layer("some.layer", 8, 256));
    QCOMPARE(checked.has_value(), ok);
    if (!ok) {
        QCOMPARE(checked.error().code, ErrorCode::NotSupported);
        QCOMPARE(checked.error().subject, std::string("some.layer"));
        QVERIFY(!checked.error().advice.empty());
    }
}

/// Ten codes in a word, as older versions wrote it; the wider tensor tells.
void TestCompressedTensors::readsOldThreeBitLayout()
{
    const model::ModelSpec spec = oneLayer(4, 128);
    const model::LinearSpec& linear = spec.linears[0];
    const Scheme scheme = makeScheme(3, quant::kPerChannel, true);
    const auto tensor = randomTensor(scheme, 4, 128, 11);
    std::vector<std::uint32_t> words(4 * 13);
    std::vector<std::uint8_t> codes(128);
    for (std::size_t row = 0; row < 4; ++row) {
        tensor.unpackRow(static_cast<std::int64_t>(row), codes);
        for (std::size_t col = 0; col < codes.size(); ++col) {
            words[row * 13 + col / 10] |= static_cast<std::uint32_t>(codes[col]) << (3 * (col % 10));
        }
    }
    const auto bytes = std::as_bytes(std::span(words));
    std::vector<std::byte> scales(4 * sizeof(float));
    std::memcpy(scales.data(), tensor.scales.data(), scales.size());
    const TempFolder temp;
    writeFolder(temp / "model",
                {{{linear.name + ".weight_packed", DType::I32, {4, 13}}, {bytes.begin(), bytes.end()}},
                 {{linear.name + ".weight_scale", DType::F32, {4, 1}}, scales}},
                configOf(spec, scheme));
    const auto opened = checkpoint::Checkpoint::open(temp / "model");
    BITLATHE_VERIFY_OK(opened);
    const auto schemes = compressedTensorsFormat().schemes(**opened, spec);
    BITLATHE_VERIFY_OK(schemes);
    const auto read = compressedTensorsFormat().decode(**opened, linear, *schemes->front());
    BITLATHE_VERIFY_OK(read);
    QCOMPARE(read->codes, tensor.codes);
}

void TestCompressedTensors::readsGroupIndex()
{
    Scheme scheme = makeScheme(4, 32, false);
    scheme.actOrder = true;
    const model::ModelSpec spec = oneLayer(16, 96);
    auto tensor = randomTensor(scheme, 16, 96, 4);
    for (std::int32_t col = 0; col < 96; ++col) {
        tensor.groupIndex.push_back(col % 3);
    }
    const auto encoded = compressedTensorsFormat().encode(spec.linears[0], tensor, DType::BF16);
    BITLATHE_VERIFY_OK(encoded);
    const TempFolder temp;
    writeFolder(temp / "model", *encoded, configOf(spec, scheme));
    const auto opened = checkpoint::Checkpoint::open(temp / "model");
    BITLATHE_VERIFY_OK(opened);
    const auto schemes = compressedTensorsFormat().schemes(**opened, spec);
    BITLATHE_VERIFY_OK(schemes);
    QVERIFY(schemes->front()->actOrder);
    const auto read = compressedTensorsFormat().decode(**opened, spec.linears[0], *schemes->front());
    BITLATHE_VERIFY_OK(read);
    QCOMPARE(read->groupIndex, tensor.groupIndex);
    QCOMPARE(read->dequantize(), tensor.dequantize());
}

void TestCompressedTensors::badFiles()
{
    using Tensors = std::vector<EncodedTensor>;
    const Scheme scheme = makeScheme(4, 32, false);
    const auto wrong = [](ErrorCode code, const char* subject, const Error& error) {
        QCOMPARE(error.code, code);
        QVERIFY2(error.subject.find(subject) != std::string::npos ||
                     error.expected.english().find(subject) != std::string::npos,
                 error.sentence().c_str());
    };
    const auto drop = [&](std::size_t index) {
        return readChanged(scheme, [index](Tensors& tensors, Json&) {
            tensors.erase(tensors.begin() + static_cast<std::ptrdiff_t>(index));
        });
    };
    wrong(ErrorCode::TensorMissing, "weight_packed", drop(0));
    wrong(ErrorCode::TensorMissing, "weight_scale", drop(1));
    wrong(ErrorCode::TensorMissing, "weight_zero_point", drop(3));
    wrong(ErrorCode::TensorInvalid, "weight_packed", readChanged(scheme, [](Tensors& tensors, Json&) {
              tensors[0].plan.shape = {12, 16};
          }));
    wrong(ErrorCode::TensorInvalid, "weight_scale", readChanged(scheme, [](Tensors& tensors, Json&) {
              tensors[1].plan.shape = {2, 24};
          }));
    wrong(ErrorCode::TensorInvalid, "weight_scale",
          readChanged(scheme, [](Tensors& tensors, Json&) { tensors[1].plan.dtype = DType::I16; }));
    wrong(ErrorCode::TensorInvalid, "weight_shape",
          readChanged(scheme, [](Tensors& tensors, Json&) { tensors[2].bytes[0] = std::byte{25}; }));
    wrong(ErrorCode::TensorInvalid, "weight_zero_point", readChanged(scheme, [](Tensors& tensors, Json&) {
              tensors[3].plan.shape = {2, 3};
          }));
    wrong(ErrorCode::WeightsNotFinite, "weight_scale", readChanged(scheme, [](Tensors& tensors, Json&) {
              tensors[1].bytes[0] = std::byte{0xc0};
              tensors[1].bytes[1] = std::byte{0x7f};
          }));
    Scheme ordered = scheme;
    ordered.actOrder = true;
    wrong(ErrorCode::TensorInvalid, "weight_g_idx",
          readChanged(ordered, [](Tensors& tensors, Json&) { tensors.back().bytes[0] = std::byte{2}; }));
    wrong(ErrorCode::ConfigInvalid, "num_bits", readChanged(scheme, [](Tensors&, Json& config) {
              config["quantization_config"]["config_groups"]["group_0"]["weights"]["num_bits"] = "four";
          }));
}

void TestCompressedTensors::integerIsForEightBits_data()
{
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("groupSize");
    QTest::addColumn<bool>("symmetric");
    QTest::addColumn<bool>("ok");
    QTest::newRow("8 bits a row") << 8 << static_cast<int>(quant::kPerChannel) << true << true;
    QTest::newRow("8 bits for all") << 8 << static_cast<int>(quant::kPerTensor) << true << true;
    QTest::newRow("groups") << 8 << 128 << true << false;
    QTest::newRow("zero points") << 8 << static_cast<int>(quant::kPerChannel) << false << false;
    QTest::newRow("4 bits") << 4 << static_cast<int>(quant::kPerChannel) << true << false;
}

void TestCompressedTensors::integerIsForEightBits()
{
    QFETCH(const int, bits);
    QFETCH(const int, groupSize);
    QFETCH(const bool, symmetric);
    QFETCH(const bool, ok);
    const auto checked =
        compressedTensorsInt8Format().check(makeScheme(bits, groupSize, symmetric), layer("some.layer", 8, 256));
    QCOMPARE(checked.has_value(), ok);
    if (!ok) {
        QCOMPARE(checked.error().code, ErrorCode::NotSupported);
        QCOMPARE(checked.error().subject, std::string("some.layer"));
    }
}

/// Codes 0, 127, 128 and 255 are the bytes -128, -1, 0 and 127; the configuration tells runtimes to quantize inputs.
void TestCompressedTensors::integerBytesAndConfiguration()
{
    const Scheme scheme = makeScheme(8, quant::kPerChannel, true);
    const model::ModelSpec spec = oneLayer(2, 4);
    auto tensor = randomTensor(scheme, 2, 4, 1);
    tensor.codes = {0, 127, 128, 255, 1, 2, 3, 4};
    const auto encoded = compressedTensorsInt8Format().encode(spec.linears[0], tensor, DType::BF16);
    BITLATHE_VERIFY_OK(encoded);
    QCOMPARE(encoded->size(), std::size_t{2});
    const auto* bytes =
        reinterpret_cast<const std::int8_t*>(find(*encoded, spec.linears[0].weightName())->bytes.data());
    QCOMPARE(std::vector<std::int8_t>(bytes, bytes + 4), (std::vector<std::int8_t>{-128, -1, 0, 127}));
    const auto config = compressedTensorsInt8Format().quantizationConfig(spec, {scheme});
    BITLATHE_VERIFY_OK(config);
    VERIFY_JSON((*config)["format"], Json("int-quantized"));
    const Json& group = (*config)["config_groups"]["group_0"];
    VERIFY_JSON(group["weights"]["strategy"], Json("channel"));
    VERIFY_JSON(group["input_activations"]["strategy"], Json("token"));
    VERIFY_JSON(group["input_activations"]["dynamic"], Json(true));
    VERIFY_JSON(group["input_activations"]["num_bits"], Json(8));
}

void TestCompressedTensors::readsNaiveQuantized()
{
    const Scheme scheme = makeScheme(8, quant::kPerChannel, true);
    const model::ModelSpec spec = oneLayer(16, 32);
    const auto tensor = randomTensor(scheme, 16, 32, 9);
    const auto encoded = compressedTensorsInt8Format().encode(spec.linears[0], tensor, DType::BF16);
    BITLATHE_VERIFY_OK(encoded);
    Json config = {{"quantization_config", *compressedTensorsInt8Format().quantizationConfig(spec, {scheme})}};
    config["quantization_config"]["format"] = "naive-quantized";
    const TempFolder temp;
    writeFolder(temp / "model", *encoded, config);
    const auto opened = checkpoint::Checkpoint::open(temp / "model");
    BITLATHE_VERIFY_OK(opened);
    QVERIFY(compressedTensorsInt8Format().recognizes(**opened));
    QVERIFY(!compressedTensorsFormat().recognizes(**opened));
    const auto schemes = compressedTensorsInt8Format().schemes(**opened, spec);
    BITLATHE_VERIFY_OK(schemes);
    const auto read = compressedTensorsInt8Format().decode(**opened, spec.linears[0], *schemes->front());
    BITLATHE_VERIFY_OK(read);
    QCOMPARE(read->dequantize(), tensor.dequantize());
}

QTEST_GUILESS_MAIN(TestCompressedTensors)
#include "tst_compressedtensors.moc"
