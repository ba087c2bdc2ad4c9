// SPDX-License-Identifier: Apache-2.0
// Exporter: what is in an exported folder, and what is refused.
#include "exporterfixtures.h"

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;

class TestExporter : public QObject
{
    Q_OBJECT

private slots:
    void readsBackToTheBit();
    void logitsToTheBit();
    void keepsTheRest();
    void denseRoundsToTheModelsType();
    void convertsToDense();
    void biasesTravel();
    void bytesAreExact();
    void shards();
    void outputExists();
    void schemeThatDoesNotFit();
    void weightsNotFinite();
    void tiedHeadIsWrittenOnce();
    void diskFull();
};

void TestExporter::readsBackToTheBit()
{
    const TempFolder temp;
    LinearSchemes schemes = mixedSchemes(*demo());
    schemes[12] = makeScheme(8, quant::kPerTensor, false);
    const Tensors tensors = quantizeAll(*demo(), schemes);
    BITLATHE_VERIFY_OK(exportTo(temp / "out", demo(), compressed(), schemes, tensors));
    QVERIFY(!fs::exists(temp / "out.partial"));
    const auto opened = openModel(temp / "out");
    BITLATHE_VERIFY_OK(opened);
    QCOMPARE((*opened)->format, &compressed());
    QCOMPARE((*opened)->parameters, demo()->parameters);
    schemes[12]->groupSize = quant::kPerChannel; // One scale for all is stored as the same scale for every row.
    for (const model::LinearSpec& linear : demo()->spec.linears) {
        const auto& tensor = tensors[linear.id.index()];
        QCOMPARE((*opened)->schemes[linear.id.index()], schemes[linear.id.index()]);
        const auto weights = (*opened)->source->weights(linear);
        BITLATHE_VERIFY_OK(weights);
        QCOMPARE(*weights, tensor ? tensor->dequantize() : *demo()->source->weights(linear));
    }
}

void TestExporter::logitsToTheBit()
{
    const TempFolder temp;
    const LinearSchemes schemes = mixedSchemes(*demo());
    const Tensors tensors = quantizeAll(*demo(), schemes);
    BITLATHE_VERIFY_OK(exportTo(temp / "out", demo(), compressed(), schemes, tensors));
    const auto lookup = [&](const model::LinearSpec& linear) -> Result<std::shared_ptr<const QuantizedTensor>> {
        return tensors[linear.id.index()];
    };
    const auto inMemory = model::Model::create(
        demo()->spec, quant::makeQuantizedSource(model::makeDenseSource(demo()->checkpoint), lookup), {});
    BITLATHE_VERIFY_OK(inMemory);
    const auto opened = openModel(temp / "out");
    BITLATHE_VERIFY_OK(opened);
    const auto fromFile = runnable(**opened, {});
    BITLATHE_VERIFY_OK(fromFile);
    const std::vector<model::TokenId> ids{1, 17, 4000, 8191, 300, 299, 5, 5, 5, 77};
    const auto expected = (*inMemory)->forward(ids);
    const auto found = (*fromFile)->forward(ids);
    BITLATHE_VERIFY_OK(expected);
    BITLATHE_VERIFY_OK(found);
    std::vector<float> expectedLogits(ids.size() * 8192);
    std::vector<float> foundLogits(ids.size() * 8192);
    (*inMemory)->logits(*expected, 0, expected->rows, expectedLogits);
    (*fromFile)->logits(*found, 0, found->rows, foundLogits);
    QCOMPARE(foundLogits, expectedLogits);
}

void TestExporter::keepsTheRest()
{
    const TempFolder temp;
    const LinearSchemes schemes = mixedSchemes(*demo());
    BITLATHE_VERIFY_OK(exportTo(temp / "out", demo(), compressed(), schemes, quantizeAll(*demo(), schemes)));
    const auto opened = openModel(temp / "out");
    BITLATHE_VERIFY_OK(opened);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < demo()->owners.size(); ++i) {
        const auto& entry = demo()->checkpoint->entries()[i];
        const bool isQuantized = demo()->owners[i].isValid() && schemes[demo()->owners[i].index()];
        const auto* copy = (*opened)->checkpoint->find(entry.name);
        QCOMPARE(copy == nullptr, isQuantized);
        if (copy != nullptr) {
            QVERIFY(
                std::ranges::equal((*opened)->checkpoint->view(*copy).bytes, demo()->checkpoint->view(entry).bytes));
            ++kept;
        }
    }
    QCOMPARE(kept, std::size_t{1 + 17 + 1}); // Embedding, norms, the layer that is not quantized.
    std::vector<std::string> keys;
    for (const auto& [key, value] : demo()->checkpoint->config().items()) {
        keys.push_back(key);
        VERIFY_JSON((*opened)->checkpoint->config()[key], value);
    }
    keys.push_back("quantization_config");
    std::vector<std::string> written;
    for (const auto& [key, value] : (*opened)->checkpoint->config().items()) {
        written.push_back(key);
    }
    QCOMPARE(written, keys);
    const auto companions = checkpoint::companionFiles(demo()->folder());
    for (const fs::path& file : companions.value()) {
        QCOMPARE(contentOf(temp / "out" / file.filename()), contentOf(file));
    }
    QVERIFY(fs::exists(temp / "out" / "tokenizer.model"));
    QCOMPARE(contentOf(temp / "out" / "recipe.yaml"), std::string("version: 1\n"));
    QVERIFY((*opened)->tokenizer != nullptr);
}

