// SPDX-License-Identifier: Apache-2.0
// BitsAndBytes: the checkpoints that transformers writes with bitsandbytes.
#include "core/format/bitsandbytes.h"

#include "core/base/size.h"
#include "core/format/bitsandbytesconfig.h"
#include "core/format/bitsandbytesreader.h"
#include "core/format/consumers.h"
#include "core/format/floatbytes.h"
#include "core/format/layertensors.h"
#include "core/format/quantizationconfig.h"
#include "core/format/quantstate.h"
#include "core/format/storedschemes.h"
#include "core/quant/bitsandbytessettings.h"

#include <algorithm>

namespace bitlathe::format
{

using checkpoint::Checkpoint;
using checkpoint::DType;
using checkpoint::TensorPlan;
using model::LinearSpec;
using model::ModelSpec;
using quant::kNestedBlock;
using quant::QuantizedTensor;
using quant::Scheme;
using quant::SchemeKind;

namespace
{

constexpr const char* kComputeKey = "bnb_4bit_compute_dtype";

class BitsAndBytes final : public Format
{
public:
    std::string_view name() const override { return "bitsandbytes"; }
    std::string_view title() const override { return BITLATHE_TEXT("bitsandbytes (NF4, FP4, LLM.int8())"); }

    Result<void> check(const Scheme& scheme, const LinearSpec& linear) const override;
    DType scaleDType(DType) const override { return DType::F32; }
    std::vector<TensorPlan> plan(const LinearSpec& linear, const Scheme& scheme, DType modelDType) const override;
    Result<std::vector<EncodedTensor>> encode(const LinearSpec& linear, const QuantizedTensor& tensor,
                                              DType modelDType) const override;
    Result<Json> quantizationConfig(const ModelSpec& spec, const LinearSchemes& schemes) const override
    {
        return writeBitsAndBytesConfig(spec, schemes);
    }
    Json modelConfig(Json config) const override;

