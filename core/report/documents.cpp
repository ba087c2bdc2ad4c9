// SPDX-License-Identifier: Apache-2.0
// JSON of results: the same keys in reports and in bitlathe-cli's --json documents.
#include "core/report/documents.h"

#include "core/report/explain.h"
#include "core/run/comparisonjson.h"

namespace bitlathe::report
{

namespace
{

Json klDocument(const evaluate::KlFacts& kl)
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

Json shareOrNull(const std::optional<double>& share)
{
    return share ? Json(*share) : Json(nullptr);
}

Json countDocument(const evaluate::ChoiceCount& count)
{
    return {{"accuracy", count.accuracy()},
            {"standard_error", count.standardError()},
            {"n", count.questions},
            {"correct", count.correct}};
}

Json choiceFactsDocument(const evaluate::ChoiceFacts& score)
{
    Json json = {{"by", choiceRuleName(score.rule)}};
    json.update(countDocument(score.all));
    json["interval"] = {score.interval.low, score.interval.high};
    json["against_base"] = nullptr;
    if (const auto& difference = score.difference) {
        json["against_base"] = {{"n", difference->questions},
                                {"accuracy", difference->accuracy},
                                {"only_model", difference->onlyModel},
                                {"only_base", difference->onlyBase},
                                {"p", difference->p}};
    }
    return json;
}

Json scoreDocument(const evaluate::ChoiceScore& score)
{
    Json json = choiceFactsDocument(score);
    json["by_subject"] = Json::object();
    for (const evaluate::ChoiceCount& subject : score.subjects) {
        json["by_subject"][subject.subject] = countDocument(subject);
    }
    return json;
}

Json choiceProtocolDocument(const evaluate::ChoiceProtocol& protocol)
{
    return {{"data", protocol.data},
            {"data_hash", protocol.dataHash},
            {"questions", protocol.questions},
            {"shots", protocol.shots},
            {"shots_data", protocol.shotsData.empty() ? Json(nullptr) : Json(protocol.shotsData)},
            {"chat", protocol.chat},
            {"compute", protocol.compute},
            {"sentence", protocol.sentence().english()}};
}

Json modelDocument(const evaluate::ComparedModel& model)
{
    Json json = {{"path", model.path.string()},
                 {"name", model.name},
                 {"scheme", model.schemeLabel},
                 {"bits_per_weight", model.bitsPerWeight},
                 {"bytes_weights", model.memory.bytesWeights},
                 {"bytes_disk", model.memory.bytesDisk},
                 {"kv", model.perplexity.kv.name()},
                 {"kv_bytes_per_token", model.memory.kvBytesPerToken},
                 {"perplexity", model.perplexity.perplexity},
                 {"standard_error", model.perplexity.standardError},
                 {"delta", model.delta},
                 {"delta_error", model.deltaError},
                 {"kl_mean", nullptr},
                 {"kl_p99", nullptr},
                 {"same_top", nullptr}};
    if (model.kl) {
        json["kl_mean"] = model.kl->mean;
        json["kl_p99"] = model.kl->p99;
        json["same_top"] = model.kl->sameTop;
        json["kl"] = klDocument(*model.kl);
    }
    if (model.tokens) {
        json.update(run::toJson(*model.tokens));
    }
    json["choice"] = model.choice ? choiceFactsDocument(*model.choice) : Json(nullptr);
    json["generation"] = model.generation ? run::toJson(*model.generation) : Json(nullptr);
    json["calibration_overlap"] = shareOrNull(model.perplexity.calibrationOverlap);
    json["nll_sum"] = model.perplexity.nllSum;
    json["tokens_scored"] = model.perplexity.tokensScored;
    json["window_means"] = model.perplexity.windowMeans;
    json["seconds"] = model.perplexity.seconds;
    json["tokens_per_second"] = model.tokensPerSecond;
    json["peak_rss_bytes"] = model.memory.bytesPeakRss;
    return json;
}

} // namespace

Json errorDocument(const Error& error)
{
    return {{"error",
             {{"code", errorCodeName(error.code)},
              {"subject", error.subject},
              {"expected", error.expected.english()},
              {"found", error.found.english()},
              {"advice", error.advice.english()},
              {"message", error.sentence()}}}};
}

Json findingsDocument(const Findings& findings)
{
    Json list = Json::array();
    for (const Finding& finding : findings) {
        list.push_back({{"severity", severityName(finding.severity)},
                        {"code", finding.code},
                        {"subject", finding.subject},
                        {"message", finding.message.english()},
                        {"advice", finding.advice.english()}});
    }
    return list;
}

Json groupSizeDocument(const std::optional<quant::Scheme>& scheme)
{
    return scheme ? Json(scheme->groupSize) : Json(nullptr);
}

Json layerDocument(const run::LayerRecord& layer)
{
    return {{"name", layer.name},
            {"block", layer.block},
            {"bits", layer.scheme ? Json(layer.scheme->bits) : Json(nullptr)},
            {"group_size", groupSizeDocument(layer.scheme)},
            {"symmetric", layer.scheme ? Json(layer.scheme->symmetric) : Json(nullptr)},
            {"loss", layer.quality.loss},
            {"relative_error", layer.quality.relativeError},
            {"weight_error", layer.quality.weightError},
            {"from_statistics", layer.quality.fromStatistics},
            {"saturated", layer.quality.saturated},
            {"outlier_share", layer.hasOutlierShare() ? Json(layer.quality.outlierShare) : Json(nullptr)},
            {"seconds", layer.seconds}};
}

Json runDocument(const run::RunResult& result, const evaluate::Comparison* comparison)
{
    Json json = {{"out", result.out.string()},
                 {"format", result.format},
                 {"method", result.recipe.method},
                 {"scheme", result.recipe.scheme.label()},
                 {"bits_per_weight", result.bitsPerWeight},
                 {"bytes", result.bytes},
                 {"seconds", result.seconds},
                 {"peak_rss_bytes", result.bytesPeakRss},
                 {"device", result.device},
                 {"peak_vram_bytes", result.bytesPeakVram}};
    Json layers = Json::array();
    for (const run::LayerRecord& layer : result.layers) {
        layers.push_back(layerDocument(layer));
    }
    json["layers"] = std::move(layers);
    json["findings"] = findingsDocument(result.findings);
    json["statistics"] = result.statistics.empty() ? Json(nullptr) : Json(result.statistics.string());
    json["program"] = result.program;
    json["model_fingerprint"] = result.modelFingerprint;
    json["calibration_hash"] = result.calibrationHash.empty() ? Json(nullptr) : Json(result.calibrationHash);
    json["calibration_tokens"] = result.calibrationTokens;
    json["recipe"] = plan::recipeToYaml(result.recipe);
    json["comparison"] = result.comparison ? comparisonDocument(*result.comparison) : Json(nullptr);
    json["explanation"] = explanationDocument(explain(result, comparison));
    return json;
}

Json protocolDocument(const evaluate::Protocol& protocol)
{
    return {{"name", protocolName(protocol.kind)},
            {"stride", protocol.stride > 0 ? Json(protocol.stride) : Json(nullptr)},
            {"length", protocol.length},
            {"windows", protocol.windows},
            {"data", protocol.data},
            {"data_hash", protocol.dataHash},
            {"tokenizer", protocol.tokenizer},
            {"compute", protocol.compute},
            {"device", protocol.device.empty() ? "cpu" : protocol.device},
            {"sentence", protocol.sentence().english()}};
}

Json perplexityDocument(const std::string& model, const evaluate::PerplexityResult& result)
{
    return {{"model", model},
            {"perplexity", result.perplexity},
            {"standard_error", result.standardError},
            {"nll_sum", result.nllSum},
            {"kv", result.kv.name()},
            {"tokens_scored", result.tokensScored},
            {"windows", result.windowMeans.size()},
            {"seconds", result.seconds},
            {"tokens_per_second", result.tokensPerSecond},
            {"peak_rss_bytes", result.bytesPeakRss},
            {"peak_vram_bytes", result.bytesPeakVram},
            {"findings", findingsDocument(result.findings)},
            {"window_means", result.windowMeans},
            {"window_weights", result.windowWeights},
            {"calibration_overlap", shareOrNull(result.calibrationOverlap)},
            {"protocol", protocolDocument(result.protocol)}};
}

Json comparisonDocument(const evaluate::Comparison& comparison)
{
    Json models = Json::array();
    for (std::size_t i = 0; i < comparison.models.size(); ++i) {
        models.push_back(modelDocument(comparison.models[i]));
        models.back()["verdict"] = english(comparison.verdict(i));
    }
    const auto& choice = comparison.choiceProtocol;
    const auto& generation = comparison.generationProtocol;
    return {{"protocol", protocolDocument(comparison.protocol)},
            {"choice_protocol", choice ? choiceProtocolDocument(*choice) : Json(nullptr)},
            {"generation_protocol", generation ? run::toJson(*generation) : Json(nullptr)},
            {"models", std::move(models)},
            {"findings", findingsDocument(comparison.findings)}};
}

Json choiceDocument(const evaluate::ChoiceResult& result)
{
    Json models = Json::array();
    for (const evaluate::ChoiceModel& model : result.models) {
        Json json = {{"path", model.path.string()}, {"name", model.name}};
        json.update(scoreDocument(model.scores.front()));
        json["scores"] = Json::array();
        for (const evaluate::ChoiceScore& score : model.scores) {
            json["scores"].push_back(scoreDocument(score));
        }
        json["seconds"] = model.seconds;
        models.push_back(std::move(json));
    }
    return {{"protocol", choiceProtocolDocument(result.protocol)},
            {"models", std::move(models)},
            {"findings", findingsDocument(result.findings)}};
}

Json throughputDocument(const evaluate::Throughput& throughput)
{
    const auto joules = [](const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); };
    Json prefill = Json::array();
    for (const evaluate::PrefillRate& rate : throughput.prefill) {
        prefill.push_back({{"tokens", rate.tokens},
                           {"tokens_per_second", rate.perSecond.median()},
                           {"repeats", rate.perSecond.values},
                           {"first_token_seconds", rate.firstToken.median()},
                           {"joules_per_token", joules(rate.joulesPerToken)}});
    }
    Json decode = Json::array();
    for (const evaluate::DecodeRate& rate : throughput.decode) {
        decode.push_back({{"context", rate.context},
                          {"batch", rate.batch},
                          {"tokens_per_second", rate.perSecond.median()},
                          {"repeats", rate.perSecond.values},
                          {"bytes_per_step", rate.bytesPerStep},
                          {"bytes_per_second", rate.bytesPerSecond},
                          {"joules_per_token", joules(rate.joulesPerToken)}});
    }
    return {{"name", throughput.name},
            {"kv", throughput.kv},
            {"compute", throughput.compute},
            {"device", throughput.device},
            {"threads", throughput.threads},
            {"new_tokens", throughput.newTokens},
            {"prefill", std::move(prefill)},
            {"decode", std::move(decode)},
            {"first_token_seconds", throughput.firstTokenSeconds},
            {"no_energy", throughput.noEnergy ? Json(throughput.noEnergy->sentence()) : Json(nullptr)},
            {"sentence", throughput.sentence().english()},
            {"findings", findingsDocument(throughput.findings)}};
}

Json estimateDocument(const plan::Estimate& estimate)
{
    return {{"bytes_out", estimate.bytesOut},
            {"peak_ram_bytes", estimate.bytesPeakRam},
            {"peak_vram_bytes", estimate.bytesPeakVram},
            {"disk_bytes", estimate.bytesDisk},
            {"seconds", {estimate.secondsLow, estimate.secondsHigh}},
            {"kv_bytes_per_token", estimate.kvBytesPerToken},
            {"bits_per_weight", estimate.bitsPerWeight}};
}

Json environmentDocument(const Environment& environment)
{
    return {{"program", environment.program}, {"processor", environment.processor},
            {"system", environment.system},   {"cpu_level", environment.cpuLevel},
            {"threads", environment.threads}, {"bytes_ram", environment.bytesRam},
            {"time", environment.time}};
}

std::string documentText(const Json& document, int indent)
{
    return document.dump(indent, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace bitlathe::report