void TestExporter::denseRoundsToTheModelsType()
{
    const TempFolder temp;
    const LinearSchemes schemes = mixedSchemes(*demo());
    const Tensors tensors = quantizeAll(*demo(), schemes);
    BITLATHE_VERIFY_OK(exportTo(temp / "out", demo(), denseFormat(), schemes, tensors));
    const auto opened = openModel(temp / "out");
    BITLATHE_VERIFY_OK(opened);
    QVERIFY(!(*opened)->isQuantized());
    QVERIFY(!(*opened)->checkpoint->config().contains("quantization_config"));
    for (const model::LinearSpec& linear : demo()->spec.linears) {
        const auto& tensor = tensors[linear.id.index()];
        const std::vector<float> exact = tensor ? tensor->dequantize() : *demo()->source->weights(linear);
        const std::vector<float> written = *(*opened)->source->weights(linear);
        for (std::size_t i = 0; i < exact.size(); ++i) {
            QCOMPARE(written[i], static_cast<float>(kernels::Bf16(exact[i])));
        }
    }
}

void TestExporter::convertsToDense()
{
    const TempFolder temp;
    const LinearSchemes schemes = mixedSchemes(*demo());
    const Tensors tensors = quantizeAll(*demo(), schemes);
    BITLATHE_VERIFY_OK(exportTo(temp / "packed", demo(), compressed(), schemes, tensors));
    BITLATHE_VERIFY_OK(exportTo(temp / "direct", demo(), denseFormat(), schemes, tensors));
    const auto packed = openModel(temp / "packed");
    BITLATHE_VERIFY_OK(packed);
    const LinearSchemes none(schemes.size());
    BITLATHE_VERIFY_OK(exportTo(temp / "converted", *packed, denseFormat(), none, Tensors(schemes.size())));
    const auto direct = *checkpoint::Checkpoint::open(temp / "direct");
    const auto converted = *checkpoint::Checkpoint::open(temp / "converted");
    VERIFY_JSON(converted->config(), direct->config());
    QCOMPARE(converted->entries().size(), direct->entries().size());
    for (const auto& entry : direct->entries()) {
        const auto* same = converted->find(entry.name);
        QVERIFY2(same != nullptr, entry.name.c_str());
        QVERIFY(std::ranges::equal(converted->view(*same).bytes, direct->view(entry).bytes));
    }
}

/// A model whose attention has biases, in a format that has a word of its own for everything else.
void TestExporter::biasesTravel()
{
    const TempFolder temp;
    std::vector<EncodedTensor> tensors;
    for (const auto& entry : demo()->checkpoint->entries()) {
        const auto view = demo()->checkpoint->view(entry);
        tensors.push_back({{entry.name, entry.dtype, entry.shape}, {view.bytes.begin(), view.bytes.end()}});
    }
    for (const model::LinearSpec& linear : demo()->spec.linears) {
        if (linear.name.find("self_attn") != std::string::npos) {
            std::vector<std::byte> bytes(static_cast<std::size_t>(2 * linear.outFeatures), std::byte{0x3c});
            tensors.push_back({{linear.biasName(), checkpoint::DType::F16, {linear.outFeatures}}, std::move(bytes)});
        }
    }
    Json config = demo()->checkpoint->config();
    config["attention_bias"] = true;
    writeFolder(temp / "biased", tensors, config);
    const auto biased = openModel(temp / "biased");
    BITLATHE_VERIFY_OK(biased);
    Scheme scheme = makeScheme(4, 64, true);
    scheme.scaleDType = checkpoint::DType::F16;
    const LinearSchemes schemes((*biased)->spec.linears.size(), scheme);
    for (const char* name : {"gptq", "awq"}) {
        BITLATHE_VERIFY_OK(exportTo(temp / name, *biased, **findFormat(name), schemes, quantizeAll(**biased, schemes)));
        const auto opened = openModel(temp / name);
        BITLATHE_VERIFY_OK(opened);
        BITLATHE_VERIFY_OK(runnable(**opened, {}));
        for (const model::LinearSpec& linear : (*opened)->spec.linears) {
            if (!linear.hasBias) {
                continue;
            }
            const auto bias = (*opened)->checkpoint->tensor(linear.biasName(), {linear.outFeatures});
            BITLATHE_VERIFY_OK(bias);
            QCOMPARE(checkpoint::toF32(*bias)[0],
                     checkpoint::toF32(*(*biased)->checkpoint->tensor(linear.biasName()))[0]);
        }
        QVERIFY((*opened)->checkpoint->find("lm_head.weight") == nullptr);
    }
}

