// SPDX-License-Identifier: Apache-2.0
// BitsAndBytes: codes of the demo model as the original tool makes them, texts, round trips, and files of no use.
#include "core/format/bitsandbytes.h"

#include "core/format/bitsandbytesconfig.h"
#include "core/format/convert.h"
#include "core/format/layertensors.h"
#include "core/format/quantstate.h"
#include "core/quant/blockwise.h"
#include "core/quant/llm_int8.h"
#include "layerfolder.h"
#include "support/goldenfolder.h"

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;
using checkpoint::DType;
using quant::QuantizedTensor;
using quant::Scheme;

namespace
{

using Tensors = std::vector<EncodedTensor>;

struct Golden
{
    const char* name;
    const quant::Quantizer& (*method)();
    bool doubleQuant = false;
};
constexpr std::array kGoldens{Golden{"bnb-nf4", &quant::nf4}, Golden{"bnb-nf4-dq", &quant::nf4, true},
                              Golden{"bnb-fp4", &quant::fp4}, Golden{"bnb-int8", &quant::llmInt8}};

std::vector<float> normalWeights(std::int64_t count, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0F, 0.02F);
    std::vector<float> weights(static_cast<std::size_t>(count));
    std::ranges::generate(weights, [&] { return normal(random); });
    return weights;
}

Scheme fourBits(bool doubleQuant = false, std::int64_t blockSize = 64, DType storage = DType::U8)
{
    quant::MethodOptions options;
    options.bitsAndBytes.doubleQuant = doubleQuant;
    options.bitsAndBytes.notes.storage = storage;
    Scheme scheme = quant::nf4().completed(quant::nf4().usualScheme(), options);
    scheme.groupSize = blockSize;
    return scheme;
}

QuantizedTensor encoded(const Scheme& scheme, std::int64_t rows, std::int64_t cols)
{
    const std::vector<float> weights = normalWeights(rows * cols, 1);
    auto tensor = scheme.kind == quant::SchemeKind::CodeBook
                      ? quant::encodeBlockwise(weights, rows, cols, scheme, "layer", {})
                      : quant::encodeInt8Rows(weights, rows, cols, scheme, "layer", {});
    return tensor.value();
}

EncodedTensor& partOf(Tensors& tensors, const std::string& suffix)
{
    return *std::ranges::find_if(tensors, [&](const EncodedTensor& t) { return t.plan.name.ends_with(suffix); });
}

void setText(EncodedTensor& tensor, const std::string& text)
{
    tensor.bytes = bytesOf(std::vector<char>(text.begin(), text.end()));
    tensor.plan.shape = {static_cast<std::int64_t>(text.size())};
}

std::string textOf(const EncodedTensor& tensor)
{
    return {reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()};
}

} // namespace

class TestBitsAndBytes : public QObject
{
    Q_OBJECT

private slots:
    void codesOfTheDemoModel_data();
    void codesOfTheDemoModel();
    void configurationOfTheOriginal_data();
    void configurationOfTheOriginal();
    void stateText();
    void stateOfUnknownOffset();
    void numbersAsPythonPrintsThem_data();
    void numbersAsPythonPrintsThem();
    void roundTrips_data();
    void roundTrips();
    void transposedLayersAreTurned();
    void computeTypeIsTheModels();
    void skippedModules();
    void layersInFullPrecisionAreNamed();
    void mixedKindsAreRefused();
    void refusesSchemes();
    void configOfNoUse_data();
    void configOfNoUse();
    void badStates_data();
    void badStates();
    void badFiles_data();
    void badFiles();
    void convertsThereAndBack();
};

void TestBitsAndBytes::codesOfTheDemoModel_data()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < kGoldens.size(); ++i) {
        QTest::newRow(kGoldens[i].name) << static_cast<int>(i);
    }
}

