// SPDX-License-Identifier: Apache-2.0
// GPTQ: published words and checksums, what version 1 cannot hold, mixed schemes, and files that lie.
#include "core/format/gptq.h"

#include "core/format/gptqconfig.h"
#include "layerfolder.h"

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;
using checkpoint::DType;
using quant::QuantizedTensor;
using quant::Scheme;
using Tensors = std::vector<EncodedTensor>;

class TestGptq : public QObject
{
    Q_OBJECT

private slots:
    void publishedChecksums_data();
    void publishedChecksums();
    void publishedZeroWords();
    void symmetricZeroWords_data();
    void symmetricZeroWords();
    void roundTrips_data();
    void roundTrips();
    void ordersColumns();
    void versionOneRefusesZero();
    void borrowedZerosAreThoseOfTheirWriter();
    void perTensorIsRepeated();
    void refusesSchemes_data();
    void refusesSchemes();
    void configKeys();
    void mixedSchemes();
    void readsOtherSpellings();
    void configOfNoUse_data();
    void configOfNoUse();
    void badFiles_data();
    void badFiles();
};

void TestGptq::publishedChecksums_data()
{
    QTest::addColumn<int>("bits");
    QTest::addColumn<quint32>("checksum");
    QTest::newRow("2 bits") << 2 << 0x20DC5458U;
    QTest::newRow("3 bits") << 3 << 0x05310BB1U;
    QTest::newRow("4 bits") << 4 << 0x17D3D693U;
    QTest::newRow("8 bits") << 8 << 0x1EA8A04EU;
}

void TestGptq::publishedChecksums()
{
    QFETCH(const int, bits);
    QFETCH(const quint32, checksum);
    const auto tensor = patternTensor(makeScheme(bits, 128, true));
    const auto encoded = gptqFormat().encode(layer("l", 256, 128), tensor, DType::F16);
    BITLATHE_VERIFY_OK(encoded);
    QCOMPARE(crc(findEncoded(*encoded, ".qweight")->bytes), checksum);
}

void TestGptq::publishedZeroWords()
{
    auto tensor = randomTensor(makeScheme(4, 32, false), 32, 32, 1);
    const std::array<std::uint8_t, 8> zeros{8, 7, 3, 1, 15, 1, 9, 4};
    std::ranges::copy(zeros, tensor.zeros.begin());
    std::fill(tensor.zeros.begin() + 8, tensor.zeros.end(), std::uint8_t{1});
    const auto one = gptqFormat().encode(layer("l", 32, 32), tensor, DType::F16);
    BITLATHE_VERIFY_OK(one);
    QCOMPARE(wordAt(*findEncoded(*one, ".qzeros"), 0), 0x380E0267U);
    const auto two = gptqV2Format().encode(layer("l", 32, 32), tensor, DType::F16);
    BITLATHE_VERIFY_OK(two);
    QCOMPARE(wordAt(*findEncoded(*two, ".qzeros"), 0), 0x491F1378U);
}

void TestGptq::symmetricZeroWords_data()
{
    QTest::addColumn<int>("bits");
    QTest::addColumn<quint32>("one");
    QTest::addColumn<quint32>("two");
    QTest::newRow("2 bits") << 2 << 0x55555555U << 0xAAAAAAAAU;
    QTest::newRow("3 bits") << 3 << 0xDB6DB6DBU << 0x24924924U;
    QTest::newRow("4 bits") << 4 << 0x77777777U << 0x88888888U;
    QTest::newRow("8 bits") << 8 << 0x7F7F7F7FU << 0x80808080U;
}

void TestGptq::symmetricZeroWords()
{
    QFETCH(const int, bits);
    QFETCH(const quint32, one);
    QFETCH(const quint32, two);
    const auto tensor = randomTensor(makeScheme(bits, 32, true), 32, 64, 1);
    QCOMPARE(wordAt(*findEncoded(*gptqFormat().encode(layer("l", 32, 64), tensor, DType::F16), ".qzeros"), 0), one);
    QCOMPARE(wordAt(*findEncoded(*gptqV2Format().encode(layer("l", 32, 64), tensor, DType::F16), ".qzeros"), 0), two);
}

