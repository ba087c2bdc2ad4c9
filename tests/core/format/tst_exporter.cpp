// SPDX-License-Identifier: Apache-2.0
// Exporter and verify: what is in an exported folder, what survives an interruption, what is refused and noticed.
#include "core/format/exporter.h"

#include "core/base/resources.h"
#include "core/format/dense.h"
#include "core/model/densesource.h"
#include "core/quant/quantizedsource.h"
#include "core/quant/quantizer.h"
#include "formatfixtures.h"
#include "kernels/scalars.h"
#include "kernels/threads.h"
#include "support/filelimit.h"

using namespace bitlathe;
using namespace bitlathe::format;
using namespace bitlathe::tests;
using checkpoint::DType;
using quant::QuantizedTensor;
using quant::Scheme;

namespace fs = std::filesystem;

namespace
{

using Tensors = std::vector<std::shared_ptr<const QuantizedTensor>>;

const Format& compressed()
{
    return **findFormat("compressed-tensors");
}

std::shared_ptr<const OpenedModel> demo()
{
    static const auto opened = openModel(*resource("demo/model"));
    return *opened;
}

Scheme makeScheme(int bits, std::int64_t groupSize, bool symmetric)
{
    Scheme scheme;
    scheme.bits = bits;
    scheme.groupSize = groupSize;
    scheme.symmetric = symmetric;
    scheme.scaleDType = DType::BF16;
    return scheme;
}

Tensors quantizeAll(const OpenedModel& model, const LinearSchemes& schemes)
{
    Tensors tensors(schemes.size());
    const quant::Quantizer& rtn = **quant::findQuantizer("rtn");
    for (const model::LinearSpec& linear : model.spec.linears) {
        if (const auto& scheme = schemes[linear.id.index()]) {
            const std::vector<float> weights = *model.source->weights(linear);
            tensors[linear.id.index()] = rtn.quantize({linear, weights, nullptr, *scheme}, {})->tensor;
        }
    }
    return tensors;
}

/// 4 bits in groups of 128, but 8 bits for down_proj, 2 bits for one layer and none for another.
LinearSchemes mixedSchemes(const OpenedModel& model)
{
    LinearSchemes schemes(model.spec.linears.size(), makeScheme(4, 128, false));
    for (const model::LinearSpec& linear : model.spec.linears) {
        if (linear.name.ends_with("down_proj")) {
            schemes[linear.id.index()] = makeScheme(8, quant::kPerChannel, true);
        }
    }
    schemes[3] = makeScheme(2, 64, true);
    schemes[10].reset();
    return schemes;
}

Result<void> writeAll(Exporter& exporter, const Tensors& tensors)
{
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        BITLATHE_CHECK(exporter.writeLinear(LayerId(static_cast<std::int64_t>(i)), tensors[i].get()));
    }
    return exporter.writeOthers();
}

Result<void> exportTo(const fs::path& out, std::shared_ptr<const OpenedModel> model, const Format& format,
                      const LinearSchemes& schemes, const Tensors& tensors, ExportOptions options = {})
{
    options.out = out;
    BITLATHE_TRY(const auto exporter, Exporter::create(std::move(model), format, schemes, options));
    BITLATHE_CHECK(writeAll(*exporter, tensors));
    return exporter->finish({{"recipe.yaml", "version: 1\n"}});
}