    bool recognizes(const Checkpoint& checkpoint) const override
    {
        const Json* config = findQuantizationConfig(checkpoint.config());
        return config != nullptr && isBitsAndBytesConfig(*config);
    }
    Result<LinearSchemes> schemes(const Checkpoint& checkpoint, const ModelSpec& spec) const override;
    Result<QuantizedTensor> decode(const Checkpoint& checkpoint, const LinearSpec& linear,
                                   const Scheme& scheme) const override
    {
        return decodeBitsAndBytes(checkpoint, linear, scheme);
    }
    Findings findings(const Checkpoint& checkpoint, const ModelSpec& spec, const LinearSchemes& schemes) const override;
};

Result<BitsAndBytesConfig> configOf(const Checkpoint& checkpoint)
{
    const Json* json = findQuantizationConfig(checkpoint.config());
    return readBitsAndBytesConfig(json == nullptr ? Json() : *json,
                                  (checkpoint.folder() / "config.json").string() + ", quantization_config");
}

Result<void> BitsAndBytes::check(const Scheme& scheme, const LinearSpec& linear) const
{
    if (scheme.kind == SchemeKind::UniformInt) {
        return fail(ErrorCode::NotSupported, linear.name, Text(BITLATHE_TEXT("codes of nf4, fp4 or llm-int8")),
                    Text(BITLATHE_TEXT("integer codes with groups (%1)"), scheme.label()),
                    Text(BITLATHE_TEXT("Choose the method nf4, fp4 or llm-int8, or another format")));
    }
    if (const auto known = quant::checkScheme(scheme); !known) {
        return fail(ErrorCode::NotSupported, linear.name, known.error().expected, known.error().found,
                    known.error().advice);
    }
    if (scheme.kind == SchemeKind::Int8Outliers) {
        return {};
    }
    if (quant::bookBits(scheme.book) != 4) {
        return fail(ErrorCode::NotSupported, linear.name,
                    Text(BITLATHE_TEXT("nf4 or fp4: bitsandbytes has no checkpoints of 8-bit code books")),
                    Text(BITLATHE_TEXT("%1"), scheme.label()), Text(BITLATHE_TEXT("Choose the format dense")));
    }
    const std::int64_t bytes = ceilDivide(linear.outFeatures * linear.inFeatures, std::int64_t{2});
    const auto size = static_cast<std::int64_t>(checkpoint::dtypeBytes(scheme.notes.storage));
    if (bytes % size != 0) {
        return fail(
            ErrorCode::NotSupported, linear.name,
            Text(BITLATHE_TEXT("codes that fill whole values of %1"), quant::torchTypeName(scheme.notes.storage)),
            Text(BITLATHE_TEXT("%1 bytes"), bytes), Text(BITLATHE_TEXT("Choose the quant storage uint8")));
    }
    return {};
}

std::vector<TensorPlan> BitsAndBytes::plan(const LinearSpec& linear, const Scheme& scheme, DType modelDType) const
{
    const std::int64_t count = linear.outFeatures * linear.inFeatures;
    const std::string weight = linear.weightName();
    if (scheme.kind == SchemeKind::Int8Outliers) {
        return {{weight, DType::I8, {linear.outFeatures, linear.inFeatures}},
                {linear.name + ".SCB", DType::F32, {linear.outFeatures}},
                {linear.name + ".weight_format", DType::U8, {}}};
    }
    const auto size = static_cast<std::int64_t>(checkpoint::dtypeBytes(scheme.notes.storage));
    const std::int64_t blocks = ceilDivide(count, scheme.groupSize);
    const auto stateBytes =
        static_cast<std::int64_t>(writeQuantState(linear, scheme, writableDType(modelDType), 0).size());
    std::vector<TensorPlan> tensors{
        {weight, scheme.notes.storage, {ceilDivide(count, std::int64_t{2}) / size, 1}},
        {weight + ".absmax", scheme.doubleQuant ? DType::U8 : DType::F32, {blocks}},
        {weight + ".quant_map", DType::F32, {std::int64_t{1} << scheme.bits}},
        {weight + ".quant_state.bitsandbytes__" + std::string(quant::bookName(scheme.book)), DType::U8, {stateBytes}},
    };
    if (scheme.doubleQuant) {
        tensors.push_back({weight + ".nested_absmax", DType::F32, {ceilDivide(blocks, kNestedBlock)}});
        tensors.push_back({weight + ".nested_quant_map", DType::F32, {256}});
    }
    return tensors;
}

/// Two codes in a byte, the first in its high half, over the ends of rows. A last half is the code of 0.
std::vector<std::byte> packedCodes(const QuantizedTensor& tensor)
{
    const auto width = static_cast<std::size_t>(tensor.cols);
    std::vector<std::byte> bytes(ceilDivide(static_cast<std::size_t>(tensor.rows) * width, std::size_t{2}));
    if (width % 2 == 0) {
        std::ranges::transform(tensor.codes, bytes.begin(), swappedHalves);
        return bytes;
    }
    std::vector<std::uint8_t> codes(width);
    std::size_t place = 0;
    const auto put = [&](std::uint8_t code) {
        bytes[place / 2] |= std::byte(place % 2 == 0 ? code << 4U : code);
        ++place;
    };
    for (std::int64_t row = 0; row < tensor.rows; ++row) {
        tensor.unpackRow(row, codes);
        std::ranges::for_each(codes, put);
    }
    if (place % 2 != 0) {
        put(static_cast<std::uint8_t>(std::ranges::find(tensor.codeBook, 0.0F) - tensor.codeBook.begin()));
    }
    return bytes;
}

std::vector<EncodedTensor> encodeInt8(std::vector<EncodedTensor> encoded, const QuantizedTensor& tensor)
{
    encoded[0].bytes.resize(tensor.codes.size());
    std::ranges::transform(tensor.codes, encoded[0].bytes.begin(),
                           [](std::uint8_t code) { return std::byte(code ^ 0x80U); });
    encoded[1].bytes = bytesOf(tensor.scales);
    encoded[2].bytes = {std::byte{0}}; // Rows, one after the other.
    return encoded;
}

Result<std::vector<EncodedTensor>> BitsAndBytes::encode(const LinearSpec& linear, const QuantizedTensor& tensor,
                                                        DType modelDType) const
{
    BITLATHE_CHECK(check(tensor.scheme, linear));
    std::vector<EncodedTensor> encoded;
    for (TensorPlan& planned : plan(linear, tensor.scheme, modelDType)) {
        encoded.push_back({std::move(planned), {}});
    }
    if (tensor.scheme.kind == SchemeKind::Int8Outliers) {
        return encodeInt8(std::move(encoded), tensor);
    }
    encoded[0].bytes = packedCodes(tensor);
    encoded[1].bytes = tensor.scheme.doubleQuant ? bytesOf(tensor.nested.codes) : bytesOf(tensor.scales);
    encoded[2].bytes = bytesOf(tensor.codeBook);
    const std::string state = writeQuantState(linear, tensor.scheme, writableDType(modelDType), tensor.nested.offset);
    encoded[3].bytes = bytesOf(std::vector<char>(state.begin(), state.end()));
    if (tensor.scheme.doubleQuant) {
        encoded[4].bytes = bytesOf(tensor.nested.scales);
        encoded[5].bytes = bytesOf(tensor.nested.map);
    }
    return encoded;
}

/// The compute type is the model's where nobody chose one.
Json BitsAndBytes::modelConfig(Json config) const
{
    const auto quantization = config.find("quantization_config");
    if (quantization == config.end() || !quantization->is_object() || !quantization->contains(kComputeKey) ||
        !(*quantization)[kComputeKey].is_null()) {
        return config;
    }
    const Json own = config.value(config.contains("dtype") ? "dtype" : "torch_dtype", Json());
    const bool isKnown = own.is_string() && quant::torchTypeFrom(own.get<std::string>());
    (*quantization)[kComputeKey] = isKnown ? own : Json("float32");
    return config;
}

Result<LinearSchemes> BitsAndBytes::schemes(const Checkpoint& checkpoint, const ModelSpec& spec) const
{
    BITLATHE_TRY(const BitsAndBytesConfig config, configOf(checkpoint));
    LinearSchemes schemes(spec.linears.size());
    for (const LinearSpec& linear : spec.linears) {
        BITLATHE_TRY(schemes[linear.id.index()], storedBitsAndBytes(checkpoint, linear, config.scheme));
    }
    BITLATHE_CHECK(checkTensorNames(checkpoint, spec, schemes));
    return schemes;
}

Findings BitsAndBytes::findings(const Checkpoint& checkpoint, const ModelSpec& spec, const LinearSchemes& schemes) const
{
    Findings findings = consumerFindings(*this, spec, schemes);
    const Findings lacks = configFindings(*this, checkpoint);
    findings.insert(findings.end(), lacks.begin(), lacks.end());
    const auto config = configOf(checkpoint);
    if (!config) {
        return findings;
    }
    const auto isDeclared = [&](const LinearSpec& linear) { return config->declares(linear.name); };
    findUndeclared(spec, schemes, isDeclared, findings);
    const auto skipped = std::ranges::find_if(
        spec.linears, [&](const LinearSpec& linear) { return schemes[linear.id.index()] && !isDeclared(linear); });
    if (skipped != spec.linears.end()) {
        findings.push_back(
            {Severity::Warning, "layer-not-declared", skipped->name,
             Text(BITLATHE_TEXT("is quantized, but llm_int8_skip_modules names it; transformers does not "
                                "load such a folder")),
             Text(BITLATHE_TEXT("Convert the folder here: the new configuration says what is"))});
    }
    return findings;
}

} // namespace

const Format& bitsAndBytesFormat()
{
    static const BitsAndBytes format;
    return format;
}

} // namespace bitlathe::format