void TestGptq::roundTrips_data()
{
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("groupSize");
    QTest::addColumn<bool>("symmetric");
    QTest::addColumn<int>("out");
    QTest::addColumn<int>("in");
    for (const int bits : {2, 3, 4, 8}) {
        for (const bool symmetric : {true, false}) {
            QTest::addRow("%d bits %d groups of 32", bits, symmetric) << bits << 32 << symmetric << 64 << 96;
            QTest::addRow("%d bits %d a row", bits, symmetric) << bits << -1 << symmetric << 32 << 160;
            QTest::addRow("%d bits %d ragged", bits, symmetric) << bits << 48 << symmetric << 96 << 128;
            QTest::addRow("%d bits %d longer than a row", bits, symmetric) << bits << 512 << symmetric << 32 << 64;
        }
    }
}

void TestGptq::roundTrips()
{
    QFETCH(const int, bits);
    QFETCH(const int, groupSize);
    QFETCH(const bool, symmetric);
    QFETCH(const int, out);
    QFETCH(const int, in);
    const auto tensor = randomTensor(makeScheme(bits, groupSize, symmetric), out, in, static_cast<unsigned>(bits + in));
    const auto read = readChanged(gptqV2Format(), tensor, [](Tensors&, Json&) {});
    BITLATHE_VERIFY_OK(read);
    QCOMPARE(read->codes, tensor.codes);
    QCOMPARE(read->zeros, tensor.zeros);
    QCOMPARE(read->dequantize(), tensor.dequantize());
    auto positive = tensor;
    for (std::uint8_t& zero : positive.zeros) {
        zero = std::max<std::uint8_t>(zero, 1);
    }
    const auto one = readChanged(gptqFormat(), positive, [](Tensors&, Json&) {});
    BITLATHE_VERIFY_OK(one);
    QCOMPARE(one->dequantize(), positive.dequantize());
}

void TestGptq::ordersColumns()
{
    Scheme scheme = makeScheme(4, 32, true);
    scheme.actOrder = true;
    auto tensor = randomTensor(scheme, 32, 96, 4);
    for (std::int32_t col = 0; col < 96; ++col) {
        tensor.groupIndex.push_back(col % 3);
    }
    const auto read = readChanged(gptqFormat(), tensor, [](Tensors&, Json&) {});
    BITLATHE_VERIFY_OK(read);
    QCOMPARE(read->groupIndex, tensor.groupIndex);
    QCOMPARE(read->dequantize(), tensor.dequantize());
}

void TestGptq::versionOneRefusesZero()
{
    auto tensor = randomTensor(makeScheme(4, 32, false), 32, 64, 1);
    tensor.zeros[5] = 0;
    const auto refused = gptqFormat().encode(layer("some.layer", 32, 64), tensor, DType::F16);
    QVERIFY(!refused.has_value());
    QCOMPARE(refused.error().code, ErrorCode::NotSupported);
    QCOMPARE(refused.error().subject, std::string("some.layer"));
    QVERIFY(refused.error().advice.english().find("gptq-v2") != std::string::npos);
    BITLATHE_VERIFY_OK(gptqV2Format().encode(layer("some.layer", 32, 64), tensor, DType::F16));
}

/// 8, 7, 3, 0, 15, 1, 9, 4 as GPTQModel writes it; from others the same field has no sure meaning.
void TestGptq::borrowedZerosAreThoseOfTheirWriter()
{
    auto tensor = randomTensor(makeScheme(4, 32, false), 32, 32, 1);
    std::ranges::fill(tensor.zeros, std::uint8_t{1});
    const auto put = [](Tensors& tensors) {
        constexpr std::uint32_t kWord = 0x380DF267U;
        std::memcpy(tensors[1].bytes.data(), &kWord, 4);
    };
    const auto own = readChanged(gptqFormat(), tensor, [&](Tensors& tensors, Json& config) {
        put(tensors);
        config["meta"] = {{"quantizer", Json::array({"gptqmodel:7.7.0"})}};
    });
    BITLATHE_VERIFY_OK(own);
    const std::vector<std::uint8_t> zeros(own->zeros.begin(), own->zeros.begin() + 8);
    QCOMPARE(zeros, (std::vector<std::uint8_t>{8, 7, 3, 0, 15, 1, 9, 4}));
    const auto other = readChanged(gptqFormat(), tensor, [&](Tensors& tensors, Json&) { put(tensors); });
    QVERIFY(!other.has_value());
    QCOMPARE(other.error().code, ErrorCode::TensorInvalid);
    QVERIFY(other.error().subject.ends_with(".qzeros"));
}