std::string contentOf(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Inverts a byte of a tensor in a folder.
void damage(const fs::path& folder, const std::string& tensor)
{
    const auto checkpoint = *checkpoint::Checkpoint::open(folder);
    const auto* entry = checkpoint->find(tensor);
    std::fstream file(checkpoint->files()[entry->file], std::ios::binary | std::ios::in | std::ios::out);
    const auto place = static_cast<std::streamoff>(entry->offset + entry->bytes / 2);
    file.seekg(place);
    const int byte = file.get();
    file.seekp(place);
    file.put(static_cast<char>(byte ^ 0x01));
}

std::uint64_t tensorFileBytes(const fs::path& folder)
{
    std::uint64_t bytes = 0;
    for (const auto& file : fs::directory_iterator(folder)) {
        bytes += file.path().extension() == ".safetensors" ? file.file_size() : 0;
    }
    return bytes;
}

/// A folder with the demo's files and one changed or added tensor.
fs::path demoWith(const TempFolder& temp, const EncodedTensor& changed)
{
    std::vector<EncodedTensor> tensors;
    for (const auto& entry : demo()->checkpoint->entries()) {
        const auto view = demo()->checkpoint->view(entry);
        tensors.push_back({{entry.name, entry.dtype, entry.shape}, {view.bytes.begin(), view.bytes.end()}});
    }
    const auto same =
        std::ranges::find(tensors, changed.plan.name, [](const EncodedTensor& tensor) { return tensor.plan.name; });
    same == tensors.end() ? tensors.push_back(changed) : static_cast<void>(*same = changed);
    writeFolder(temp / "changed", tensors, demo()->checkpoint->config());
    return temp / "changed";
}

/// The mixed schemes where a format can tell them, else one that it can.
LinearSchemes schemesFor(const Format& format, const OpenedModel& model)
{
    LinearSchemes mixed = mixedSchemes(model);
    const auto fits = [&](const LinearSchemes& schemes) {
        for (const model::LinearSpec& linear : model.spec.linears) {
            const auto& scheme = schemes[linear.id.index()];
            if (scheme && !format.check(*scheme, linear)) {
                return false;
            }
        }
        return format.quantizationConfig(model.spec, schemes).has_value();
    };
    for (auto& scheme : mixed) {
        if (scheme) {
            scheme->scaleDType = format.scaleDType(model.dtype);
        }
    }
    if (fits(mixed)) {
        return mixed;
    }
    for (Scheme scheme : {makeScheme(4, 64, false), makeScheme(8, quant::kPerChannel, true)}) {
        scheme.scaleDType = format.scaleDType(model.dtype);
        LinearSchemes one(mixed.size(), scheme);
        for (std::size_t i = 6; i < one.size(); i += 7) {
            one[i] = std::nullopt;
        }
        if (fits(one)) {
            return one;
        }
    }
    qFatal("no scheme for %s", std::string(format.name()).c_str());
}

} // namespace

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
    void resumeGivesTheSameBytes();
    void sameBytesForAnyThreads();
    void damageIsNoticed();
    void damageAfterResumeIsNoticed();
    void forgottenLayer();
    void outputExists();
    void schemeThatDoesNotFit();
    void weightsNotFinite();
    void tiedHeadIsWrittenOnce();
    void stops();
    void diskFull();
    void verifiesGoodFolders();
    void verifiesBadFolders();
    void verifyTellsWhatConsumersRefuse();
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
    for (const fs::path& file : checkpoint::companionFiles(demo()->folder())) {
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

void TestExporter::resumeGivesTheSameBytes()
{
    const TempFolder temp;
    const LinearSchemes schemes = mixedSchemes(*demo());
    const Tensors tensors = quantizeAll(*demo(), schemes);
    BITLATHE_VERIFY_OK(exportTo(temp / "whole", demo(), compressed(), schemes, tensors));
    constexpr std::int64_t kDone = 30;
    ExportOptions options;
    options.out = temp / "parts";
    {
        const auto first = Exporter::create(demo(), compressed(), schemes, options);
        BITLATHE_VERIFY_OK(first);
        for (std::int64_t i = 0; i < kDone; ++i) {
            BITLATHE_VERIFY_OK((*first)->writeLinear(LayerId(i), tensors[static_cast<std::size_t>(i)].get()));
        }
        BITLATHE_VERIFY_OK((*first)->sync());
        std::ofstream((*first)->partialFolder() / ".bitlathe-journal") << "30";
    }
    QVERIFY(!fs::exists(temp / "parts"));
    options.resume = true;
    const auto second = Exporter::create(demo(), compressed(), schemes, options);
    BITLATHE_VERIFY_OK(second);
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(tensors.size()); ++i) {
        if (i < kDone) {
            (*second)->markWritten(LayerId(i));
        } else {
            BITLATHE_VERIFY_OK((*second)->writeLinear(LayerId(i), tensors[static_cast<std::size_t>(i)].get()));
        }
    }
    BITLATHE_VERIFY_OK((*second)->writeOthers());
    BITLATHE_VERIFY_OK((*second)->finish({{"recipe.yaml", "version: 1\n"}}));
    std::size_t files = 0;
    for (const auto& file : fs::directory_iterator(temp / "whole")) {
        QVERIFY2(contentOf(temp / "parts" / file.path().filename()) == contentOf(file.path()), file.path().c_str());
        ++files;
    }
    const auto count = std::distance(fs::directory_iterator(temp / "parts"), fs::directory_iterator());
    QCOMPARE(static_cast<std::size_t>(count), files);
}