/// From the unquantized weights to the same tensors; FP4 has two codes of 0, and the original's search for nested codes
/// is not exact near the middle of two values.
void TestBitsAndBytes::codesOfTheDemoModel()
{
    BITLATHE_NEED_SHARED();
    QFETCH(const int, index);
    const Golden& golden = kGoldens[static_cast<std::size_t>(index)];
    const auto folder = checkpoint::Checkpoint::open(sharedFolder() / "golden" / golden.name);
    BITLATHE_VERIFY_OK(folder);
    const auto demo = checkpoint::Checkpoint::open(sharedFolder() / "models/demo-llama");
    BITLATHE_VERIFY_OK(demo);
    const model::ModelSpec spec = demoLayers();
    const auto schemes = bitsAndBytesFormat().schemes(**folder, spec);
    BITLATHE_VERIFY_OK(schemes);
    std::int64_t nestedCodes = 0;
    std::int64_t otherNested = 0;
    for (const model::LinearSpec& linear : spec.linears) {
        const auto view = (*demo)->tensor(linear.weightName());
        BITLATHE_VERIFY_OK(view);
        const std::vector<float> weights = checkpoint::toF32(*view);
        quant::LayerInput input{linear, weights, nullptr, golden.method().usualScheme()};
        input.options.bitsAndBytes.doubleQuant = golden.doubleQuant;
        const auto made = golden.method().quantize(input, {});
        BITLATHE_VERIFY_OK(made);
        const auto original = bitsAndBytesFormat().decode(**folder, linear, *(*schemes)[linear.id.index()]);
        BITLATHE_VERIFY_OK(original);
        if (golden.doubleQuant) {
            const quant::NestedScales& ours = made->tensor->nested;
            const quant::NestedScales& theirs = original->nested;
            QCOMPARE(ours.map, theirs.map);
            QCOMPARE(ours.codes.size(), theirs.codes.size());
            QVERIFY(std::abs(ours.offset - theirs.offset) <= 1e-7F * std::abs(theirs.offset));
            for (std::size_t i = 0; i < ours.codes.size(); ++i) {
                QVERIFY(std::abs(ours.codes[i] - theirs.codes[i]) <= 1);
                otherNested += ours.codes[i] != theirs.codes[i] ? 1 : 0;
            }
            nestedCodes += static_cast<std::int64_t>(ours.codes.size());
        } else {
            QCOMPARE(made->tensor->scales, original->scales);
            QCOMPARE(made->tensor->dequantize(), original->dequantize());
        }
        if (golden.method == &quant::fp4) {
            continue; // Equal values are all that was asked for.
        }
        QCOMPARE(made->tensor->codes, original->codes);
    }
    std::printf("%s: %lld of %lld nested codes differ\n", golden.name, static_cast<long long>(otherNested),
                static_cast<long long>(nestedCodes));
    QVERIFY(otherNested * 100 <= nestedCodes);
}

void TestBitsAndBytes::configurationOfTheOriginal_data()
{
    codesOfTheDemoModel_data();
}

void TestBitsAndBytes::configurationOfTheOriginal()
{
    BITLATHE_NEED_SHARED();
    QFETCH(const int, index);
    const auto path = sharedFolder() / "golden" / kGoldens[static_cast<std::size_t>(index)].name;
    const auto folder = checkpoint::Checkpoint::open(path);
    BITLATHE_VERIFY_OK(folder);
    const model::ModelSpec spec = demoLayers();
    const auto schemes = bitsAndBytesFormat().schemes(**folder, spec);
    BITLATHE_VERIFY_OK(schemes);
    const auto written = bitsAndBytesFormat().quantizationConfig(spec, *schemes);
    BITLATHE_VERIFY_OK(written);
    VERIFY_JSON(*written, (*folder)->config()["quantization_config"]);
    QCOMPARE(written->dump(), (*folder)->config()["quantization_config"].dump()); // Keys in the same order.
}

