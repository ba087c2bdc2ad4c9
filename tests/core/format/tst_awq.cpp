// SPDX-License-Identifier: Apache-2.0
// AWQ in its three layouts: published words and checksums, layers that stay in full precision, and files that lie.
#include "core/format/awq.h"

#include "core/format/awqconfig.h"
#include "core/format/awqgemv.h"
#include "core/format/awqgroups.h"
#include "kernels/scalars.h"
#include "layerfolder.h"

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;
using checkpoint::DType;
using quant::QuantizedTensor;
using quant::Scheme;
using Tensors = std::vector<EncodedTensor>;

namespace
{

constexpr std::array kFormats{&awqFormat, &awqGemvFormat, &awqGemvFastFormat};

std::uint16_t halfAt(const EncodedTensor& tensor, std::size_t index)
{
    std::uint16_t word = 0;
    std::memcpy(&word, tensor.bytes.data() + 2 * index, 2);
    return word;
}

void addFormats()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < kFormats.size(); ++i) {
        QTest::newRow(std::string(kFormats[i]().name()).c_str()) << static_cast<int>(i);
    }
}

} // namespace

class TestAwq : public QObject
{
    Q_OBJECT

private slots:
    void publishedChecksums();
    void publishedWords();
    void publishedStrips();
    void publishedProducts();
    void paddedGroupCounts();
    void roundTrips_data();
    void roundTrips();
    void symmetricIsWrittenWithZeros_data() { addFormats(); }
    void symmetricIsWrittenWithZeros();
    void refusesSchemes_data();
    void refusesSchemes();
    void configKeys();
    void layersInFullPrecision();
    void mixedSchemesAreRefused();
    void readsOtherSpellings();
    void configOfNoUse_data();
    void configOfNoUse();
    void badFiles_data();
    void badFiles();
};

void TestAwq::publishedChecksums()
{
    const auto tensor = patternTensor(makeScheme(4, 128, false));
    const auto linear = layer("l", 256, 128);
    const auto sum = [&](const Format& format) {
        const auto encoded = format.encode(linear, tensor, DType::F16);
        return encoded ? crc(findEncoded(*encoded, ".qweight")->bytes) : 0;
    };
    QCOMPARE(sum(awqFormat()), 0xACFAD343U);
    QCOMPARE(sum(awqGemvFormat()), 0x0412AF2DU);
    QCOMPARE(sum(awqGemvFastFormat()), 0x57990816U);
}

/// The columns 15, 0, 8, 7, 3, 12, 1, 9, as zero points of one group.
void TestAwq::publishedWords()
{
    auto tensor = randomTensor(makeScheme(4, 32, false), 32, 32, 1);
    const std::array<std::uint8_t, 8> values{15, 0, 8, 7, 3, 12, 1, 9};
    std::ranges::copy(values, tensor.zeros.begin());
    const auto encoded = awqFormat().encode(layer("l", 32, 32), tensor, DType::F16);
    BITLATHE_VERIFY_OK(encoded);
    QCOMPARE(wordAt(*findEncoded(*encoded, ".qzeros"), 0), 0x9C70138FU);
}

/// Four outputs of 64 inputs, q = (k + 4n) mod 16.
void TestAwq::publishedStrips()
{
    auto tensor = randomTensor(makeScheme(4, 64, false), 8, 64, 1);
    for (std::size_t n = 0; n < 8; ++n) {
        for (std::size_t pair = 0; pair < 32; ++pair) {
            const auto low = (2 * pair + 4 * n) % 16;
            const auto high = (2 * pair + 1 + 4 * n) % 16;
            tensor.codes[n * 32 + pair] = static_cast<std::uint8_t>(low | high << 4);
        }
    }
    const auto encoded = awqGemvFastFormat().encode(layer("l", 8, 64), tensor, DType::F16);
    BITLATHE_VERIFY_OK(encoded);
    const EncodedTensor& words = *findEncoded(*encoded, ".qweight");
    constexpr std::array<std::uint16_t, 8> kFirst{0x8080, 0x9191, 0xA2A2, 0xB3B3, 0xC4C4, 0xD5D5, 0xE6E6, 0xF7F7};
    for (std::size_t i = 0; i < 16; ++i) {
        QCOMPARE(halfAt(words, i), kFirst[i % 8]);
    }
    QCOMPARE(halfAt(words, 16), std::uint16_t{0xC4C4});
    QCOMPARE(halfAt(words, 32), std::uint16_t{0x0808});
    QCOMPARE(halfAt(words, 48), std::uint16_t{0x4C4C});
}

