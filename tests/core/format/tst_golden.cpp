// SPDX-License-Identifier: Apache-2.0
// Folders that the original tools wrote: every layer to the bit, and the same bytes again.
#include "core/base/resources.h"
#include "core/format/openmodel.h"
#include "formatfixtures.h"
#include "support/goldenfolder.h"

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;

namespace
{

struct Folder
{
    const char* name;
    const char* format;
    int bits;
    int groupSize;
    bool symmetric;
    bool actOrder = false;
    const char* scales = "F16";
    int activationBits = 0;
    quant::SchemeKind kind = quant::SchemeKind::UniformInt;
    quant::BookKind book = quant::BookKind::Nf4;
    bool doubleQuant = false;
};

constexpr std::array kFolders{
    Folder{"gptq-w2g64", "gptq", 2, 64, true},
    Folder{"gptq-w3g64", "gptq", 3, 64, true},
    Folder{"gptq-w4g128-sym", "gptq", 4, 128, true},
    Folder{"gptq-w4g128-asym", "gptq", 4, 128, false},
    Folder{"gptq-w4g128-asym-v2", "gptq-v2", 4, 128, false},
    Folder{"gptq-w4g128-desc_act", "gptq", 4, 128, true, true},
    Folder{"gptq-w8g128", "gptq", 8, 128, true},
    Folder{"awq-gemm-w4g128", "awq", 4, 128, false},
    Folder{"awq-gemm-w4g64", "awq", 4, 64, false},
    Folder{"awq-gemv-w4g128", "awq-gemv", 4, 128, false},
    Folder{"awq-gemv_fast-w4g128", "awq-gemv-fast", 4, 128, false},
    Folder{"ct-w4a16-g128", "compressed-tensors", 4, 128, true, false, "BF16"},
    Folder{"ct-w8a8-int8", "compressed-tensors-int8", 8, quant::kPerChannel, true, false, "BF16", 8},
    Folder{"bnb-nf4", "bitsandbytes", 4, 64, true, false, "F32", 0, quant::SchemeKind::CodeBook},
    Folder{"bnb-nf4-dq", "bitsandbytes", 4, 64, true, false, "F32", 0, quant::SchemeKind::CodeBook,
           quant::BookKind::Nf4, true},
    Folder{"bnb-fp4", "bitsandbytes", 4, 64, true, false, "F32", 0, quant::SchemeKind::CodeBook, quant::BookKind::Fp4},
    Folder{"bnb-int8", "bitsandbytes", 8, quant::kPerChannel, true, false, "F32", 0, quant::SchemeKind::Int8Outliers},
};

const Format* formatNamed(const QString& name)
{
    for (const Format* format : readableFormats()) {
        if (name == QString::fromUtf8(format->name().data(), static_cast<qsizetype>(format->name().size()))) {
            return format;
        }
    }
    return nullptr;
}

} // namespace

class TestGoldenFolders : public QObject
{
    Q_OBJECT

private slots:
    void readsEveryLayer_data() { rows(); }
    void readsEveryLayer();
    void writesTheSameBytes_data() { rows(); }
    void writesTheSameBytes();
    void opensAsAModel_data() { rows(); }
    void opensAsAModel();

private:
    static void rows();
};

void TestGoldenFolders::rows()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < kFolders.size(); ++i) {
        QTest::newRow(kFolders[i].name) << static_cast<int>(i);
    }
}