void TestGptq::perTensorIsRepeated()
{
    const auto tensor = randomTensor(makeScheme(8, quant::kPerTensor, false), 32, 64, 5);
    const auto read = readChanged(gptqV2Format(), tensor,
                                  [](Tensors&, Json& config) { VERIFY_JSON(config["group_size"], Json(-1)); });
    BITLATHE_VERIFY_OK(read);
    QCOMPARE(read->dequantize(), tensor.dequantize());
}

void TestGptq::refusesSchemes_data()
{
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("out");
    QTest::addColumn<int>("in");
    QTest::addColumn<bool>("isHalf");
    QTest::addColumn<bool>("ok");
    QTest::newRow("4 bits") << 4 << 32 << 64 << true << true;
    QTest::newRow("3 bits") << 3 << 32 << 64 << true << true;
    QTest::newRow("5 bits") << 5 << 32 << 64 << true << false;
    QTest::newRow("6 bits") << 6 << 32 << 64 << true << false;
    QTest::newRow("odd inputs") << 4 << 32 << 72 << true << false;
    QTest::newRow("odd outputs") << 4 << 40 << 64 << true << false;
    QTest::newRow("wide scales") << 4 << 32 << 64 << false << false;
}

void TestGptq::refusesSchemes()
{
    QFETCH(const int, bits);
    QFETCH(const int, out);
    QFETCH(const int, in);
    QFETCH(const bool, isHalf);
    QFETCH(const bool, ok);
    const Scheme scheme = makeScheme(bits, 32, true, isHalf ? DType::F16 : DType::BF16);
    const auto checked = gptqFormat().check(scheme, layer("some.layer", out, in));
    QCOMPARE(checked.has_value(), ok);
    if (!ok) {
        QCOMPARE(checked.error().code, ErrorCode::NotSupported);
        QCOMPARE(checked.error().subject, std::string("some.layer"));
        QVERIFY(!checked.error().advice.empty());
    }
}

void TestGptq::configKeys()
{
    const model::ModelSpec spec = demoLayers();
    Scheme scheme = makeScheme(4, 128, true);
    scheme.actOrder = true;
    const auto config = gptqFormat().quantizationConfig(spec, LinearSchemes(spec.linears.size(), scheme));
    BITLATHE_VERIFY_OK(config);
    VERIFY_JSON((*config)["bits"], Json(4));
    VERIFY_JSON((*config)["group_size"], Json(128));
    VERIFY_JSON((*config)["desc_act"], Json(true));
    VERIFY_JSON((*config)["sym"], Json(true));
    VERIFY_JSON((*config)["quant_method"], Json("gptq"));
    VERIFY_JSON((*config)["checkpoint_format"], Json("gptq"));
    QVERIFY(!config->contains("dynamic"));
    QVERIFY(!config->contains("modules_in_block_to_quantize"));
    VERIFY_JSON(gptqFormat().modelConfig({{"torch_dtype", "bfloat16"}}), (Json{{"torch_dtype", "float16"}}));
    VERIFY_JSON(gptqFormat().modelConfig({{"dtype", "bfloat16"}}), (Json{{"dtype", "float16"}}));
    QCOMPARE(gptqFormat().configFile(), std::string("quantize_config.json"));
    VERIFY_JSON(*gptqV2Format().quantizationConfig(spec, LinearSchemes(spec.linears.size())), Json(nullptr));
}