/// The published text of 150 bytes.
void TestBitsAndBytes::stateText()
{
    const auto linear = layer("l", 3, 64);
    Scheme scheme = fourBits(true);
    scheme.notes.offsetDigits = 3;
    const std::string text = writeQuantState(linear, scheme, DType::F16, 0.5F);
    QCOMPARE(text,
             std::string("{\"quant_type\": \"nf4\", \"blocksize\": 64, \"dtype\": \"float16\", \"shape\": [3, 64], "
                         "\"nested_blocksize\": 256, \"nested_dtype\": \"float32\", \"nested_offset\": 0.5}"));
    QCOMPARE(text.size(), std::size_t{150});
    const auto state = readQuantState(text, linear, "state");
    BITLATHE_VERIFY_OK(state);
    QVERIFY(state->isNested);
    QCOMPARE(state->nestedOffset, 0.5F);
    QCOMPARE(state->offsetDigits, 3);
    scheme.doubleQuant = false;
    QVERIFY(writeQuantState(linear, scheme, DType::F16, 0).ends_with("\"shape\": [3, 64]}"));
}

/// Its length is planned before the offset is known, so spaces follow; JSON readers pass over them.
void TestBitsAndBytes::stateOfUnknownOffset()
{
    const auto linear = layer("l", 3, 64);
    const std::size_t planned = writeQuantState(linear, fourBits(true), DType::F16, 0).size();
    for (const float offset : {0.5F, 0.19627618789672852F, 1.1754944e-38F, -1.2345678e-5F, 3.4028235e38F}) {
        const std::string text = writeQuantState(linear, fourBits(true), DType::F16, offset);
        QCOMPARE(text.size(), planned);
        const auto state = readQuantState(text, linear, "state");
        BITLATHE_VERIFY_OK(state);
        QCOMPARE(state->nestedOffset, offset);
        QCOMPARE(state->offsetDigits, 0);
    }
}

void TestBitsAndBytes::numbersAsPythonPrintsThem_data()
{
    QTest::addColumn<float>("offset");
    QTest::addColumn<QString>("digits");
    QTest::newRow("fact sheet") << 0.05112500116229057F << "0.05112500116229057";
    QTest::newRow("golden") << 0.19627618789672852F << "0.19627618789672852";
    QTest::newRow("whole") << 2.0F << "2.0";
    QTest::newRow("small") << 0x1p-20F << "9.5367431640625e-07";
    QTest::newRow("tenth of a thousand") << 0.0001F << "9.999999747378752e-05";
}

void TestBitsAndBytes::numbersAsPythonPrintsThem()
{
    QFETCH(const float, offset);
    QFETCH(const QString, digits);
    const std::string text = writeQuantState(layer("l", 3, 64), fourBits(true), DType::F16, offset);
    QVERIFY2(text.find("\"nested_offset\": " + digits.toStdString() + '}') != std::string::npos, text.c_str());
}

void TestBitsAndBytes::roundTrips_data()
{
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("cols");
    QTest::addColumn<int>("blockSize");
    QTest::addColumn<bool>("doubleQuant");
    QTest::addColumn<QString>("storage");
    QTest::newRow("plain") << 6 << 128 << 64 << false << "U8";
    QTest::newRow("blocks over rows") << 7 << 100 << 64 << false << "U8";
    QTest::newRow("odd rows") << 4 << 33 << 64 << false << "U8";
    QTest::newRow("odd number") << 5 << 33 << 128 << true << "U8";
    QTest::newRow("large blocks") << 9 << 1000 << 4096 << true << "U8";
    QTest::newRow("many blocks") << 128 << 256 << 64 << true << "U8";
    QTest::newRow("as bf16") << 8 << 64 << 64 << false << "BF16";
    QTest::newRow("as f16") << 8 << 64 << 64 << true << "F16";
    QTest::newRow("as f32") << 8 << 64 << 64 << true << "F32";
    QTest::newRow("8 bits") << 7 << 33 << 0 << false << "U8";
}