void TestGoldenFolders::readsEveryLayer()
{
    BITLATHE_NEED_SHARED();
    QFETCH(const int, index);
    const Folder& folder = kFolders[static_cast<std::size_t>(index)];
    const auto path = sharedFolder() / "golden" / folder.name;
    const auto opened = checkpoint::Checkpoint::open(path);
    BITLATHE_VERIFY_OK(opened);
    for (const Format* other : readableFormats()) {
        QCOMPARE(other->recognizes(**opened), other->name() == folder.format);
    }
    const Format* format = formatNamed(folder.format);
    QVERIFY(format != nullptr);
    const model::ModelSpec spec = demoLayers();
    const auto schemes = format->schemes(**opened, spec);
    BITLATHE_VERIFY_OK(schemes);
    quant::Scheme expected;
    expected.bits = folder.bits;
    expected.groupSize = folder.groupSize;
    expected.symmetric = folder.symmetric;
    expected.actOrder = folder.actOrder;
    expected.activationBits = folder.activationBits;
    expected.scaleDType = *checkpoint::dtypeFromName(folder.scales);
    expected.kind = folder.kind;
    expected.book = folder.book;
    expected.doubleQuant = folder.doubleQuant;
    if (folder.kind == quant::SchemeKind::CodeBook) {
        expected.notes.compute = checkpoint::DType::BF16;
    }
    const Json golden = readJsonFile(path / "golden.json");
    const Json& hashes = golden["sha256_dequant_fp32"];
    QCOMPARE(hashes.size(), spec.linears.size());
    for (const model::LinearSpec& linear : spec.linears) {
        const auto& scheme = (*schemes)[linear.id.index()];
        QVERIFY(scheme.has_value());
        QCOMPARE(*scheme, expected);
        const auto tensor = format->decode(**opened, linear, *scheme);
        BITLATHE_VERIFY_OK(tensor);
        QCOMPARE(tensor->groupIndex.empty(), !folder.actOrder);
        QCOMPARE(sha256OfValues(tensor->dequantize()), hashes[linear.name].get<std::string>());
    }
}

/// Reading and writing again gives every tensor of the layers, with its name, type, shape and bytes.
void TestGoldenFolders::writesTheSameBytes()
{
    BITLATHE_NEED_SHARED();
    QFETCH(const int, index);
    const Folder& folder = kFolders[static_cast<std::size_t>(index)];
    const auto opened = checkpoint::Checkpoint::open(sharedFolder() / "golden" / folder.name);
    BITLATHE_VERIFY_OK(opened);
    const Format* format = formatNamed(folder.format);
    const model::ModelSpec spec = demoLayers();
    const auto schemes = format->schemes(**opened, spec);
    BITLATHE_VERIFY_OK(schemes);
    std::size_t written = 0;
    for (const model::LinearSpec& linear : spec.linears) {
        const auto tensor = format->decode(**opened, linear, *(*schemes)[linear.id.index()]);
        BITLATHE_VERIFY_OK(tensor);
        const auto encoded = format->encode(linear, *tensor, checkpoint::DType::BF16);
        BITLATHE_VERIFY_OK(encoded);
        for (const EncodedTensor& part : *encoded) {
            const auto original = (*opened)->tensor(part.plan.name, part.plan.shape);
            BITLATHE_VERIFY_OK(original);
            QCOMPARE(original->dtype, part.plan.dtype);
            QVERIFY2(std::ranges::equal(original->bytes, part.bytes), part.plan.name.c_str());
            ++written;
        }
    }
    std::size_t stored = 0;
    for (const checkpoint::TensorEntry& entry : (*opened)->entries()) {
        stored += entry.name.find("_proj.") != std::string::npos ? 1 : 0;
    }
    QCOMPARE(written, stored);
}

void TestGoldenFolders::opensAsAModel()
{
    BITLATHE_NEED_SHARED();
    QFETCH(const int, index);
    const Folder& folder = kFolders[static_cast<std::size_t>(index)];
    const TempFolder temp;
    wholeGolden(folder.name, temp / "model");
    const auto opened = openModel(temp / "model");
    BITLATHE_VERIFY_OK(opened);
    QVERIFY((*opened)->isQuantized());
    QCOMPARE((*opened)->format->name(), std::string_view(folder.format));
    const auto demo = openModel(*resource("demo/model"));
    QCOMPARE((*opened)->parameters, (*demo)->parameters);
    BITLATHE_VERIFY_OK(runnable(**opened, {}));
}

QTEST_GUILESS_MAIN(TestGoldenFolders)
#include "tst_golden.moc"