/// What is written for other schemes is read back as them.
void TestGptq::mixedSchemes()
{
    const model::ModelSpec spec = demoLayers();
    LinearSchemes schemes(spec.linears.size(), makeScheme(4, 128, true));
    schemes[3] = makeScheme(8, 64, false);
    schemes[10] = std::nullopt;
    for (std::size_t i = 6; i < schemes.size(); i += 7) {
        schemes[i] = std::nullopt; // Every down_proj.
    }
    const auto config = gptqV2Format().quantizationConfig(spec, schemes);
    BITLATHE_VERIFY_OK(config);
    QVERIFY((*config)["dynamic"].contains("-:^model\\.layers\\.0\\.mlp\\.down_proj$"));
    QVERIFY(!config->contains("modules_in_block_to_quantize")); // Layer 10 is full in its block only.
    const auto read = readGptqConfig(*config, "config.json");
    BITLATHE_VERIFY_OK(read);
    for (const model::LinearSpec& linear : spec.linears) {
        QCOMPARE(read->schemeOf(linear.name), schemes[linear.id.index()]);
    }
    schemes[10] = schemes[0];
    schemes[3] = schemes[0];
    const auto byEnds = gptqV2Format().quantizationConfig(spec, schemes);
    BITLATHE_VERIFY_OK(byEnds);
    QCOMPARE((*byEnds)["modules_in_block_to_quantize"][0].size(), std::size_t{6});
    Json onlyEnds = *byEnds;
    onlyEnds.erase("dynamic");
    const auto readEnds = readGptqConfig(onlyEnds, "config.json");
    BITLATHE_VERIFY_OK(readEnds);
    for (const model::LinearSpec& linear : spec.linears) {
        QCOMPARE(readEnds->schemeOf(linear.name), schemes[linear.id.index()]);
    }
}

void TestGptq::readsOtherSpellings()
{
    const auto older = readGptqConfig({{"w_bit", 3}, {"q_group_size", -1}}, "quantize_config.json");
    BITLATHE_VERIFY_OK(older);
    QCOMPARE(older->scheme.bits, 3);
    QCOMPARE(older->scheme.groupSize, quant::kPerChannel);
    QVERIFY(older->scheme.symmetric);
    QVERIFY(older->layout == GptqLayout::V1);
    const auto newer =
        readGptqConfig({{"bits", 4}, {"group_size", 64}, {"method", "gptq"}, {"format", "gptq_v2"}}, "c");
    BITLATHE_VERIFY_OK(newer);
    QVERIFY(newer->layout == GptqLayout::V2);
    QVERIFY(gptqLayoutOf({{"bits", 4}, {"is_marlin_format", true}}) == GptqLayout::Marlin);
    // Expressions match from the start of a name; a skip goes before a change.
    const auto dynamic = readGptqConfig({{"bits", 4},
                                         {"group_size", 128},
                                         {"dynamic",
                                          {{".*\\.18\\..*gate_proj.*", {{"bits", 8}, {"group_size", 64}}},
                                           {"+:model", {{"sym", false}}},
                                           {"-:.*down_proj", Json::object()}}}},
                                        "c");
    BITLATHE_VERIFY_OK(dynamic);
    QCOMPARE(dynamic->schemeOf("model.layers.18.mlp.gate_proj"), std::optional(makeScheme(8, 64, true)));
    QCOMPARE(dynamic->schemeOf("model.layers.17.mlp.gate_proj"), std::optional(makeScheme(4, 128, false)));
    QCOMPARE(dynamic->schemeOf("the.model"), std::optional(makeScheme(4, 128, true)));
    QCOMPARE(dynamic->schemeOf("model.layers.18.mlp.down_proj"), std::optional<Scheme>());
}