void TestBitsAndBytes::roundTrips()
{
    QFETCH(const int, rows);
    QFETCH(const int, cols);
    QFETCH(const int, blockSize);
    QFETCH(const bool, doubleQuant);
    QFETCH(const QString, storage);
    const Scheme scheme = blockSize == 0
                              ? quant::llmInt8().usualScheme()
                              : fourBits(doubleQuant, blockSize, *checkpoint::dtypeFromName(storage.toStdString()));
    const QuantizedTensor tensor = encoded(scheme, rows, cols);
    const auto read = readChanged(bitsAndBytesFormat(), tensor, [](Tensors&, Json&) {});
    BITLATHE_VERIFY_OK(read);
    QCOMPARE(read->codes, tensor.codes);
    QCOMPARE(read->scales, tensor.scales);
    QCOMPARE(read->dequantize(), tensor.dequantize());
    QCOMPARE(read->scheme.notes.storage, scheme.notes.storage);
    // What is planned is what is written, and what was read is written again.
    const auto linear = layer("model.layers.0.mlp.up_proj", rows, cols);
    const auto first = bitsAndBytesFormat().encode(linear, tensor, DType::F16);
    const auto again = bitsAndBytesFormat().encode(linear, *read, DType::F16);
    BITLATHE_VERIFY_OK(first);
    BITLATHE_VERIFY_OK(again);
    for (std::size_t i = 0; i < first->size(); ++i) {
        std::size_t bytes = checkpoint::dtypeBytes((*first)[i].plan.dtype);
        for (const std::int64_t side : (*first)[i].plan.shape) {
            bytes *= static_cast<std::size_t>(side);
        }
        QCOMPARE((*first)[i].bytes.size(), bytes);
        QCOMPARE((*first)[i].bytes, (*again)[i].bytes);
    }
}

/// The layers of GPT-2 lie as [out, in] here, whatever the unquantized file has.
void TestBitsAndBytes::transposedLayersAreTurned()
{
    auto linear = layer("h.0.mlp.c_fc", 8, 64);
    linear.transposed = true;
    const auto written = bitsAndBytesFormat().encode(linear, encoded(fourBits(), 8, 64), DType::F16);
    BITLATHE_VERIFY_OK(written);
    QVERIFY(textOf(*findEncoded(*written, "bitsandbytes__nf4")).find("\"shape\": [8, 64]") != std::string::npos);
}

void TestBitsAndBytes::computeTypeIsTheModels()
{
    const model::ModelSpec spec = oneLayer(8, 64);
    const Json config = configOf(bitsAndBytesFormat(), spec, fourBits());
    const auto typeOf = [&](const char* key, const char* type) {
        Json whole = config;
        whole[key] = type;
        return bitsAndBytesFormat().modelConfig(whole)["quantization_config"]["bnb_4bit_compute_dtype"];
    };
    QCOMPARE(typeOf("torch_dtype", "bfloat16"), Json("bfloat16"));
    QCOMPARE(typeOf("dtype", "float16"), Json("float16"));
    QCOMPARE(bitsAndBytesFormat().modelConfig(config)["quantization_config"]["bnb_4bit_compute_dtype"],
             Json("float32"));
}

void TestBitsAndBytes::skippedModules()
{
    BitsAndBytesConfig config;
    QVERIFY(config.declares("model.layers.0.mlp.up_proj"));
    QVERIFY(!config.declares("lm_head"));
    config.skipModules = {"up_proj", "model.layers.1", "model.layers.2.mlp.gate_proj"};
    QVERIFY(!config.declares("model.layers.0.mlp.up_proj"));
    QVERIFY(!config.declares("model.layers.1.mlp.down_proj"));
    QVERIFY(config.declares("model.layers.10.mlp.down_proj"));
    QVERIFY(!config.declares("model.layers.2.mlp.gate_proj"));
    QVERIFY(config.declares("model.layers.0.mlp.gate_proj"));
    QVERIFY(config.declares("lm_head")); // A list takes the place of the standard.
}

