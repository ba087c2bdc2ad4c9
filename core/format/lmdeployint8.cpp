// SPDX-License-Identifier: Apache-2.0
// LmdeployInt8: folders of lmdeploy's smooth_quant: 8-bit weights by row, inputs rounded by token; only read.
#include "core/format/lmdeployint8.h"

#include "core/format/layertensors.h"
#include "core/format/quantizationconfig.h"
#include "core/format/storedschemes.h"

namespace bitlathe::format
{

using checkpoint::Checkpoint;
using checkpoint::DType;
using checkpoint::TensorPlan;
using checkpoint::TensorView;
using model::LinearSpec;
using model::ModelSpec;
using quant::QuantizedTensor;
using quant::Scheme;

namespace
{

constexpr int kBits = 8;
constexpr int kMiddle = 128;

Scheme schemeOfFolder()
{
    Scheme scheme;
    scheme.bits = kBits;
    scheme.groupSize = quant::kPerChannel;
    scheme.symmetric = true;
    scheme.activationBits = kBits;
    scheme.scaleDType = DType::F32;
    return scheme;
}

class LmdeployInt8 final : public Format
{
public:
    std::string_view name() const override { return "smooth-quant"; }
    std::string_view title() const override { return BITLATHE_TEXT("SmoothQuant of lmdeploy (only read)"); }
    std::vector<std::string> consumers() const override { return {"lmdeploy"}; }

    Result<void> check(const Scheme&, const LinearSpec& linear) const override { return onlyRead(linear.name); }
    DType scaleDType(DType) const override { return DType::F32; }
    std::vector<TensorPlan> plan(const LinearSpec&, const Scheme&, DType) const override { return {}; }
    Result<std::vector<EncodedTensor>> encode(const LinearSpec& linear, const QuantizedTensor&, DType) const override
    {
        return onlyRead(linear.name);
    }
    Result<Json> quantizationConfig(const ModelSpec&, const LinearSchemes&) const override
    {
        return onlyRead("config.json");
    }

    bool recognizes(const Checkpoint& checkpoint) const override;
    Result<LinearSchemes> schemes(const Checkpoint& checkpoint, const ModelSpec& spec) const override;
    Result<QuantizedTensor> decode(const Checkpoint& checkpoint, const LinearSpec& linear,
                                   const Scheme& scheme) const override;

private:
    Failure onlyRead(std::string subject) const
    {
        return fail(ErrorCode::NotSupported, std::move(subject), Text(BITLATHE_TEXT("a format that is written")),
                    Text(BITLATHE_TEXT("%1, which is only read"), name()),
                    Text(BITLATHE_TEXT("Choose the format compressed-tensors-int8")));
    }
};

bool LmdeployInt8::recognizes(const Checkpoint& checkpoint) const
{
    const auto stored = storedQuantization(checkpoint);
    if (!stored || !*stored || !(*stored)->config.is_object()) {
        return false;
    }
    const Json& config = (*stored)->config;
    const auto method = config.find("quant_method");
    const auto dtype = config.find("quant_dtype");
    return method != config.end() && *method == Json("smooth_quant") &&
           (dtype == config.end() || *dtype == Json("int8"));
}

Result<LinearSchemes> LmdeployInt8::schemes(const Checkpoint& checkpoint, const ModelSpec& spec) const
{
    return storedSchemes(
        checkpoint, spec, ".scale", [](const LinearSpec&) { return std::optional(schemeOfFolder()); },
        [&](const LinearSpec& linear, const Scheme&) -> Result<DType> {
            BITLATHE_CHECK(
                findEntry(checkpoint, linear.weightName(), DType::I8, {linear.outFeatures, linear.inFeatures}));
            BITLATHE_CHECK(findEntry(checkpoint, linear.name + ".scale", DType::F32, {linear.outFeatures, 1}));
            return DType::F32;
        });
}

Result<QuantizedTensor> LmdeployInt8::decode(const Checkpoint& checkpoint, const LinearSpec& linear,
                                             const Scheme& scheme) const
{
    BITLATHE_TRY(const TensorView codes,
                 findTensor(checkpoint, linear.weightName(), DType::I8, {linear.outFeatures, linear.inFeatures}));
    BITLATHE_TRY(const TensorView scales,
                 findTensor(checkpoint, linear.name + ".scale", DType::F32, {linear.outFeatures, 1}));
    BITLATHE_CHECK(checkpoint::checkFinite(scales));
    QuantizedTensor tensor = emptyTensor(linear, scheme);
    tensor.scales = checkpoint::toF32(scales);
    for (std::size_t i = 0; i < codes.bytes.size(); ++i) {
        tensor.codes[i] =
            static_cast<std::uint8_t>(static_cast<int>(static_cast<std::int8_t>(codes.bytes[i])) + kMiddle);
    }
    return tensor;
}

} // namespace

const Format& lmdeployInt8Format()
{
    static const LmdeployInt8 format;
    return format;
}

} // namespace bitlathe::format
