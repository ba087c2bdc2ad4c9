// SPDX-License-Identifier: Apache-2.0
// Convert: the codes of a quantized folder in another format, as they are.
#include "core/format/convert.h"

#include "core/format/awqgemv.h"
#include "core/format/consumers.h"
#include "core/format/dense.h"
#include "core/format/kvgrids.h"
#include "core/format/layertensors.h"

#include <algorithm>

namespace bitlathe::format
{

using checkpoint::DType;
using model::LinearSpec;
using quant::QuantizedTensor;
using quant::Scheme;

namespace
{

/// Progress after the first look at the layers, after writing layers, and after the other tensors.
constexpr double kSurveyed = 0.3;
constexpr double kWritten = 0.7;
constexpr double kOthers = 0.8;

Result<QuantizedTensor> decodeLayer(const OpenedModel& model, const LinearSpec& linear)
{
    auto tensor = model.format->decode(*model.checkpoint, linear, *model.schemes[linear.id.index()]);
    model.release(linear);
    return tensor;
}

/// Schemes as the codes are, which may be simpler than the configuration says: zero points that are all in the middle,
/// columns that are in order.
Result<LinearSchemes> survey(const OpenedModel& model, const WorkContext& work)
{
    LinearSchemes schemes = model.schemes;
    bool allSymmetric = true;
    for (const LinearSpec& linear : model.spec.linears) {
        auto& scheme = schemes[linear.id.index()];
        if (work.stopRequested()) {
            return cancelled();
        }
        if (!scheme || (scheme->symmetric && !scheme->actOrder)) {
            continue;
        }
        BITLATHE_TRY(const QuantizedTensor tensor, decodeLayer(model, linear));
        const int middle = 1 << (scheme->bits - 1);
        allSymmetric =
            allSymmetric && std::ranges::all_of(tensor.zeros, [middle](std::uint8_t zero) { return zero == middle; });
        scheme->actOrder = !tensor.groupIndex.empty();
        work.progress.set(static_cast<double>(linear.id.value() + 1) / static_cast<double>(schemes.size()));
    }
    for (auto& scheme : schemes) {
        if (scheme && allSymmetric) {
            scheme->symmetric = true;
        }
    }
    return schemes;
}

/// The scheme with the scale type that the format wants and without rounded inputs, where it does not take it as it is.
Result<Scheme> settled(const Scheme& scheme, const LinearSpec& linear, const Format& to, DType modelDType)
{
    const auto asIs = to.check(scheme, linear);
    if (asIs) {
        return scheme;
    }
    Scheme other = scheme;
    other.scaleDType = to.scaleDType(modelDType);
    if (to.check(other, linear)) {
        return other;
    }
    other.activationBits = 0; // Codes of weights are the same without.
    other.staticInputs = false;
    BITLATHE_CHECK(to.check(other, linear));
    return other;
}

/// Scales must be the same in the type in which they are written, unless they may be rounded; true where they were.
Result<bool> settleScales(QuantizedTensor& tensor, DType dtype, const LinearSpec& linear, bool mayRound)
{
    if (tensor.scheme.scaleDType == dtype) {
        return false;
    }
    const std::vector<std::byte> bytes = floatBytes(dtype, tensor.scales);
    const checkpoint::TensorView stored{linear.name, dtype, {static_cast<std::int64_t>(tensor.scales.size())}, bytes};
    std::vector<float> rounded = checkpoint::toF32(stored);
    if (mayRound) {
        BITLATHE_CHECK(checkpoint::checkFinite(stored));
        const bool differs = rounded != tensor.scales;
        tensor.scales = std::move(rounded);
        return differs;
    }
    for (std::size_t i = 0; i < rounded.size(); ++i) {
        if (rounded[i] != tensor.scales[i]) {
            return fail(ErrorCode::NotSupported, linear.name,
                        Text(BITLATHE_TEXT("scales that %1 holds exactly"), checkpoint::dtypeName(dtype)),
                        Text(BITLATHE_TEXT("%1"), tensor.scales[i]),
                        Text(BITLATHE_TEXT("Quantize again with the command quantize, which rounds the scales first")));
        }
    }
    return false;
}

Finding productsRounded(const std::string& folder, bool before)
{
    return {Severity::Note, "products-rounded", folder,
            before ? Text(BITLATHE_TEXT("stores scale * zero in half precision; the new folder stores zero points, so "
                                        "that weights differ in the last bits"))
                   : Text(BITLATHE_TEXT("stores zero points; the new folder stores scale * zero in half precision, so "
                                        "that weights differ in the last bits")),
            Text()};
}

/// True where scales were rounded.
Result<bool> writeLayers(const OpenedModel& model, const LinearSchemes& schemes, bool mayRound, Exporter& exporter,
                         const WorkContext& work)
{
    bool areRounded = false;
    for (const LinearSpec& linear : model.spec.linears) {
        if (work.stopRequested()) {
            return cancelled();
        }
        const auto& scheme = schemes[linear.id.index()];
        if (scheme) {
            BITLATHE_TRY(QuantizedTensor tensor, decodeLayer(model, linear));
            BITLATHE_TRY(const bool isRounded, settleScales(tensor, scheme->scaleDType, linear, mayRound));
            areRounded = areRounded || isRounded;
            tensor.scheme = *scheme;
            BITLATHE_CHECK(exporter.writeLinear(linear.id, &tensor));
        } else {
            BITLATHE_CHECK(exporter.writeLinear(linear.id, nullptr));
        }
        work.progress.set(static_cast<double>(linear.id.value() + 1) / static_cast<double>(schemes.size()));
    }
    return areRounded;
}

/// What the new folder's layers shall be.
Result<LinearSchemes> targetSchemes(const OpenedModel& model, const Format& to, const WorkContext& work)
{
    if (&to == &denseFormat()) {
        return LinearSchemes(model.schemes.size());
    }
    if (!model.isQuantized() && to.storesDenseModels()) {
        return model.schemes;
    }
    if (!model.isQuantized()) {
        return fail(ErrorCode::NotSupported, model.folder().string(), Text(BITLATHE_TEXT("a quantized model")),
                    Text(BITLATHE_TEXT("one in full precision")),
                    Text(BITLATHE_TEXT("Use the command quantize, which computes codes")));
    }
    BITLATHE_TRY(LinearSchemes schemes, survey(model, work));
    for (const LinearSpec& linear : model.spec.linears) {
        if (auto& scheme = schemes[linear.id.index()]) {
            BITLATHE_TRY(scheme, settled(*scheme, linear, to, model.dtype));
        }
    }
    return schemes;
}

} // namespace

Result<ConvertReport> convert(const std::shared_ptr<const OpenedModel>& model, const Format& to,
                              const ExportOptions& options, const WorkContext& work)
{
    BITLATHE_TRY(const LinearSchemes schemes, targetSchemes(*model, to, work.child(0, kSurveyed)));
    bool keepsKv = true;
    ExportOptions kept = options;
    if (!kept.kv) { // Codes stay as they are, so that the grids still fit.
        BITLATHE_TRY(const quant::KvCache own, ownKvCache(*model));
        keepsKv = !own.params || to.storeKv(model->spec, *own.params, options.workspace);
        if (own.params && keepsKv) {
            kept.kv = *own.params;
        }
    }
    BITLATHE_TRY(const auto exporter, Exporter::create(model, to, schemes, kept));
    bool areRounded = false;
    const auto written = [&]() -> Result<void> {
        BITLATHE_TRY(areRounded,
                     writeLayers(*model, schemes, to.roundsScales(), *exporter, work.child(kSurveyed, kWritten)));
        BITLATHE_CHECK(exporter->writeOthers(work.child(kWritten, kOthers)));
        return exporter->finish({}, work.child(kOthers, 1));
    }();
    if (!written) {
        exporter->discard(); // Quick to do again, and nothing else would go on with it.
        return Failure(written.error());
    }
    ConvertReport report;
    report.layers = std::ranges::count_if(schemes, [](const auto& scheme) { return scheme.has_value(); });
    report.bytes = exporter->bytesTotal();
    const bool wasFast = model->format == &awqGemvFastFormat();
    const bool isFast = &to == &awqGemvFastFormat();
    if (report.layers > 0 && wasFast != isFast) {
        report.findings.push_back(productsRounded(model->folder().string(), wasFast));
    }
    if (areRounded) {
        report.findings.push_back(
            {Severity::Note, "scales-rounded", model->folder().string(),
             Text(BITLATHE_TEXT("stores scales in single precision; the new folder stores them in "
                                "half precision, so that weights differ in the last bits")),
             Text()});
    }
    const auto roundsInputs = [](const auto& scheme) {
        return scheme && (scheme->activationBits != 0 || scheme->kind == quant::SchemeKind::Int8Outliers);
    };
    if (std::ranges::any_of(model->schemes, roundsInputs) && std::ranges::none_of(schemes, roundsInputs)) {
        report.findings.push_back({Severity::Note, "inputs-not-rounded", model->folder().string(),
                                   Text(BITLATHE_TEXT("asks for rounded inputs; the new folder does not")), Text()});
    }
    if (!keepsKv) {
        report.findings.push_back(
            {Severity::Note, "kv-grids-left-out", model->folder().string(),
             Text(BITLATHE_TEXT("holds grids for its keys and values, for which the new folder has no place")),
             Text()});
    }
    const Findings leftOut = to.leftOut(model->spec, model->folder().string());
    report.findings.insert(report.findings.end(), leftOut.begin(), leftOut.end());
    const Findings refused = consumerFindings(to, model->spec, schemes);
    report.findings.insert(report.findings.end(), refused.begin(), refused.end());
    return report;
}

} // namespace bitlathe::format