void TestBitsAndBytes::layersInFullPrecisionAreNamed()
{
    const model::ModelSpec spec = demoLayers();
    LinearSchemes schemes(spec.linears.size(), fourBits());
    schemes[3] = std::nullopt;
    const auto config = writeBitsAndBytesConfig(spec, schemes);
    BITLATHE_VERIFY_OK(config);
    VERIFY_JSON((*config)["llm_int8_skip_modules"], (Json{"model.layers.0.self_attn.o_proj", "lm_head"}));
    const auto read = readBitsAndBytesConfig(*config, "config");
    BITLATHE_VERIFY_OK(read);
    for (const model::LinearSpec& linear : spec.linears) {
        QCOMPARE(read->declares(linear.name), schemes[linear.id.index()].has_value());
    }
    QVERIFY(writeBitsAndBytesConfig(spec, LinearSchemes(spec.linears.size()))->is_null());
}

void TestBitsAndBytes::mixedKindsAreRefused()
{
    const model::ModelSpec spec = demoLayers();
    LinearSchemes schemes(spec.linears.size(), fourBits());
    schemes[5] = quant::llmInt8().usualScheme();
    const auto config = writeBitsAndBytesConfig(spec, schemes);
    QVERIFY(!config);
    QCOMPARE(config.error().code, ErrorCode::NotSupported);
    QVERIFY(config.error().sentence().find("one kind of code in all quantized layers") != std::string::npos);
}

void TestBitsAndBytes::refusesSchemes()
{
    const auto linear = layer("l", 3, 33);
    const auto sentence = [&](const Scheme& scheme) {
        const auto result = bitsAndBytesFormat().check(scheme, linear);
        return result ? std::string() : result.error().sentence();
    };
    QCOMPARE(sentence(fourBits()), std::string());
    QVERIFY(sentence(Scheme{}).find("found integer codes with groups") != std::string::npos);
    QVERIFY(sentence(quant::int8Blockwise().usualScheme()).find("has no checkpoints of 8-bit") != std::string::npos);
    QVERIFY(sentence(fourBits(false, 64, DType::F32)).find("whole values of float32") != std::string::npos);
    Scheme odd = fourBits();
    odd.groupSize = 100;
    QVERIFY(sentence(odd).find("2048 or 4096") != std::string::npos);
}

void TestBitsAndBytes::configOfNoUse_data()
{
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("neither") << R"({"quant_method": "bitsandbytes"})"
                             << "expected load_in_4bit or load_in_8bit to be true, found neither";
    QTest::newRow("both") << R"({"load_in_4bit": true, "load_in_8bit": true})"
                          << "found both";
    QTest::newRow("type") << R"({"load_in_4bit": true, "bnb_4bit_quant_type": "af4"})"
                          << "found \"af4\"";
    QTest::newRow("storage") << R"({"load_in_4bit": true, "bnb_4bit_quant_storage": "int3"})"
                             << "found \"int3\"";
    QTest::newRow("threshold") << R"({"load_in_8bit": true, "llm_int8_threshold": "6"})"
                               << "llm_int8_threshold";
    QTest::newRow("skip modules") << R"({"load_in_4bit": true, "llm_int8_skip_modules": "lm_head"})"
                                  << "expected a list of names for llm_int8_skip_modules";
    QTest::newRow("flag") << R"({"load_in_4bit": 1})"
                          << "load_in_4bit";
}

void TestBitsAndBytes::configOfNoUse()
{
    QFETCH(const QString, json);
    QFETCH(const QString, sentence);
    const auto read = readBitsAndBytesConfig(Json::parse(json.toStdString()), "config.json");
    QVERIFY(!read);
    QVERIFY2(read.error().sentence().find(sentence.toStdString()) != std::string::npos,
             read.error().sentence().c_str());
}

