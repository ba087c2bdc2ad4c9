// SPDX-License-Identifier: Apache-2.0
// Results of runs as JSON: writing them.
#include "core/run/resultjson.h"

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
            {"activation_bits", scheme.activationBits},
            {"static_inputs", scheme.staticInputs},
            {"clipping", static_cast<int>(scheme.clipping)},
            {"scale_dtype", checkpoint::dtypeName(scheme.scaleDType)}};
}

Json protocolJson(const evaluate::Protocol& protocol)
{
    return {{"name", protocolName(protocol.kind)}, {"stride", protocol.stride},  {"length", protocol.length},
            {"windows", protocol.windows},         {"data", protocol.data},      {"data_hash", protocol.dataHash},
            {"tokenizer", protocol.tokenizer},     {"compute", protocol.compute}};
}

Json klJson(const evaluate::KlFacts& kl)
{
    return {{"mean", kl.mean},
            {"standard_error", kl.standardError},
            {"median", kl.median},
            {"p90", kl.p90},
            {"p99", kl.p99},
            {"p999", kl.p999},
            {"max", kl.max},
            {"same_top", kl.sameTop},
            {"same_top_error", kl.sameTopError}};
}

Json choiceProtocolJson(const evaluate::ChoiceProtocol& protocol)
{
    return {{"data", protocol.data},      {"data_hash", protocol.dataHash},   {"questions", protocol.questions},
            {"shots", protocol.shots},    {"shots_data", protocol.shotsData}, {"chat", protocol.chat},
            {"compute", protocol.compute}};
}

/// Right answers of a model, alone and against the base's.
Json choiceJson(const evaluate::ChoiceFacts& choice)
{
    Json json = {
        {"by", choiceRuleName(choice.rule)}, {"questions", choice.all.questions}, {"correct", choice.all.correct}};
    if (const auto& difference = choice.difference) {
        json["against_base"] = {{"questions", difference->questions},
                                {"only_base", difference->onlyBase},
                                {"only_model", difference->onlyModel}};
    }
    return json;
}

Json modelJson(const evaluate::ComparedModel& model)
{
    Json json = {{"path", model.path.string()},
                 {"name", model.name},
                 {"scheme", model.schemeLabel},
                 {"bits_per_weight", model.bitsPerWeight},
                 {"bytes_disk", model.memory.bytesDisk},
                 {"bytes_weights", model.memory.bytesWeights},
                 {"kv", model.perplexity.kv.name()},
                 {"kv_bytes_per_token", model.memory.kvBytesPerToken},
                 {"peak_rss_bytes", model.memory.bytesPeakRss},
                 {"perplexity", model.perplexity.perplexity},
                 {"standard_error", model.perplexity.standardError},
                 {"nll_sum", model.perplexity.nllSum},
                 {"tokens_scored", model.perplexity.tokensScored},
                 {"window_means", model.perplexity.windowMeans},
                 {"seconds", model.perplexity.seconds},
                 {"tokens_per_second", model.tokensPerSecond},
                 {"delta", model.delta},
                 {"delta_error", model.deltaError}};
    json["kl"] = model.kl ? klJson(*model.kl) : Json(nullptr);
    if (model.tokens) {
        json.update(toJson(*model.tokens));
    }
    if (model.choice) {
        json["choice"] = choiceJson(*model.choice);
    }
    return json;
}

Json findingsJson(const Findings& findings)
{
    Json list = Json::array();
    for (const Finding& finding : findings) {
        list.push_back(toJson(finding));
    }
    return list;
}

Json comparisonJson(const evaluate::Comparison& comparison)
{
    Json models = Json::array();
    for (const evaluate::ComparedModel& model : comparison.models) {
        models.push_back(modelJson(model));
    }
    Json json = {{"protocol", protocolJson(comparison.protocol)},
                 {"models", std::move(models)},
                 {"findings", findingsJson(comparison.findings)}};
    if (comparison.choiceProtocol) {
        json["choice_protocol"] = choiceProtocolJson(*comparison.choiceProtocol);
    }
    return json;
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

Json toJson(const evaluate::TokenFacts& facts)
{
    Json worst = Json::array();
    for (const evaluate::TokenLoss& loss : facts.worst) {
        worst.push_back({{"window", loss.window},
                         {"position", loss.position},
                         {"before", loss.before},
                         {"token", loss.token},
                         {"base_top", loss.baseTop},
                         {"model_top", loss.modelTop},
                         {"base_probability", loss.baseProbability},
                         {"model_probability", loss.modelProbability},
                         {"kl", loss.kl}});
    }
    const evaluate::LossCurve& curve = facts.byPosition;
    return {{"worst_tokens", std::move(worst)},
            {"loss_by_position",
             {{"first", curve.first},
              {"step", curve.step},
              {"base_nll", curve.baseNll},
              {"nll", curve.nll},
              {"kl", curve.kl},
              {"tokens", curve.tokens}}},
            {"loss_differences", {{"edges", facts.differences.edges}, {"counts", facts.differences.counts}}}};
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
    Json json = {{"version", 1},
                 {"program", result.program},
                 {"recipe", plan::recipeToYaml(result.recipe)},
                 {"out", result.out.string()},
                 {"format", result.format},
                 {"bits_per_weight", result.bitsPerWeight},
                 {"bytes", result.bytes},
                 {"seconds", result.seconds},
                 {"peak_rss_bytes", result.bytesPeakRss},
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
    json["findings"] = findingsJson(result.findings);
    json["comparison"] = result.comparison ? comparisonJson(*result.comparison) : Json(nullptr);
    return json;
}

std::string jsonText(const Json& json, int indent)
{
    return json.dump(indent, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace bitlathe::run