void TestGptq::configOfNoUse_data()
{
    QTest::addColumn<QString>("config");
    QTest::newRow("no bits") << R"({"group_size": 128})";
    QTest::newRow("5 bits") << R"({"bits": 5, "group_size": 128})";
    QTest::newRow("bits as text") << R"({"bits": "4", "group_size": 128})";
    QTest::newRow("no group size") << R"({"bits": 4})";
    QTest::newRow("group of 0") << R"({"bits": 4, "group_size": 0})";
    QTest::newRow("planes") << R"({"bits": 4, "group_size": 128, "checkpoint_format": "gptq_p"})";
    QTest::newRow("other words") << R"({"bits": 4, "group_size": 128, "pack_dtype": "int16"})";
    QTest::newRow("quantized head") << R"({"bits": 4, "group_size": 128, "lm_head": true})";
    QTest::newRow("a list") << R"([])";
    QTest::newRow("broken pattern") << R"({"bits": 4, "group_size": 128, "dynamic": {"+:(": {}}})";
    QTest::newRow("bits in dynamic") << R"({"bits": 4, "group_size": 128, "dynamic": {"a": {"bits": 7}}})";
    QTest::newRow("names of numbers") << R"({"bits": 4, "group_size": 128, "modules_in_block_to_quantize": [[1]]})";
    QTest::newRow("sym of text") << R"({"bits": 4, "group_size": 128, "sym": "yes"})";
}

void TestGptq::configOfNoUse()
{
    QFETCH(const QString, config);
    const auto read = readGptqConfig(Json::parse(config.toStdString()), "DIR/config.json");
    QVERIFY(!read.has_value());
    QVERIFY(read.error().code == ErrorCode::NotSupported || read.error().code == ErrorCode::ConfigInvalid);
    QVERIFY2(read.error().subject.starts_with("DIR/config.json"), read.error().sentence().c_str());
}

void TestGptq::badFiles_data()
{
    QTest::addColumn<QString>("tensor");
    QTest::addColumn<QString>("what");
    for (const char* tensor : {"qweight", "qzeros", "scales", "g_idx"}) {
        for (const char* what : {"missing", "shape", "type"}) {
            QTest::addRow("%s %s", tensor, what) << tensor << what;
        }
    }
    QTest::newRow("group too large") << "g_idx"
                                     << "large";
    QTest::newRow("group negative") << "g_idx"
                                    << "negative";
    QTest::newRow("order undeclared") << "g_idx"
                                      << "order";
    QTest::newRow("symmetric undeclared") << "qzeros"
                                          << "zeros";
    QTest::newRow("scale infinite") << "scales"
                                    << "infinite";
    QTest::newRow("bits that do not fit") << "qweight"
                                          << "bits";
    QTest::newRow("groups that do not fit") << "qzeros"
                                            << "groups";
}

void TestGptq::badFiles()
{
    QFETCH(const QString, tensor);
    QFETCH(const QString, what);
    const std::string suffix = '.' + tensor.toStdString();
    const auto change = [&](Tensors& tensors, Json& config) {
        const auto it =
            std::ranges::find_if(tensors, [&](const auto& part) { return part.plan.name.ends_with(suffix); });
        const auto put = [&](std::int32_t value) { std::memcpy(it->bytes.data(), &value, 4); };
        if (what == "missing") {
            tensors.erase(it);
        } else if (what == "shape") {
            it->plan.shape = {1, static_cast<std::int64_t>(it->bytes.size() / checkpoint::dtypeBytes(it->plan.dtype))};
        } else if (what == "type") {
            it->plan.dtype = it->plan.dtype == DType::F16 ? DType::I16 : DType::F32;
        } else if (what == "bits") {
            config["bits"] = 8;
        } else if (what == "groups") {
            config["group_size"] = 16;
        } else {
            put(what == "large" ? 2 : what == "negative" ? -1 : what == "order" ? 1 : what == "zeros" ? 3 : 0x7c00);
        }
    };
    const auto read = readChanged(gptqFormat(), randomTensor(makeScheme(4, 32, true), 32, 64, 3), change);
    QVERIFY(!read.has_value());
    const ErrorCode code = what == "missing"    ? ErrorCode::TensorMissing
                           : what == "infinite" ? ErrorCode::WeightsNotFinite
                                                : ErrorCode::TensorInvalid;
    QCOMPARE(read.error().code, code);
    QVERIFY2(read.error().sentence().find(suffix) != std::string::npos, read.error().sentence().c_str());
}

QTEST_GUILESS_MAIN(TestGptq)
#include "tst_gptq.moc"