void TestExporter::bytesAreExact()
{
    for (const Format* format : formats()) {
        if (!format->storesAsNamed()) {
            continue; // Workspaces have a test of their own.
        }
        const TempFolder temp;
        const LinearSchemes schemes = schemesFor(*format, *demo());
        const auto bytes = exportedBytes(*demo(), *format, schemes);
        BITLATHE_VERIFY_OK(bytes);
        BITLATHE_VERIFY_OK(exportTo(temp / "out", demo(), *format, schemes, quantizeAll(*demo(), schemes)));
        QCOMPARE(*bytes, tensorFileBytes(temp / "out"));
        const auto report = verify(temp / "out");
        BITLATHE_VERIFY_OK(report);
        QCOMPARE(report->bytes, *bytes);
    }
}

void TestExporter::shards()
{
    const TempFolder temp;
    const LinearSchemes schemes = mixedSchemes(*demo());
    ExportOptions options;
    options.bytesShardMax = 1 << 20;
    BITLATHE_VERIFY_OK(exportTo(temp / "out", demo(), compressed(), schemes, quantizeAll(*demo(), schemes), options));
    QVERIFY(fs::exists(temp / "out" / "model.safetensors.index.json"));
    const auto report = verify(temp / "out");
    BITLATHE_VERIFY_OK(report);
    QCOMPARE(report->quantizedLinears, 55);
}

void TestExporter::outputExists()
{
    const TempFolder temp;
    const LinearSchemes schemes(demo()->spec.linears.size());
    const Tensors none(schemes.size());
    BITLATHE_VERIFY_OK(exportTo(temp / "out", demo(), denseFormat(), schemes, none));
    const auto second = exportTo(temp / "out", demo(), denseFormat(), schemes, none);
    QVERIFY(!second.has_value());
    QCOMPARE(second.error().code, ErrorCode::OutputExists);
    BITLATHE_VERIFY_OK(verify(temp / "out"));
    ExportOptions overwrite;
    overwrite.overwrite = true;
    BITLATHE_VERIFY_OK(exportTo(temp / "out", demo(), denseFormat(), schemes, none, overwrite));
}

void TestExporter::schemeThatDoesNotFit()
{
    const TempFolder temp;
    LinearSchemes schemes(demo()->spec.linears.size(), makeScheme(4, 128, true));
    schemes[9] = makeScheme(4, 96, true);
    ExportOptions options;
    options.out = temp / "out";
    const auto exporter = Exporter::create(demo(), compressed(), schemes, options);
    QVERIFY(!exporter.has_value());
    QCOMPARE(exporter.error().code, ErrorCode::NotSupported);
    QCOMPARE(exporter.error().subject, demo()->spec.linears[9].name);
    QVERIFY(!fs::exists(temp / "out.partial"));
    QVERIFY(!exportedBytes(*demo(), compressed(), schemes).has_value());
}

void TestExporter::weightsNotFinite()
{
    const TempFolder temp;
    EncodedTensor norm{{"model.norm.weight", DType::BF16, {256}}, std::vector<std::byte>(512)};
    norm.bytes[7] = std::byte{0x7f};
    norm.bytes[6] = std::byte{0xc0};
    const auto opened = openModel(demoWith(temp, norm));
    BITLATHE_VERIFY_OK(opened);
    const LinearSchemes schemes(demo()->spec.linears.size());
    const auto exported = exportTo(temp / "out", *opened, denseFormat(), schemes, Tensors(schemes.size()));
    QVERIFY(!exported.has_value());
    QCOMPARE(exported.error().code, ErrorCode::WeightsNotFinite);
    QCOMPARE(exported.error().subject, std::string("model.norm.weight"));
    QVERIFY(!fs::exists(temp / "out"));
}

void TestExporter::tiedHeadIsWrittenOnce()
{
    const TempFolder temp;
    const auto embedding = *demo()->checkpoint->tensor("model.embed_tokens.weight");
    const auto opened = openModel(demoWith(
        temp, {{"lm_head.weight", DType::BF16, embedding.shape}, {embedding.bytes.begin(), embedding.bytes.end()}}));
    BITLATHE_VERIFY_OK(opened);
    const LinearSchemes schemes(demo()->spec.linears.size());
    BITLATHE_VERIFY_OK(exportTo(temp / "out", *opened, denseFormat(), schemes, Tensors(schemes.size())));
    const auto written = checkpoint::Checkpoint::open(temp / "out");
    BITLATHE_VERIFY_OK(written);
    QVERIFY((*written)->find("lm_head.weight") == nullptr);
    QVERIFY((*written)->find("model.embed_tokens.weight") != nullptr);
}

void TestExporter::diskFull()
{
    const TempFolder temp;
    const LinearSchemes schemes(demo()->spec.linears.size());
    const FileLimit limit(1 << 20);
    const auto exported = exportTo(temp / "out", demo(), denseFormat(), schemes, Tensors(schemes.size()));
    QVERIFY(!exported.has_value());
    QVERIFY(exported.error().code == ErrorCode::DiskFull || exported.error().code == ErrorCode::WriteFailed);
    QVERIFY(!fs::exists(temp / "out"));
}

QTEST_GUILESS_MAIN(TestExporter)
#include "tst_exporter.moc"