/// The scale f16(0.01) with the zero points 7 and 8.
void TestAwq::publishedProducts()
{
    auto tensor = randomTensor(makeScheme(4, 64, false), 8, 64, 1);
    tensor.scales[0] = tensor.scales[1] = static_cast<float>(kernels::F16(0.01F));
    tensor.zeros[0] = 7;
    tensor.zeros[1] = 8;
    const auto encoded = awqGemvFastFormat().encode(layer("l", 8, 64), tensor, DType::F16);
    BITLATHE_VERIFY_OK(encoded);
    QCOMPARE(halfAt(*findEncoded(*encoded, ".scales"), 0), std::uint16_t{0x211F});
    QCOMPARE(halfAt(*findEncoded(*encoded, ".qzeros"), 0), std::uint16_t{0xAC7B});
    QCOMPARE(halfAt(*findEncoded(*encoded, ".qzeros"), 1), std::uint16_t{0xAD1F});
}

void TestAwq::paddedGroupCounts()
{
    struct Row
    {
        std::int64_t in;
        std::array<std::int64_t, 3> words; ///< For groups of 128, 64, 32.
    };
    for (const Row& row : {Row{4096, {4, 8, 16}}, Row{11008, {11, 22, 44}}, Row{14336, {14, 28, 56}},
                           Row{768, {1, 2, 4}}, Row{128, {1, 2, 4}}}) {
        QCOMPARE(paddedGroups(row.in, 128), 8 * row.words[0]);
        QCOMPARE(paddedGroups(row.in, 64), 8 * row.words[1]);
        QCOMPARE(paddedGroups(row.in, 32), 8 * row.words[2]);
    }
}

void TestAwq::roundTrips_data()
{
    QTest::addColumn<int>("index");
    QTest::addColumn<int>("groupSize");
    QTest::addColumn<int>("out");
    QTest::addColumn<int>("in");
    for (int index = 0; index < static_cast<int>(kFormats.size()); ++index) {
        for (const int groupSize : {32, 64, 128}) {
            QTest::addRow("%d, groups of %d", index, groupSize) << index << groupSize << 160 << 384;
            QTest::addRow("%d, one group of %d", index, groupSize) << index << groupSize << 32 << 128;
        }
    }
}

void TestAwq::roundTrips()
{
    QFETCH(const int, index);
    QFETCH(const int, groupSize);
    QFETCH(const int, out);
    QFETCH(const int, in);
    const Format& format = kFormats[static_cast<std::size_t>(index)]();
    const auto tensor = randomTensor(makeScheme(4, groupSize, false), out, in, static_cast<unsigned>(groupSize + in));
    const auto read = readChanged(format, tensor, [](Tensors&, Json&) {});
    BITLATHE_VERIFY_OK(read);
    QCOMPARE(read->codes, tensor.codes);
    QCOMPARE(read->zeros, tensor.zeros);
    QCOMPARE(read->scales, tensor.scales);
    const bool isFast = &format == &awqGemvFastFormat();
    QCOMPARE(read->halfOffsets, isFast);
    const std::vector<float> values = read->dequantize();
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(in));
    for (std::int64_t row = 0; row < out; ++row) {
        tensor.unpackRow(row, codes);
        for (std::int64_t col = 0; col < in; ++col) {
            const float scale = tensor.scale(row, col / groupSize);
            const auto code = static_cast<float>(codes[static_cast<std::size_t>(col)]);
            const auto zero = static_cast<float>(tensor.zero(row, col / groupSize));
            const float expected =
                isFast ? code * scale + static_cast<float>(kernels::F16(-(scale * zero))) : (code - zero) * scale;
            QCOMPARE(values[static_cast<std::size_t>(row * in + col)], expected);
        }
    }
}

void TestAwq::symmetricIsWrittenWithZeros()
{
    QFETCH(const int, index);
    const Format& format = kFormats[static_cast<std::size_t>(index)]();
    const auto tensor = randomTensor(makeScheme(4, 64, true), 32, 128, 2);
    const auto read =
        readChanged(format, tensor, [](Tensors&, Json& config) { VERIFY_JSON(config["zero_point"], Json(true)); });
    BITLATHE_VERIFY_OK(read);
    QVERIFY(!read->scheme.symmetric);
    QVERIFY(std::ranges::all_of(read->zeros, [](std::uint8_t zero) { return zero == 8; }));
    QCOMPARE(read->codes, tensor.codes);
    // A folder that says symmetric is one, and must be.
    const auto said = readChanged(format, tensor, [](Tensors&, Json& config) { config["zero_point"] = false; });
    BITLATHE_VERIFY_OK(said);
    QVERIFY(said->scheme.symmetric);
    QVERIFY(said->zeros.empty());
    const auto lies = readChanged(format, randomTensor(makeScheme(4, 64, false), 32, 128, 2),
                                  [](Tensors&, Json& config) { config["zero_point"] = false; });
    QVERIFY(!lies.has_value());
    QVERIFY(lies.error().subject.ends_with(".qzeros"));
}

