// SPDX-License-Identifier: Apache-2.0
// Exporter: writes a quantized model folder layer by layer.
#include "core/format/exporter.h"

#include "core/base/file.h"
#include "core/format/dense.h"
#include "core/format/exportplan.h"
#include "core/format/fingerprints.h"
#include "core/format/floatbytes.h"
#include "core/format/quantizationconfig.h"
#include "core/format/readback.h"

#include <algorithm>
#include <array>
#include <set>

namespace bitlathe::format
{

namespace fs = std::filesystem;

using checkpoint::FolderWriter;
using checkpoint::TensorEntry;
using checkpoint::TensorView;

namespace
{
constexpr std::uint64_t kBytesCompanionMax = 100'000'000; ///< Read whole; the largest tokenizers have a third of that.
constexpr const char* kFingerprints = ".bitlathe-fingerprints";
/// Other tools' descriptions of a quantization that the export does not have.
constexpr std::array kStaleFiles{"quantize_config.json", "quant_config.json"};

std::string jsonText(const Json& json)
{
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace

struct Exporter::Data
{
    std::shared_ptr<const OpenedModel> model;
    const Format* format = nullptr;
    LinearSchemes schemes;
    ExportPlan plan;
    std::vector<fs::path> companions; ///< Files that travel with the model.
    std::unique_ptr<FolderWriter> writer;
    FingerprintFile written;
    std::set<std::string> changed; ///< Names of tensors that writeValues() wrote.
    WorkspaceOptions workspace;
    std::optional<quant::KvParams> kv;

    Result<void> putBytes(const std::string& name, std::span<const std::byte> bytes);
    Result<void> put(const TensorView& tensor);
    void markWritten(const TensorEntry& entry);
    Result<void> putEntry(const TensorEntry& entry);
    Result<void> putQuantized(const model::LinearSpec& linear, const quant::QuantizedTensor& tensor);
    Result<void> putDense(const model::LinearSpec& linear);
    Result<StoredKv> storedKv() const;
    Result<Json> config() const;
    std::int64_t quantizedLinears() const;
    Result<void> compare(const WorkContext& work) const;
};

Result<void> Exporter::Data::putBytes(const std::string& name, std::span<const std::byte> bytes)
{
    BITLATHE_CHECK(writer->write(name, bytes));
    written.set(name, fingerprintOf(bytes));
    return {};
}

/// A tensor as the format stores it.
Result<void> Exporter::Data::put(const TensorView& tensor)
{
    if (format->storesAsNamed()) {
        return putBytes(tensor.name, tensor.bytes);
    }
    for (const EncodedTensor& part : format->store(model->spec, tensor, plan.dtype)) {
        if (checkpoint::isFloat(part.plan.dtype)) {
            BITLATHE_CHECK(checkpoint::checkFinite({part.plan.name, part.plan.dtype, part.plan.shape, part.bytes}));
        }
        BITLATHE_CHECK(putBytes(part.plan.name, part.bytes));
    }
    return {};
}

Result<void> Exporter::Data::putEntry(const TensorEntry& entry)
{
    const checkpoint::TensorView view = model->checkpoint->view(entry);
    if (checkpoint::isFloat(entry.dtype)) {
        BITLATHE_CHECK(checkpoint::checkFinite(view));
    }
    BITLATHE_CHECK(put(view));
    model->checkpoint->release(entry);
    return {};
}

Result<void> Exporter::Data::putQuantized(const model::LinearSpec& linear, const quant::QuantizedTensor& tensor)
{
    const quant::Scheme& scheme = *schemes[linear.id.index()];
    const bool isPlanned = tensor.rows == linear.outFeatures && tensor.cols == linear.inFeatures &&
                           tensor.scheme.bits == scheme.bits && tensor.scheme.groupSize == scheme.groupSize &&
                           tensor.scheme.symmetric == scheme.symmetric && tensor.scheme.scaleDType == scheme.scaleDType;
    if (!isPlanned) {
        return fail(ErrorCode::Internal, linear.name, Text(BITLATHE_TEXT("a layer as planned (%1)"), scheme.label()),
                    Text(BITLATHE_TEXT("%1, [%2, %3]"), tensor.scheme.label(), tensor.rows, tensor.cols));
    }
    BITLATHE_TRY(const std::vector<EncodedTensor> encoded, format->encode(linear, tensor, model->dtype));
    for (const EncodedTensor& part : encoded) {
        BITLATHE_CHECK(put({part.plan.name, part.plan.dtype, part.plan.shape, part.bytes}));
    }
    written.set(layerKey(linear), fingerprintOf(tensor));
    return {};
}

Result<void> Exporter::Data::putDense(const model::LinearSpec& linear)
{
    const auto& scheme = model->schemes[linear.id.index()];
    if (!scheme) {
        const TensorEntry* entry = model->checkpoint->find(linear.weightName());
        if (entry == nullptr) {
            return model->checkpoint->tensor(linear.weightName()).map([](const checkpoint::TensorView&) {});
        }
        return putEntry(*entry);
    }
    BITLATHE_TRY(const quant::QuantizedTensor tensor, model->format->decode(*model->checkpoint, linear, *scheme));
    model->release(linear);
    BITLATHE_TRY(const std::vector<EncodedTensor> encoded, denseFormat().encode(linear, tensor, model->dtype));
    const EncodedTensor& dense = encoded.front();
    return put({dense.plan.name, dense.plan.dtype, dense.plan.shape, dense.bytes});
}

Result<StoredKv> Exporter::Data::storedKv() const
{
    return kv ? format->storeKv(model->spec, *kv, workspace) : StoredKv();
}

void Exporter::Data::markWritten(const TensorEntry& entry)
{
    for (const checkpoint::TensorPlan& tensor :
         format->stored(model->spec, {entry.name, entry.dtype, entry.shape}, plan.dtype)) {
        writer->markWritten(tensor.name);
    }
}

Result<Json> Exporter::Data::config() const
{
    BITLATHE_TRY(Json quantization, format->quantizationConfig(model->spec, schemes));
    if (kv) {
        quantization = format->withKv(std::move(quantization), kv->scheme);
    }
    return format->modelConfig(withQuantizationConfig(model->checkpoint->config(), std::move(quantization)));
}

/// As the written folder has them: a layer may have become several.
std::int64_t Exporter::Data::quantizedLinears() const
{
    std::size_t count = 0;
    for (const model::LinearSpec& linear : model->spec.linears) {
        if (const auto& scheme = schemes[linear.id.index()]) {
            count += plan.layers[linear.id.index()].size() / format->plan(linear, *scheme, model->dtype).size();
        }
    }
    return static_cast<std::int64_t>(count);
}

/// Reads the sealed folder as its consumer would.
Result<void> Exporter::Data::compare(const WorkContext& work) const
{
    BITLATHE_TRY(const auto opened, openModel(writer->partialFolder()));
    const bool asDense = format == &denseFormat();
    BITLATHE_TRY(const VerifyReport report, readBack(*opened, &written, work));
    const std::int64_t expected = asDense ? 0 : quantizedLinears();
    if (report.quantizedLinears != expected) {
        return fail(ErrorCode::VerifyFailed, writer->partialFolder().string(),
                    Text(BITLATHE_TEXT("%1 quantized layers"), expected),
                    Text(BITLATHE_TEXT("%1"), report.quantizedLinears),
                    Text(BITLATHE_TEXT("Report this: the written configuration does not describe the layers")));
    }
    return {};
}

Exporter::Exporter(std::unique_ptr<Data> data) : m_data(std::move(data)) {}
Exporter::~Exporter() = default;

Result<std::unique_ptr<Exporter>> Exporter::create(std::shared_ptr<const OpenedModel> model, const Format& format,
                                                   LinearSchemes schemes, const ExportOptions& options)
{
    auto data = std::make_unique<Data>();
    data->model = std::move(model);
    data->format = &format;
    data->schemes = std::move(schemes);
    data->workspace = options.workspace;
    data->kv = options.kv;
    BITLATHE_TRY(const StoredKv kv, data->storedKv());
    BITLATHE_TRY(data->plan, planExport(*data->model, format, data->schemes, kv.tensors));
    BITLATHE_TRY(data->companions, checkpoint::companionFiles(data->model->checkpoint->companionFolder()));
    BITLATHE_TRY(data->writer, format.createWriter(*data->model, data->schemes, data->plan.tensors, options));
    data->written = FingerprintFile::open(data->writer->partialFolder() / kFingerprints);
    return std::unique_ptr<Exporter>(new Exporter(std::move(data)));
}

Result<void> Exporter::writeLinear(LayerId layer, const quant::QuantizedTensor* tensor)
{
    const model::LinearSpec& linear = m_data->model->spec.linear(layer);
    if ((tensor != nullptr) != m_data->schemes[layer.index()].has_value()) {
        return fail(ErrorCode::Internal, linear.name, Text(BITLATHE_TEXT("a quantized tensor where a scheme says so")),
                    tensor == nullptr ? Text(BITLATHE_TEXT("none")) : Text(BITLATHE_TEXT("one without a scheme")));
    }
    return tensor == nullptr ? m_data->putDense(linear) : m_data->putQuantized(linear, *tensor);
}

Result<void> Exporter::writeValues(const std::string& name, std::span<const float> values)
{
    const TensorEntry* entry = m_data->model->checkpoint->find(name);
    if (entry == nullptr) {
        return m_data->model->checkpoint->tensor(name).map([](const checkpoint::TensorView&) {});
    }
    const std::size_t bytes = values.size() * checkpoint::dtypeBytes(entry->dtype);
    if (writableDType(entry->dtype) != entry->dtype || bytes != entry->bytes) {
        return fail(ErrorCode::NotSupported, name,
                    Text(BITLATHE_TEXT("%1 values of the type F16, BF16 or F32"), values.size()),
                    Text(BITLATHE_TEXT("%1 bytes of %2"), entry->bytes, checkpoint::dtypeName(entry->dtype)),
                    Text(BITLATHE_TEXT("Choose a method without scales, such as rtn")));
    }
    std::vector<std::byte> stored(bytes);
    storeFloats(entry->dtype, values, stored);
    BITLATHE_CHECK(checkpoint::checkFinite({entry->name, entry->dtype, entry->shape, stored}));
    BITLATHE_CHECK(m_data->put({entry->name, entry->dtype, entry->shape, stored}));
    m_data->changed.insert(name);
    return {};
}

void Exporter::markWritten(const std::string& name)
{
    if (const TensorEntry* entry = m_data->model->checkpoint->find(name)) {
        m_data->markWritten(*entry);
    }
    m_data->changed.insert(name);
}

void Exporter::markWritten(LayerId layer)
{
    for (const checkpoint::TensorPlan& tensor : m_data->plan.layers[layer.index()]) {
        m_data->writer->markWritten(tensor.name);
    }
}

Result<void> Exporter::sync()
{
    BITLATHE_CHECK(m_data->writer->sync());
    return m_data->written.save();
}

void Exporter::setKv(quant::KvParams params)
{
    m_data->kv = std::move(params);
}

Result<void> Exporter::writeOthers(const WorkContext& work)
{
    BITLATHE_TRY(const StoredKv kv, m_data->storedKv());
    for (const EncodedTensor& scale : kv.tensors) {
        BITLATHE_CHECK(m_data->putBytes(scale.plan.name, scale.bytes));
    }
    const auto& entries = m_data->model->checkpoint->entries();
    std::size_t done = 0;
    for (const std::size_t index : m_data->plan.others) {
        if (work.stopRequested()) {
            return cancelled();
        }
        if (!m_data->changed.contains(entries[index].name)) {
            BITLATHE_CHECK(m_data->putEntry(entries[index]));
        }
        work.progress.set(static_cast<double>(++done) / static_cast<double>(m_data->plan.others.size()));
    }
    return {};
}

Result<void> Exporter::finish(const std::vector<std::pair<std::string, std::string>>& extraFiles,
                              const WorkContext& work)
{
    FolderWriter& writer = *m_data->writer;
    BITLATHE_TRY(const Json config, m_data->config());
    BITLATHE_CHECK(writer.writeModelFile("config.json", jsonText(config)));
    const Json* quantization = findQuantizationConfig(config);
    if (quantization != nullptr && !m_data->format->configFile().empty()) {
        BITLATHE_CHECK(writer.writeModelFile(m_data->format->configFile(), jsonText(*quantization)));
    }
    for (const fs::path& file : m_data->companions) {
        if (std::ranges::find(kStaleFiles, file.filename()) == kStaleFiles.end()) {
            BITLATHE_TRY(const std::string content, readFile(file, kBytesCompanionMax));
            BITLATHE_CHECK(writer.writeModelFile(file.filename().string(), content));
        }
    }
    BITLATHE_TRY(const StoredKv kv, m_data->storedKv());
    for (const auto* files : {&kv.files, &extraFiles}) {
        for (const auto& [name, content] : *files) {
            BITLATHE_CHECK(writer.writeFile(name, content));
        }
    }
    BITLATHE_CHECK(writer.seal());
    BITLATHE_CHECK(m_data->compare(work));
    return writer.finish();
}

const fs::path& Exporter::partialFolder() const
{
    return m_data->writer->partialFolder();
}

std::uint64_t Exporter::bytesTotal() const
{
    return m_data->writer->bytesTotal();
}

void Exporter::discard()
{
    m_data->writer->discard();
}

} // namespace bitlathe::format