void TestBitsAndBytes::badStates_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("no JSON") << "{"
                             << ""
                             << "JSON";
    QTest::newRow("a list")
        << "{\"quant_type\": \"nf4\", \"blocksize\": 64, \"dtype\": \"float16\", \"shape\": [8, 64]}"
        << "[1]"
        << "expected a JSON object";
    QTest::newRow("other type") << "nf4"
                                << "fp4"
                                << "expected the quant_type of its name, found \"fp4\"";
    QTest::newRow("unknown type") << "nf4"
                                  << "int4"
                                  << "expected the quant_type nf4 or fp4, found \"int4\"";
    QTest::newRow("block size") << "64, \"dtype"
                                << "48, \"dtype"
                                << "found 48";
    QTest::newRow("no block size") << "\"blocksize\": 64, "
                                   << ""
                                   << "blocksize";
    QTest::newRow("shape") << "[8, 64]"
                           << "[64, 8]"
                           << "expected the shape [8,64], found [64,8]";
    QTest::newRow("offset of nothing") << "64]}"
                                       << "64], \"nested_offset\": 0.5}"
                                       << "no nested_offset";
}

void TestBitsAndBytes::badStates()
{
    QFETCH(const QString, from);
    QFETCH(const QString, to);
    QFETCH(const QString, sentence);
    const auto read = readChanged(bitsAndBytesFormat(), encoded(fourBits(), 8, 64), [&](Tensors& tensors, Json&) {
        EncodedTensor& state = partOf(tensors, "bitsandbytes__nf4");
        QString text = QString::fromStdString(textOf(state));
        QVERIFY(text.contains(from));
        setText(state, text.replace(from, to).toStdString());
    });
    QVERIFY(!read);
    QVERIFY2(read.error().sentence().find(sentence.toStdString()) != std::string::npos,
             read.error().sentence().c_str());
    QVERIFY(read.error().sentence().find("quant_state") != std::string::npos);
}

void TestBitsAndBytes::badFiles_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("change");
    QTest::addColumn<QString>("sentence");
    for (const char* part :
         {".weight", ".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map", "quant_state.bitsandbytes__nf4"}) {
        QTest::addRow("without %s", part) << "nested" << QString("missing ") + part << QString(part).remove(0, 1);
    }
    QTest::newRow("absmax of another count") << "plain"
                                             << "count .absmax"
                                             << "expected F32 [8], found F32 [7]";
    QTest::newRow("absmax not finite") << "plain"
                                       << "infinite .absmax"
                                       << "absmax";
    QTest::newRow("absmax of codes") << "plain"
                                     << "type .absmax"
                                     << "expected F32 [8]";
    QTest::newRow("other map") << "plain"
                               << "infinite .quant_map"
                               << "quant_map";
    QTest::newRow("map of another book") << "plain"
                                         << "value .quant_map"
                                         << "expected the values of nf4";
    QTest::newRow("unknown part") << "plain"
                                  << "unknown"
                                  << "only parts of a weight that bitsandbytes knows";
    QTest::newRow("storage") << "plain"
                             << "storage"
                             << "expected BF16 [128, 1], found U8 [256, 1]";
    QTest::newRow("two states") << "plain"
                                << "two"
                                << "expected one quant_state";
    QTest::newRow("without SCB") << "int8"
                                 << "missing .SCB"
                                 << ".SCB";
    QTest::newRow("SCB count") << "int8"
                               << "count .SCB"
                               << "expected F32 [8], found F32 [7]";
    QTest::newRow("SCB not finite") << "int8"
                                    << "infinite .SCB"
                                    << ".SCB";
    QTest::newRow("8-bit weight type") << "int8"
                                       << "type .weight"
                                       << "expected I8 [8, 64]";
    QTest::newRow("layout") << "int8"
                            << "value .weight_format"
                            << "expected 0 (rows), found 1";
}