void TestAwq::refusesSchemes_data()
{
    QTest::addColumn<int>("index");
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("groupSize");
    QTest::addColumn<int>("out");
    QTest::addColumn<int>("in");
    QTest::addColumn<bool>("ok");
    for (int index = 0; index < static_cast<int>(kFormats.size()); ++index) {
        QTest::addRow("%d 4 bits", index) << index << 4 << 128 << 32 << 256 << true;
        QTest::addRow("%d 8 bits", index) << index << 8 << 128 << 32 << 256 << false;
        QTest::addRow("%d 3 bits", index) << index << 3 << 128 << 32 << 256 << false;
        QTest::addRow("%d rows", index) << index << 4 << -1 << 32 << 256 << false;
        QTest::addRow("%d whole weight", index) << index << 4 << -2 << 32 << 256 << false;
        QTest::addRow("%d ragged", index) << index << 4 << 96 << 32 << 256 << false;
        QTest::addRow("%d odd outputs", index) << index << 4 << 128 << 36 << 256 << false;
        QTest::addRow("%d groups of 16", index) << index << 4 << 16 << 32 << 256 << (index == 0);
    }
}

void TestAwq::refusesSchemes()
{
    QFETCH(const int, index);
    QFETCH(const int, bits);
    QFETCH(const int, groupSize);
    QFETCH(const int, out);
    QFETCH(const int, in);
    QFETCH(const bool, ok);
    const Format& format = kFormats[static_cast<std::size_t>(index)]();
    const auto checked = format.check(makeScheme(bits, groupSize, false), layer("some.layer", out, in));
    QCOMPARE(checked.has_value(), ok);
    if (!ok) {
        QCOMPARE(checked.error().code, ErrorCode::NotSupported);
        QCOMPARE(checked.error().subject, std::string("some.layer"));
        QVERIFY(!checked.error().advice.empty());
    }
    Scheme ordered = makeScheme(4, 128, false);
    ordered.actOrder = true;
    QVERIFY(!format.check(ordered, layer("some.layer", 32, 256)).has_value());
}

void TestAwq::configKeys()
{
    const model::ModelSpec spec = demoLayers();
    const LinearSchemes schemes(spec.linears.size(), makeScheme(4, 64, false));
    constexpr std::array kVersions{"gemm", "gemv", "gemv_fast"};
    for (std::size_t i = 0; i < kFormats.size(); ++i) {
        const auto config = kFormats[i]().quantizationConfig(spec, schemes);
        BITLATHE_VERIFY_OK(config);
        VERIFY_JSON(*config, (Json{{"quant_method", "awq"},
                                   {"bits", 4},
                                   {"group_size", 64},
                                   {"zero_point", true},
                                   {"version", kVersions[i]},
                                   {"modules_to_not_convert", nullptr}}));
        VERIFY_JSON(kFormats[i]().modelConfig({{"torch_dtype", "bfloat16"}}), (Json{{"torch_dtype", "float16"}}));
    }
}

void TestAwq::layersInFullPrecision()
{
    const model::ModelSpec spec = demoLayers();
    LinearSchemes schemes(spec.linears.size(), makeScheme(4, 128, false));
    for (std::size_t i = 6; i < schemes.size(); i += 7) {
        schemes[i] = std::nullopt; // Every down_proj.
    }
    const auto byEnds = awqFormat().quantizationConfig(spec, schemes);
    BITLATHE_VERIFY_OK(byEnds);
    VERIFY_JSON((*byEnds)["modules_to_not_convert"], Json::array({"mlp.down_proj"}));
    schemes[7] = std::nullopt; // q_proj of the second block.
    const auto byName = awqFormat().quantizationConfig(spec, schemes);
    BITLATHE_VERIFY_OK(byName);
    VERIFY_JSON((*byName)["modules_to_not_convert"], Json::array({"mlp.down_proj", "model.layers.1.self_attn.q_proj"}));
    const auto read = readAwqConfig(*byName, "config.json");
    BITLATHE_VERIFY_OK(read);
    for (const model::LinearSpec& linear : spec.linears) {
        QCOMPARE(read->schemeOf(linear.name), schemes[linear.id.index()]);
    }
}

void TestAwq::mixedSchemesAreRefused()
{
    const model::ModelSpec spec = demoLayers();
    LinearSchemes schemes(spec.linears.size(), makeScheme(4, 128, false));
    schemes[9] = makeScheme(4, 64, false);
    const auto config = awqFormat().quantizationConfig(spec, schemes);
    QVERIFY(!config.has_value());
    QCOMPARE(config.error().code, ErrorCode::NotSupported);
    QCOMPARE(config.error().subject, spec.linears[9].name);
    schemes[9] = makeScheme(4, 128, true);
    BITLATHE_VERIFY_OK(awqFormat().quantizationConfig(spec, schemes));
}