void TestExporter::sameBytesForAnyThreads()
{
    const TempFolder temp;
    for (const Format* format : formats()) {
        if (!format->storesAsNamed()) {
            continue;
        }
        const LinearSchemes schemes = schemesFor(*format, *demo());
        std::vector<std::string> files;
        for (const int threads : {1, 2}) {
            kernels::setThreadCount(threads);
            const fs::path out = temp / (std::string(format->name()) + std::to_string(threads));
            BITLATHE_VERIFY_OK(exportTo(out, demo(), *format, schemes, quantizeAll(*demo(), schemes)));
            files.push_back(contentOf(out / "model.safetensors") + contentOf(out / "config.json"));
        }
        kernels::setThreadCount(0);
        QVERIFY(files[0] == files[1]);
    }
}

void TestExporter::damageIsNoticed()
{
    const LinearSchemes schemes = mixedSchemes(*demo());
    const Tensors tensors = quantizeAll(*demo(), schemes);
    for (const char* tensor :
         {"model.layers.0.mlp.up_proj.weight_packed", "model.layers.2.self_attn.q_proj.weight_scale",
          "model.layers.4.self_attn.k_proj.weight_zero_point", "model.norm.weight"}) {
        const TempFolder temp;
        ExportOptions options;
        options.out = temp / "out";
        const auto exporter = Exporter::create(demo(), compressed(), schemes, options);
        BITLATHE_VERIFY_OK(exporter);
        BITLATHE_VERIFY_OK(writeAll(**exporter, tensors));
        damage((*exporter)->partialFolder(), tensor);
        const auto finished = (*exporter)->finish({});
        QVERIFY(!finished.has_value());
        QCOMPARE(finished.error().code, ErrorCode::VerifyFailed);
        QCOMPARE(finished.error().subject, std::string(tensor));
        QVERIFY(!fs::exists(temp / "out"));
        (*exporter)->discard();
        QVERIFY(!fs::exists(temp / "out.partial"));
    }
}

void TestExporter::damageAfterResumeIsNoticed()
{
    const TempFolder temp;
    const LinearSchemes schemes = mixedSchemes(*demo());
    const Tensors tensors = quantizeAll(*demo(), schemes);
    ExportOptions options;
    options.out = temp / "out";
    {
        const auto first = Exporter::create(demo(), compressed(), schemes, options);
        BITLATHE_VERIFY_OK(first);
        BITLATHE_VERIFY_OK(writeAll(**first, tensors));
        BITLATHE_VERIFY_OK((*first)->sync());
    }
    options.resume = true;
    const auto second = Exporter::create(demo(), compressed(), schemes, options);
    BITLATHE_VERIFY_OK(second);
    for (const model::LinearSpec& linear : demo()->spec.linears) {
        (*second)->markWritten(linear.id);
    }
    BITLATHE_VERIFY_OK((*second)->writeOthers());
    damage((*second)->partialFolder(), "model.layers.5.mlp.gate_proj.weight_packed");
    const auto finished = (*second)->finish({});
    QVERIFY(!finished.has_value());
    QCOMPARE(finished.error().subject, std::string("model.layers.5.mlp.gate_proj.weight_packed"));
}

