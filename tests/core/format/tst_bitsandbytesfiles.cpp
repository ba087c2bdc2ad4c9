// SPDX-License-Identifier: Apache-2.0
// Files of bitsandbytes: layers of all kinds there and back, and what is refused of files.
#include "bitsandbytesfixtures.h"
#include "core/format/bitsandbytesconfig.h"
#include "core/format/layertensors.h"

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;

namespace
{

using Tensors = std::vector<EncodedTensor>;

EncodedTensor& partOf(Tensors& tensors, const std::string& suffix)
{
    return *std::ranges::find_if(tensors, [&](const EncodedTensor& t) { return t.plan.name.ends_with(suffix); });
}

void setText(EncodedTensor& tensor, const std::string& text)
{
    tensor.bytes = bytesOf(std::vector<char>(text.begin(), text.end()));
    tensor.plan.shape = {static_cast<std::int64_t>(text.size())};
}

} // namespace

class TestBitsAndBytesFiles : public QObject
{
    Q_OBJECT

private slots:
    void roundTrips_data();
    void roundTrips();
    void configOfNoUse_data();
    void configOfNoUse();
    void badStates_data();
    void badStates();
    void badFiles_data();
    void badFiles();
};

void TestBitsAndBytesFiles::roundTrips_data()
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

void TestBitsAndBytesFiles::roundTrips()
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

void TestBitsAndBytesFiles::configOfNoUse_data()
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

void TestBitsAndBytesFiles::configOfNoUse()
{
    QFETCH(const QString, json);
    QFETCH(const QString, sentence);
    const auto read = readBitsAndBytesConfig(Json::parse(json.toStdString()), "config.json");
    QVERIFY(!read);
    QVERIFY2(read.error().sentence().find(sentence.toStdString()) != std::string::npos,
             read.error().sentence().c_str());
}

void TestBitsAndBytesFiles::badStates_data()
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

void TestBitsAndBytesFiles::badStates()
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

void TestBitsAndBytesFiles::badFiles_data()
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

void TestBitsAndBytesFiles::badFiles()
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

QTEST_GUILESS_MAIN(TestBitsAndBytesFiles)
#include "tst_bitsandbytesfiles.moc"