void TestAwq::readsOtherSpellings()
{
    const auto older =
        readAwqConfig({{"zero_point", true}, {"q_group_size", 64}, {"w_bit", 4}, {"version", "GEMM"}}, "c");
    BITLATHE_VERIFY_OK(older);
    QCOMPARE(older->scheme.groupSize, std::int64_t{64});
    QVERIFY(older->layout == AwqLayout::Gemm);
    const auto newer =
        readAwqConfig({{"bits", 4}, {"group_size", -1}, {"method", "awq"}, {"checkpoint_format", "gemv"}}, "c");
    BITLATHE_VERIFY_OK(newer);
    QVERIFY(newer->layout == AwqLayout::Gemv);
    QCOMPARE(newer->scheme.groupSize, quant::kPerChannel);
    QVERIFY(awqLayoutOf({{"version", "marlin"}}) == AwqLayout::Marlin);
}

void TestAwq::configOfNoUse_data()
{
    QTest::addColumn<QString>("config");
    QTest::newRow("no bits") << R"({"group_size": 128})";
    QTest::newRow("8 bits") << R"({"bits": 8, "group_size": 128})";
    QTest::newRow("bits as text") << R"({"bits": "4", "group_size": 128})";
    QTest::newRow("no group size") << R"({"bits": 4})";
    QTest::newRow("group of 0") << R"({"bits": 4, "group_size": 0})";
    QTest::newRow("unknown version") << R"({"bits": 4, "group_size": 128, "version": "ipex2"})";
    QTest::newRow("names of numbers") << R"({"bits": 4, "group_size": 128, "modules_to_not_convert": [1]})";
    QTest::newRow("a list") << R"([])";
}

void TestAwq::configOfNoUse()
{
    QFETCH(const QString, config);
    const auto read = readAwqConfig(Json::parse(config.toStdString()), "DIR/config.json");
    QVERIFY(!read.has_value());
    QVERIFY(read.error().code == ErrorCode::NotSupported || read.error().code == ErrorCode::ConfigInvalid);
    QVERIFY2(read.error().subject.starts_with("DIR/config.json"), read.error().sentence().c_str());
}

void TestAwq::badFiles_data()
{
    QTest::addColumn<int>("index");
    QTest::addColumn<QString>("tensor");
    QTest::addColumn<QString>("what");
    for (int index = 0; index < static_cast<int>(kFormats.size()); ++index) {
        for (const char* tensor : {"qweight", "qzeros", "scales"}) {
            for (const char* what : {"missing", "shape", "type"}) {
                QTest::addRow("%d %s %s", index, tensor, what) << index << tensor << what;
            }
        }
        QTest::addRow("%d scale infinite", index) << index << "scales"
                                                  << "infinite";
        QTest::addRow("%d groups that do not fit", index) << index << "qzeros"
                                                          << "groups";
    }
    QTest::newRow("no product of a zero point") << 2 << "qzeros"
                                                << "product";
}

void TestAwq::badFiles()
{
    QFETCH(const int, index);
    QFETCH(const QString, tensor);
    QFETCH(const QString, what);
    const std::string suffix = '.' + tensor.toStdString();
    const auto change = [&](Tensors& tensors, Json& config) {
        const auto it =
            std::ranges::find_if(tensors, [&](const auto& part) { return part.plan.name.ends_with(suffix); });
        const auto put = [&](std::uint16_t value) { std::memcpy(it->bytes.data(), &value, 2); };
        if (what == "missing") {
            tensors.erase(it);
        } else if (what == "shape") {
            it->plan.shape = {static_cast<std::int64_t>(it->bytes.size() / checkpoint::dtypeBytes(it->plan.dtype))};
        } else if (what == "type") {
            it->plan.dtype = it->plan.dtype == DType::F16   ? DType::U16
                             : it->plan.dtype == DType::I16 ? DType::F16
                                                            : DType::F32;
        } else if (what == "groups") {
            config["group_size"] = 32;
        } else {
            put(what == "infinite" ? 0x7c00 : 0x3c00);
        }
    };
    const Format& format = kFormats[static_cast<std::size_t>(index)]();
    const auto read = readChanged(format, randomTensor(makeScheme(4, 128, false), 32, 1152, 3), change);
    QVERIFY(!read.has_value());
    const ErrorCode code = what == "missing"    ? ErrorCode::TensorMissing
                           : what == "infinite" ? ErrorCode::WeightsNotFinite
                                                : ErrorCode::TensorInvalid;
    QCOMPARE(read.error().code, code);
    QVERIFY2(read.error().sentence().find(suffix) != std::string::npos, read.error().sentence().c_str());
}

QTEST_GUILESS_MAIN(TestAwq)
#include "tst_awq.moc"
