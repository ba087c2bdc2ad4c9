// SPDX-License-Identifier: Apache-2.0
// CompressedTensors: the checkpoints of llm-compressor that vLLM and transformers load.
#include "core/format/compressedtensors.h"

#include "core/format/compressedtensorsconfig.h"
#include "core/format/compressedtensorsreader.h"
#include "core/format/consumers.h"
#include "core/format/floatbytes.h"
#include "core/format/layertensors.h"
#include "core/format/packing.h"
#include "core/format/quantizationconfig.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace bitlathe::format
{

using checkpoint::Checkpoint;
using checkpoint::DType;
using checkpoint::TensorPlan;
using model::LinearSpec;
using model::ModelSpec;
using quant::QuantizedTensor;
using quant::Scheme;

namespace
{

std::string configSubject(const Checkpoint& checkpoint)
{
    return (checkpoint.folder() / "config.json").string() + ", quantization_config";
}

class CompressedTensors final : public Format
{
public:
    explicit CompressedTensors(CompressedLayout layout) : m_layout(layout) {}

    std::string_view name() const override { return isInteger() ? "compressed-tensors-int8" : "compressed-tensors"; }
    std::string_view title() const override
    {
        return isInteger() ? BITLATHE_TEXT("compressed-tensors (int-quantized, W8A8)")
                           : BITLATHE_TEXT("compressed-tensors (pack-quantized)");
    }

    Result<void> check(const Scheme& scheme, const LinearSpec& linear) const override;
    DType scaleDType(DType modelDType) const override { return writableDType(modelDType); }
    std::vector<TensorPlan> plan(const LinearSpec& linear, const Scheme& scheme, DType modelDType) const override;
    Result<std::vector<EncodedTensor>> encode(const LinearSpec& linear, const QuantizedTensor& tensor,
                                              DType modelDType) const override;
    Result<Json> quantizationConfig(const ModelSpec& spec, const LinearSchemes& schemes) const override
    {
        return writeCompressedConfig(spec, schemes, m_layout);
    }

    std::optional<quant::KvScheme> kvScheme() const override
    {
        return quant::KvScheme{quant::KvKind::Fp8, 8, quant::KvGranularity::Layer, false};
    }
    Result<StoredKv> storeKv(const ModelSpec& spec, const quant::KvParams& params,
                             const WorkspaceOptions& workspace) const override;
    Json withKv(Json quantizationConfig, const quant::KvScheme& scheme) const override
    {
        return withKvCacheScheme(std::move(quantizationConfig), scheme);
    }
    Result<std::optional<quant::KvParams>> kvParams(const Checkpoint& checkpoint) const override;

    bool recognizes(const Checkpoint& checkpoint) const override;
    Result<LinearSchemes> schemes(const Checkpoint& checkpoint, const ModelSpec& spec) const override;
    Result<QuantizedTensor> decode(const Checkpoint& checkpoint, const LinearSpec& linear,
                                   const Scheme& scheme) const override
    {
        return readCompressedLayer(checkpoint, linear, scheme);
    }
    Findings findings(const Checkpoint& checkpoint, const ModelSpec& spec, const LinearSchemes& schemes) const override;

private:
    bool isInteger() const { return m_layout == CompressedLayout::Integer; }

    CompressedLayout m_layout;
};

/// Bytes for weights beside activations of 8 bits: what kernels for both know.
Result<void> checkInteger(const Scheme& scheme, const LinearSpec& linear)
{
    if (scheme.kind != quant::SchemeKind::UniformInt || scheme.bits != 8 || scheme.groupSize > 0 || !scheme.symmetric) {
        return fail(
            ErrorCode::NotSupported, linear.name,
            Text(BITLATHE_TEXT("symmetric codes of 8 bits and one scale for a row, for compressed-tensors-int8")),
            Text(BITLATHE_TEXT("%1"), scheme.label()),
            Text(BITLATHE_TEXT("Choose these settings, or the format compressed-tensors")));
    }
    return {};
}

Result<void> CompressedTensors::check(const Scheme& scheme, const LinearSpec& linear) const
{
    if (isInteger()) {
        return checkInteger(scheme, linear);
    }
    if (scheme.activationBits != 0) {
        return fail(ErrorCode::NotSupported, linear.name,
                    Text(BITLATHE_TEXT("inputs in full precision for this format")),
                    Text(BITLATHE_TEXT("%1-bit inputs"), scheme.activationBits),
                    Text(BITLATHE_TEXT("Choose the format compressed-tensors-int8 or dense")));
    }
    constexpr std::array kBits{2, 4, 8}; // Others are packed differently by different versions of the readers.
    if (scheme.kind != quant::SchemeKind::UniformInt) {
        return fail(ErrorCode::NotSupported, linear.name, Text(BITLATHE_TEXT("integer codes for compressed-tensors")),
                    Text(BITLATHE_TEXT("another kind of code")),
                    Text(BITLATHE_TEXT("Choose another format or another method")));
    }
    if (std::ranges::find(kBits, scheme.bits) == kBits.end()) {
        return fail(ErrorCode::NotSupported, linear.name, Text(BITLATHE_TEXT("2, 4 or 8 bits for compressed-tensors")),
                    Text(BITLATHE_TEXT("%1 bits"), scheme.bits),
                    Text(BITLATHE_TEXT("Choose 4 or 8 bits, or the format dense")));
    }
    if (scheme.groupSize > 0 && linear.inFeatures % scheme.groupSize != 0) {
        return fail(
            ErrorCode::NotSupported, linear.name,
            Text(BITLATHE_TEXT("a group size that divides its %1 inputs, for compressed-tensors"), linear.inFeatures),
            Text(BITLATHE_TEXT("%1"), scheme.groupSize),
            Text(BITLATHE_TEXT("Choose another group size or one scale per channel, for this layer or for all")));
    }
    return {};
}

std::vector<TensorPlan> CompressedTensors::plan(const LinearSpec& linear, const Scheme& scheme, DType) const
{
    const std::int64_t rows = linear.outFeatures;
    const std::int64_t cols = linear.inFeatures;
    const std::int64_t groups = scheme.groupsPerRow(cols);
    if (isInteger()) {
        std::vector<TensorPlan> tensors{{linear.weightName(), DType::I8, {rows, cols}},
                                        {linear.name + ".weight_scale", scheme.scaleDType, {rows, 1}}};
        if (scheme.staticInputs) {
            tensors.push_back({linear.name + ".input_scale", scheme.scaleDType, {1}});
        }
        return tensors;
    }
    std::vector<TensorPlan> tensors{
        {linear.name + ".weight_packed", DType::I32, {rows, wordsFor(cols, scheme.bits, WordLayout::Stream)}},
        {linear.name + ".weight_scale", scheme.scaleDType, {rows, groups}},
        {linear.name + ".weight_shape", DType::I64, {2}},
    };
    if (!scheme.symmetric) {
        tensors.push_back({linear.name + ".weight_zero_point",
                           DType::I32,
                           {wordsFor(rows, scheme.bits, WordLayout::Stream), groups}});
    }
    if (scheme.movesGroups()) {
        tensors.push_back({linear.name + ".weight_g_idx", DType::I32, {cols}});
    }
    return tensors;
}

std::vector<std::byte> codeBytes(const QuantizedTensor& tensor)
{
    const std::size_t rowBytes = tensor.bytesPerRow();
    const auto storedRowBytes =
        static_cast<std::size_t>(4 * wordsFor(tensor.cols, tensor.scheme.bits, WordLayout::Stream));
    std::vector<std::byte> bytes(static_cast<std::size_t>(tensor.rows) * storedRowBytes);
    for (std::size_t row = 0; row < static_cast<std::size_t>(tensor.rows); ++row) {
        std::memcpy(bytes.data() + row * storedRowBytes, tensor.codes.data() + row * rowBytes, rowBytes);
    }
    return bytes;
}

/// Signed bytes: the code less 128.
std::vector<std::byte> integerBytes(const QuantizedTensor& tensor)
{
    std::vector<std::byte> bytes(tensor.codes.size());
    std::ranges::transform(tensor.codes, bytes.begin(), [](std::uint8_t code) { return std::byte(code ^ 0x80U); });
    return bytes;
}

std::vector<std::byte> scaleBytes(const QuantizedTensor& tensor)
{
    return floatBytes(tensor.scheme.scaleDType, scalesOf(tensor));
}

std::vector<std::byte> shapeBytes(const QuantizedTensor& tensor)
{
    const std::array<std::int64_t, 2> shape{tensor.rows, tensor.cols};
    std::vector<std::byte> bytes(sizeof(shape));
    std::memcpy(bytes.data(), shape.data(), sizeof(shape));
    return bytes;
}

/// [words, groups]: each column is the stream of one group's zero points over the rows.
std::vector<std::byte> zeroBytes(const QuantizedTensor& tensor)
{
    const auto groups = static_cast<std::size_t>(tensor.groups());
    const auto words = static_cast<std::size_t>(wordsFor(tensor.rows, tensor.scheme.bits, WordLayout::Stream));
    std::vector<std::byte> bytes(4 * words * groups);
    std::vector<std::uint8_t> zeros(static_cast<std::size_t>(tensor.rows));
    std::vector<std::byte> column(4 * words);
    for (std::size_t group = 0; group < groups; ++group) {
        for (std::size_t row = 0; row < zeros.size(); ++row) {
            zeros[row] = static_cast<std::uint8_t>(
                tensor.zero(static_cast<std::int64_t>(row), static_cast<std::int64_t>(group)));
        }
        packWords(zeros, tensor.scheme.bits, WordLayout::Stream, column);
        for (std::size_t word = 0; word < words; ++word) {
            std::memcpy(bytes.data() + 4 * (word * groups + group), column.data() + 4 * word, 4);
        }
    }
    return bytes;
}

std::vector<std::byte> groupIndexBytes(const QuantizedTensor& tensor)
{
    std::vector<std::int32_t> index(static_cast<std::size_t>(tensor.cols));
    for (std::size_t col = 0; col < index.size(); ++col) {
        index[col] = static_cast<std::int32_t>(tensor.groupOf(static_cast<std::int64_t>(col)));
    }
    std::vector<std::byte> bytes(index.size() * sizeof(std::int32_t));
    std::memcpy(bytes.data(), index.data(), bytes.size());
    return bytes;
}

Result<std::vector<EncodedTensor>> CompressedTensors::encode(const LinearSpec& linear, const QuantizedTensor& tensor,
                                                             DType modelDType) const
{
    BITLATHE_CHECK(check(tensor.scheme, linear));
    std::vector<EncodedTensor> encoded;
    for (TensorPlan& planned : plan(linear, tensor.scheme, modelDType)) {
        encoded.push_back({std::move(planned), {}});
    }
    encoded[0].bytes = isInteger() ? integerBytes(tensor) : codeBytes(tensor);
    encoded[1].bytes = scaleBytes(tensor);
    if (isInteger()) {
        if (tensor.scheme.staticInputs) {
            encoded[2].bytes = floatBytes(tensor.scheme.scaleDType, {tensor.inputScale});
        }
        return encoded;
    }
    encoded[2].bytes = shapeBytes(tensor);
    if (!tensor.scheme.symmetric) {
        encoded[3].bytes = zeroBytes(tensor);
    }
    if (tensor.scheme.movesGroups()) {
        encoded.back().bytes = groupIndexBytes(tensor);
    }
    return encoded;
}

Result<StoredKv> CompressedTensors::storeKv(const ModelSpec& spec, const quant::KvParams& params,
                                            const WorkspaceOptions&) const
{
    if (params.scheme.kind != quant::KvKind::Fp8) {
        return fail(ErrorCode::NotSupported, "kv_params",
                    Text(BITLATHE_TEXT("scales of keys and values in fp8 or fp8-head, for %1"), name()),
                    Text(BITLATHE_TEXT("those of \"%1\""), params.scheme.name()),
                    Text(BITLATHE_TEXT("Make them with kv-params --for vllm")));
    }
    // vLLM finds a scale by the name of the attention that it belongs to.
    const auto isNamed = [](const LinearSpec& linear) { return linear.name.find(".self_attn.") != std::string::npos; };
    if (std::ranges::none_of(spec.linears, isNamed)) {
        return fail(ErrorCode::NotSupported, spec.modelType,
                    Text(BITLATHE_TEXT("attention under the name self_attn, where vLLM looks for scales of its cache")),
                    Text(BITLATHE_TEXT("other names")), Text(BITLATHE_TEXT("Leave the grids of keys and values out")));
    }
    StoredKv stored;
    for (const quant::KvScaleTensor& tensor : quant::kvScaleTensors(params)) {
        stored.tensors.push_back(
            {{tensor.name, DType::F32, {std::ssize(tensor.scales)}}, floatBytes(DType::F32, tensor.scales)});
    }
    return stored;
}

bool hasKvScales(const Checkpoint& checkpoint)
{
    return std::ranges::any_of(checkpoint.entries(),
                               [](const checkpoint::TensorEntry& entry) { return quant::isKvScale(entry.name); });
}

Result<std::optional<quant::KvParams>> CompressedTensors::kvParams(const Checkpoint& checkpoint) const
{
    const Json* json = findQuantizationConfig(checkpoint.config());
    const std::string subject = configSubject(checkpoint);
    BITLATHE_TRY(const CompressedConfig config, readCompressedConfig(json == nullptr ? Json() : *json, subject));
    if (config.kvCache != CompressedKv::Fp8 || !hasKvScales(checkpoint)) { // Of which findings() tells.
        return std::optional<quant::KvParams>();
    }
    BITLATHE_TRY(quant::KvParams params, quant::storedKvParams(checkpoint, checkpoint.folder().string()));
    return std::optional(std::move(params));
}

bool CompressedTensors::recognizes(const Checkpoint& checkpoint) const
{
    const Json* config = findQuantizationConfig(checkpoint.config());
    if (config == nullptr || !config->is_object()) {
        return false;
    }
    const auto method = config->find("quant_method");
    const bool isOurs =
        method != config->end() ? *method == Json("compressed-tensors") : config->contains("config_groups");
    const Json layout = config->value("format", Json());
    return isOurs && (layout == Json("int-quantized") || layout == Json("naive-quantized")) == isInteger();
}

Result<LinearSchemes> CompressedTensors::schemes(const Checkpoint& checkpoint, const ModelSpec& spec) const
{
    const Json* json = findQuantizationConfig(checkpoint.config());
    BITLATHE_TRY(const CompressedConfig config,
                 readCompressedConfig(json == nullptr ? Json() : *json, configSubject(checkpoint)));
    LinearSchemes schemes(spec.linears.size());
    for (const LinearSpec& linear : spec.linears) {
        if (const CompressedGroup* group = config.groupOf(linear.name)) {
            Scheme scheme = group->scheme;
            BITLATHE_TRY(scheme.scaleDType, checkCompressedLayer(checkpoint, linear, scheme));
            schemes[linear.id.index()] = scheme;
        }
    }
    return schemes;
}

/// GPT-2's layers are no "Linear" to transformers and vLLM, and they turn its weights around when they load them.
void findTransposedLayers(const ModelSpec& spec, const LinearSchemes& schemes, Findings& findings)
{
    const auto isPacked = [&](const LinearSpec& linear) {
        return linear.transposed && schemes[linear.id.index()].has_value();
    };
    const auto found = std::ranges::find_if(spec.linears, isPacked);
    if (found != spec.linears.end()) {
        findings.push_back({Severity::Warning, "transposed-layers", found->name,
                            Text(BITLATHE_TEXT("is stored [in, out] in this family, which vLLM and transformers do not "
                                               "load from this format")),
                            Text(BITLATHE_TEXT("Export in the dense format for them"))});
    }
}

Findings CompressedTensors::findings(const Checkpoint& checkpoint, const ModelSpec& spec,
                                     const LinearSchemes& schemes) const
{
    Findings findings = consumerFindings(*this, spec, schemes);
    const Findings lacks = configFindings(*this, checkpoint);
    findings.insert(findings.end(), lacks.begin(), lacks.end());
    const Json* json = findQuantizationConfig(checkpoint.config());
    const auto config = readCompressedConfig(json == nullptr ? Json() : *json, configSubject(checkpoint));
    if (!config) {
        return findings;
    }
    if (std::ranges::any_of(config->groups, &CompressedGroup::hasOtherActivations)) {
        findings.push_back(
            {Severity::Warning, "activations-not-quantized", configSubject(checkpoint),
             Text(BITLATHE_TEXT(
                 "asks for quantized activations; here only the weights are, activations stay in full precision")),
             Text(BITLATHE_TEXT("Expect slightly better quality here than in a runtime that quantizes activations"))});
    }
    const bool hasScales = std::ranges::any_of(
        checkpoint.entries(), [](const checkpoint::TensorEntry& entry) { return quant::isKvScale(entry.name); });
    if (config->kvCache == CompressedKv::Fp8 && !hasScales) {
        findings.push_back(
            {Severity::Warning, "kv-scales-missing", configSubject(checkpoint),
             Text(BITLATHE_TEXT(
                 "asks for keys and values in fp8 and has no scales for them: here they stay in full precision, "
                 "vLLM takes 1 for each")),
             Text(BITLATHE_TEXT("Write the folder again with grids of keys and values (--kv-params)"))});
    }
    if (config->kvCache == CompressedKv::Other) {
        findings.push_back(
            {Severity::Warning, "kv-cache-not-quantized", configSubject(checkpoint),
             Text(BITLATHE_TEXT("asks for a quantized KV cache; here it stays in full precision")),
             Text(BITLATHE_TEXT("Expect slightly better quality here than in a runtime that quantizes it"))});
    }
    findTransposedLayers(spec, schemes, findings);
    return findings;
}

} // namespace

const Format& compressedTensorsFormat()
{
    static const CompressedTensors format(CompressedLayout::Packed);
    return format;
}

const Format& compressedTensorsInt8Format()
{
    static const CompressedTensors format(CompressedLayout::Integer);
    return format;
}

} // namespace bitlathe::format