void TestBitsAndBytes::badFiles()
{
    QFETCH(const QString, kind);
    QFETCH(const QString, change);
    QFETCH(const QString, sentence);
    const std::string what = change.section(' ', 0, 0).toStdString();
    const std::string part = change.section(' ', 1).toStdString();
    const Scheme scheme = kind == "int8" ? quant::llmInt8().usualScheme() : fourBits(kind == "nested");
    const auto read = readChanged(bitsAndBytesFormat(), encoded(scheme, 8, 64), [&](Tensors& tensors, Json& config) {
        if (what == "missing") {
            std::erase_if(tensors, [&](const EncodedTensor& t) { return t.plan.name.ends_with(part); });
        } else if (what == "unknown") {
            tensors.push_back({{"model.layers.0.mlp.up_proj.weight.bitlathe", DType::U8, {1}}, {std::byte{0}}});
        } else if (what == "storage") {
            config["bnb_4bit_quant_storage"] = "bfloat16";
        } else if (what == "two") {
            EncodedTensor copy = partOf(tensors, "bitsandbytes__nf4");
            copy.plan.name.replace(copy.plan.name.size() - 3, 3, "fp4");
            tensors.push_back(copy);
        } else if (EncodedTensor& tensor = partOf(tensors, part); what == "count") {
            tensor.plan.shape = {7};
            tensor.bytes.resize(28);
        } else if (what == "type") {
            tensor.plan.dtype = DType::U8;
            tensor.plan.shape = {static_cast<std::int64_t>(tensor.bytes.size())};
        } else if (what == "infinite") {
            const float infinity = std::numeric_limits<float>::infinity();
            std::memcpy(tensor.bytes.data(), &infinity, sizeof infinity);
        } else {
            tensor.bytes.front() = std::byte{1};
            const float value = 0.25F;
            std::memcpy(tensor.bytes.data(), &value, tensor.bytes.size() > 1 ? sizeof value : 0);
        }
    });
    QVERIFY(!read);
    QVERIFY2(read.error().sentence().find(sentence.toStdString()) != std::string::npos,
             read.error().sentence().c_str());
}

/// Folders of the original, converted to their own format: every tensor again, and the same configuration.
void TestBitsAndBytes::convertsThereAndBack()
{
    BITLATHE_NEED_SHARED();
    for (const Golden& golden : kGoldens) {
        const TempFolder temp;
        wholeGolden(golden.name, temp / "model");
        const auto opened = openModel(temp / "model");
        BITLATHE_VERIFY_OK(opened);
        BITLATHE_VERIFY_OK(convert(*opened, bitsAndBytesFormat(), {.out = temp / "again"}));
        const auto again = openModel(temp / "again");
        BITLATHE_VERIFY_OK(again);
        QCOMPARE((*again)->checkpoint->entries().size(), (*opened)->checkpoint->entries().size());
        for (const checkpoint::TensorEntry& entry : (*opened)->checkpoint->entries()) {
            const auto copy = (*again)->checkpoint->tensor(entry.name, entry.shape);
            BITLATHE_VERIFY_OK(copy);
            QVERIFY(std::ranges::equal(copy->bytes, (*opened)->checkpoint->view(entry).bytes));
        }
        VERIFY_JSON((*again)->checkpoint->config(), (*opened)->checkpoint->config());
        BITLATHE_VERIFY_OK(convert(*opened, **findFormat("dense"), {.out = temp / "dense"}));
        const auto gptq = convert(*opened, **findFormat("gptq"), {.out = temp / "gptq"});
        QVERIFY(!gptq);
        QCOMPARE(gptq.error().code, ErrorCode::NotSupported);
    }
}

QTEST_GUILESS_MAIN(TestBitsAndBytes)
#include "tst_bitsandbytes.moc"