void TestExporter::forgottenLayer()
{
    const TempFolder temp;
    const LinearSchemes schemes(demo()->spec.linears.size());
    ExportOptions options;
    options.out = temp / "out";
    const auto exporter = Exporter::create(demo(), compressed(), schemes, options);
    BITLATHE_VERIFY_OK(exporter);
    BITLATHE_VERIFY_OK((*exporter)->writeOthers());
    for (std::int64_t i = 1; i < 56; ++i) {
        BITLATHE_VERIFY_OK((*exporter)->writeLinear(LayerId(i), nullptr));
    }
    const auto finished = (*exporter)->finish({});
    QVERIFY(!finished.has_value());
    QCOMPARE(finished.error().code, ErrorCode::TensorMissing);
    QVERIFY(finished.error().sentence().find("model.layers.0.self_attn.q_proj.weight") != std::string::npos);
    QVERIFY(!fs::exists(temp / "out"));
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

void TestExporter::stops()
{
    const TempFolder temp;
    const LinearSchemes schemes(demo()->spec.linears.size());
    ExportOptions options;
    options.out = temp / "out";
    const auto exporter = Exporter::create(demo(), compressed(), schemes, options);
    BITLATHE_VERIFY_OK(exporter);
    std::stop_source source;
    source.request_stop();
    WorkContext stopped;
    stopped.stop = source.get_token();
    const auto others = (*exporter)->writeOthers(stopped);
    QVERIFY(!others.has_value());
    QCOMPARE(others.error().code, ErrorCode::Cancelled);
    BITLATHE_VERIFY_OK(writeAll(**exporter, Tensors(schemes.size())));
    const auto finished = (*exporter)->finish({}, stopped);
    QVERIFY(!finished.has_value());
    QCOMPARE(finished.error().code, ErrorCode::Cancelled);
    QVERIFY(!fs::exists(temp / "out"));
    BITLATHE_VERIFY_OK((*exporter)->finish({}));
    QVERIFY(fs::exists(temp / "out"));
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

void TestExporter::verifiesGoodFolders()
{
    const auto plain = verify(*resource("demo/model"));
    BITLATHE_VERIFY_OK(plain);
    QCOMPARE(plain->format, std::string("dense"));
    QCOMPARE(plain->quantizedLinears, 0);
    QCOMPARE(plain->tensors, 74);
    QVERIFY(plain->findings.empty());
    BITLATHE_NEED_SHARED();
    const auto golden = verify(sharedFolder() / "golden/ct-w4a16-g128");
    BITLATHE_VERIFY_OK(golden);
    QCOMPARE(golden->format, std::string("compressed-tensors"));
    QCOMPARE(golden->quantizedLinears, 56);
    QCOMPARE(golden->tensors, 186);
}

void TestExporter::verifiesBadFolders()
{
    const TempFolder temp;
    const LinearSchemes schemes(demo()->spec.linears.size(), makeScheme(4, 128, true));
    BITLATHE_VERIFY_OK(exportTo(temp / "good", demo(), compressed(), schemes, quantizeAll(*demo(), schemes)));
    const auto copy = [&](const char* name) {
        fs::copy(temp / "good", temp / name);
        return temp / name;
    };
    const fs::path cut = copy("cut");
    fs::resize_file(cut / "model.safetensors", fs::file_size(cut / "model.safetensors") - 100);
    const auto truncated = verify(cut);
    QVERIFY(!truncated.has_value());
    QCOMPARE(truncated.error().code, ErrorCode::FileTruncated);

    const fs::path infinite = copy("infinite");
    const std::string scale = "model.layers.6.mlp.up_proj.weight_scale";
    {
        const auto checkpoint = *checkpoint::Checkpoint::open(infinite);
        std::fstream file(infinite / "model.safetensors", std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>(checkpoint->find(scale)->offset));
        file.write("\x80\x7f", 2);
    }
    const auto notFinite = verify(infinite);
    QVERIFY(!notFinite.has_value());
    QCOMPARE(notFinite.error().code, ErrorCode::WeightsNotFinite);
    QCOMPARE(notFinite.error().subject, scale);

    const fs::path zero = copy("zero");
    {
        const auto checkpoint = *checkpoint::Checkpoint::open(zero);
        std::fstream file(zero / "model.safetensors", std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>(checkpoint->find(scale)->offset));
        file.write("\0\0\x80\xbf", 4); // 0 and -1
    }
    const auto odd = verify(zero);
    BITLATHE_VERIFY_OK(odd);
    QCOMPARE(odd->findings.size(), std::size_t{2});
    QCOMPARE(odd->findings[0].code, std::string("scale-zero"));
    QCOMPARE(odd->findings[1].code, std::string("scale-negative"));
    QCOMPARE(odd->findings[1].subject, std::string("model.layers.6.mlp.up_proj"));
}

void TestExporter::verifyTellsWhatConsumersRefuse()
{
    const TempFolder temp;
    LinearSchemes schemes(demo()->spec.linears.size(), makeScheme(4, 128, true));
    schemes[1] = makeScheme(8, 128, true);
    schemes[6] = makeScheme(2, 128, true);
    BITLATHE_VERIFY_OK(exportTo(temp / "out", demo(), compressed(), schemes, quantizeAll(*demo(), schemes)));
    const auto report = verify(temp / "out");
    BITLATHE_VERIFY_OK(report);
    QCOMPARE(report->findings.size(), std::size_t{4});
    for (const std::size_t first : {0U, 2U}) {
        QCOMPARE(report->findings[first].code, std::string("consumer-refuses"));
        QCOMPARE(report->findings[first].subject, demo()->spec.linears[6].name);
        QCOMPARE(report->findings[first + 1].subject, demo()->spec.linears[1].name);
    }
    QVERIFY(report->findings[0].message.english().starts_with("vLLM"));
    QVERIFY(report->findings[2].message.english().starts_with("SGLang"));
}

QTEST_GUILESS_MAIN(TestExporter)
#include "tst_exporter.moc"
