// SPDX-License-Identifier: Apache-2.0
// Results of runs as JSON: writing them.
#include "core/run/resultjson.h"
#include "core/run/comparisonjson.h"

namespace bitlathe::run
{

namespace
{

Json textJson(const Text& text)
{
    return {{"sentence", text.sentence()}, {"arguments", text.arguments()}};
}

Json schemeJson(const quant::Scheme& scheme)
{
    return {{"kind", static_cast<int>(scheme.kind)},
            {"book", static_cast<int>(scheme.book)},
            {"double_quant", scheme.doubleQuant},
            {"threshold", scheme.threshold},
            {"bits", scheme.bits},
            {"group_size", scheme.groupSize},
            {"symmetric", scheme.symmetric},
            {"ternary", scheme.ternary},
            {"act_order", scheme.actOrder},
            {"static_groups", scheme.staticGroups},
            {"activation_bits", scheme.activationBits},
            {"static_inputs", scheme.staticInputs},
            {"clipping", static_cast<int>(scheme.clipping)},
            {"scale_dtype", checkpoint::dtypeName(scheme.scaleDType)}};
}

} // namespace

Json toJson(const Finding& finding)
{
    return {{"severity", severityName(finding.severity)},
            {"code", finding.code},
            {"subject", finding.subject},
            {"message", textJson(finding.message)},
            {"advice", textJson(finding.advice)}};
}

Json toJson(const Findings& findings)
{
    Json list = Json::array();
    for (const Finding& finding : findings) {
        list.push_back(toJson(finding));
    }
    return list;
}

Json toJson(const LayerRecord& layer)
{
    const quant::LayerQuality& quality = layer.quality;
    return {{"layer", layer.layer.value()},
            {"name", layer.name},
            {"block", layer.block},
            {"scheme", layer.scheme ? schemeJson(*layer.scheme) : Json(nullptr)},
            {"loss", quality.loss},
            {"relative_error", quality.relativeError},
            {"weight_error", quality.weightError},
            {"saturated", quality.saturated},
            {"from_statistics", quality.fromStatistics},
            {"outlier_share", quality.outlierShare},
            {"seconds", layer.seconds}};
}

Json toJson(const std::vector<ScaleRecord>& scales)
{
    Json list = Json::array();
    for (const ScaleRecord& record : scales) {
        Json layers = Json::array();
        for (const LayerId layer : record.layers) {
            layers.push_back(layer.value());
        }
        list.push_back({{"layers", std::move(layers)}, {"scales", record.scales}});
    }
    return list;
}

Json toJson(const RunResult& result)
{
    Json layers = Json::array();
    for (const LayerRecord& layer : result.layers) {
        layers.push_back(toJson(layer));
    }
    Json json = {{"version", kResultVersion},
                 {"program", result.program},
                 {"recipe", plan::recipeToYaml(result.recipe)},
                 {"out", result.out.string()},
                 {"format", result.format},
                 {"bits_per_weight", result.bitsPerWeight},
                 {"bytes", result.bytes},
                 {"seconds", result.seconds},
                 {"peak_rss_bytes", result.bytesPeakRss},
                 {"device", result.device},
                 {"peak_vram_bytes", result.bytesPeakVram},
                 {"model_fingerprint", result.modelFingerprint},
                 {"statistics", result.statistics.string()},
                 {"calibration_hash", result.calibrationHash},
                 {"calibration_tokens", result.calibrationTokens}};
    // By itself, for those who read the file without knowing recipes.
    const plan::CalibrationRecipe& calibration = result.recipe.calibration;
    json["calibration"] = {{"data", calibration.data},
                           {"samples", calibration.samples.samples},
                           {"length", calibration.samples.length},
                           {"seed", calibration.samples.seed},
                           {"select", text::sampleRuleName(calibration.samples.rule)}};
    json["layers"] = std::move(layers);
    if (!result.scales.empty()) {
        json["scales"] = toJson(result.scales);
    }
    json["findings"] = toJson(result.findings);
    json["comparison"] = result.comparison ? toJson(*result.comparison) : Json(nullptr);
    return json;
}

std::string jsonText(const Json& json, int indent)
{
    return json.dump(indent, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace bitlathe::run
