// SPDX-License-Identifier: Apache-2.0
// AwqFormat: what the layouts of AWQ checkpoints have in common.
#include "core/format/awqformat.h"

#include "core/format/consumers.h"
#include "core/format/layertensors.h"
#include "core/format/quantizationconfig.h"
#include "core/format/storedschemes.h"

#include <fmt/format.h>

#include <algorithm>

namespace bitlathe::format
{

using checkpoint::Checkpoint;
using checkpoint::DType;
using model::LinearSpec;
using model::ModelSpec;
using quant::Scheme;

Result<void> AwqFormat::check(const Scheme& scheme, const LinearSpec& linear) const
{
    BITLATHE_CHECK(checkStorable(scheme, linear, {.bits = {4}, .scales = {DType::F16}, .actOrder = false}));
    if (scheme.groupSize <= 0) {
        return fail(ErrorCode::NotSupported, linear.name, Text(BITLATHE_TEXT("groups, for %1"), name()),
                    Text(BITLATHE_TEXT("one scale for a whole row or weight")),
                    Text(BITLATHE_TEXT("Choose groups of 128, 64 or 32")));
    }
    return checkSides(scheme, linear, multiples());
}

Result<void> AwqFormat::checkSides(const Scheme& scheme, const LinearSpec& linear, Multiples needed) const
{
    const std::vector<std::int64_t> sizes = groupSizes();
    const bool isKnown = sizes.empty() || std::ranges::find(sizes, scheme.groupSize) != sizes.end();
    if (!isKnown || (scheme.groupSize > 0 && linear.inFeatures % scheme.groupSize != 0)) {
        return fail(ErrorCode::NotSupported, linear.name,
                    isKnown ? Text(BITLATHE_TEXT("groups that divide its %1 inputs, for %2"), linear.inFeatures, name())
                            : Text(BITLATHE_TEXT("a group size of %1, for %2"),
                                   fmt::format("{}", fmt::join(sizes, ", ")), name()),
                    Text(BITLATHE_TEXT("%1"), quant::groupSizeText(scheme.groupSize)),
                    Text(BITLATHE_TEXT("Choose groups of 128, 64 or 32")));
    }
    if (linear.inFeatures % needed.in != 0 || linear.outFeatures % needed.out != 0) {
        return fail(ErrorCode::NotSupported, linear.name,
                    Text(BITLATHE_TEXT("inputs in multiples of %1 and outputs in multiples of %2, for %3"), needed.in,
                         needed.out, name()),
                    Text(BITLATHE_TEXT("%1 inputs, %2 outputs"), linear.inFeatures, linear.outFeatures),
                    Text(BITLATHE_TEXT("Keep this layer in full precision with an override")));
    }
    return {};
}

Json AwqFormat::modelConfig(Json config) const
{
    return withComputeType(std::move(config), "float16");
}

Result<std::vector<EncodedTensor>> AwqFormat::prepare(const LinearSpec& linear, const quant::QuantizedTensor& tensor,
                                                      DType modelDType) const
{
    BITLATHE_CHECK(check(tensor.scheme, linear));
    std::vector<EncodedTensor> encoded;
    for (checkpoint::TensorPlan& planned : plan(linear, tensor.scheme, modelDType)) {
        std::size_t bytes = checkpoint::dtypeBytes(planned.dtype);
        for (const std::int64_t dimension : planned.shape) {
            bytes *= static_cast<std::size_t>(dimension);
        }
        encoded.push_back({std::move(planned), std::vector<std::byte>(bytes)});
    }
    return encoded;
}

Result<DType> AwqFormat::findLayer(const Checkpoint& checkpoint, const LinearSpec& linear, const Scheme& scheme) const
{
    BITLATHE_CHECK(checkSides(scheme, linear, readMultiples()));
    const std::vector<checkpoint::TensorPlan> tensors = plan(linear, scheme, DType::F16);
    for (const std::size_t index : {0U, 1U}) {
        BITLATHE_CHECK(findEntry(checkpoint, tensors[index].name, tensors[index].dtype, tensors[index].shape));
    }
    const checkpoint::TensorPlan& planned = tensors[2];
    if (tensors[1].dtype == planned.dtype) { // Zero points stored as products with the scales bind their type.
        BITLATHE_CHECK(findEntry(checkpoint, planned.name, planned.dtype, planned.shape));
        return planned.dtype;
    }
    BITLATHE_TRY(const checkpoint::TensorEntry* scales, findFloatEntry(checkpoint, planned.name, planned.shape));
    return scales->dtype;
}

Result<AwqFormat::StoredLayer> AwqFormat::storedLayer(const Checkpoint& checkpoint, const LinearSpec& linear,
                                                      const Scheme& scheme) const
{
    BITLATHE_TRY(const DType scaleDType, findLayer(checkpoint, linear, scheme));
    StoredLayer layer{{}, {}, {}, emptyTensor(linear, scheme)};
    layer.tensor.scheme.scaleDType = scaleDType;
    BITLATHE_TRY(layer.codes, checkpoint.tensor(linear.name + ".qweight"));
    BITLATHE_TRY(layer.zeros, checkpoint.tensor(linear.name + ".qzeros"));
    BITLATHE_TRY(layer.scales, checkpoint.tensor(linear.name + ".scales"));
    BITLATHE_CHECK(checkpoint::checkFinite(layer.scales));
    return layer;
}

bool AwqFormat::recognizes(const Checkpoint& checkpoint) const
{
    const auto stored = storedQuantization(checkpoint);
    if (!stored || !*stored || !isAwqConfig((*stored)->config)) {
        return false;
    }
    // An unknown layout is gemm's to refuse.
    return awqLayoutOf((*stored)->config).value_or(AwqLayout::Gemm) == m_layout;
}

Result<LinearSchemes> AwqFormat::schemes(const Checkpoint& checkpoint, const ModelSpec& spec) const
{
    BITLATHE_TRY(const auto stored, storedQuantization(checkpoint));
    BITLATHE_TRY(const AwqConfig config,
                 readAwqConfig(stored ? stored->config : Json(), stored ? stored->subject : std::string()));
    return storedSchemes(
        checkpoint, spec, ".qweight", [&config](const LinearSpec& linear) { return config.schemeOf(linear.name); },
        [&](const LinearSpec& linear, const Scheme& scheme) { return findLayer(checkpoint, linear, scheme); });
}

Findings AwqFormat::findings(const Checkpoint& checkpoint, const ModelSpec& spec, const LinearSchemes& schemes) const
{
    Findings findings = consumerFindings(*this, spec, schemes);
    const Findings lacks = configFindings(*this, checkpoint);
    findings.insert(findings.end(), lacks.begin(), lacks.end());
    const auto stored = storedQuantization(checkpoint);
    const auto config = readAwqConfig(stored && *stored ? (*stored)->config : Json(), "");
    if (config) {
        findUndeclared(
            spec, schemes, [&](const LinearSpec& linear) { return config->schemeOf(linear.name).has_value(); },
            findings);
    }
    return findings;
}

} // namespace bitlathe::format
