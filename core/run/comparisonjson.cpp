// SPDX-License-Identifier: Apache-2.0
// Comparisons as JSON: writing them.
#include "core/run/comparisonjson.h"

#include "core/run/resultjson.h"

namespace bitlathe::run
{

namespace
{

Json protocolJson(const evaluate::Protocol& protocol)
{
    return {{"name", protocolName(protocol.kind)}, {"stride", protocol.stride},   {"length", protocol.length},
            {"windows", protocol.windows},         {"data", protocol.data},       {"data_hash", protocol.dataHash},
            {"tokenizer", protocol.tokenizer},     {"compute", protocol.compute}, {"device", protocol.device}};
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
    if (model.generation) {
        json["generation"] = toJson(*model.generation);
    }
    return json;
}

Json agreementJson(const evaluate::GenerationAgreement& agreement)
{
    Json examples = Json::array();
    for (const evaluate::GenerationExample& example : agreement.examples) {
        examples.push_back({{"prompt", example.prompt},
                            {"base", example.base},
                            {"text", example.text},
                            {"agreed_tokens", example.agreedTokens},
                            {"agreed_bytes", example.agreedBytes}});
    }
    return {{"n", agreement.prompts},
            {"equal", agreement.equal},
            {"equal_share", agreement.equalShare()},
            {"agreed_tokens_mean", agreement.tokensMean},
            {"agreed_tokens_median", agreement.tokensMedian},
            {"agreed_words_median", agreement.wordsMedian},
            {"base_probability", agreement.baseProbability ? Json(*agreement.baseProbability) : Json(nullptr)},
            {"examples", std::move(examples)}};
}

} // namespace

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

Json toJson(const evaluate::GenerationFacts& facts)
{
    return {
        {"n", facts.prompts},   {"length_mean", facts.lengthMean},
        {"ended", facts.ended}, {"repeated", facts.repeated},
        {"loops", facts.loops}, {"against_base", facts.agreement ? agreementJson(*facts.agreement) : Json(nullptr)}};
}

Json toJson(const evaluate::GenerationProtocol& protocol)
{
    return {{"data", protocol.data},
            {"data_hash", protocol.dataHash},
            {"prompts", protocol.prompts},
            {"new_tokens", protocol.newTokens},
            {"chat", protocol.chat},
            {"temperature", protocol.temperature},
            {"seed", protocol.seed},
            {"compute", protocol.compute},
            {"sentence", protocol.sentence().english()}};
}

Json toJson(const evaluate::Comparison& comparison)
{
    Json models = Json::array();
    for (const evaluate::ComparedModel& model : comparison.models) {
        models.push_back(modelJson(model));
    }
    Json json = {{"protocol", protocolJson(comparison.protocol)},
                 {"models", std::move(models)},
                 {"findings", toJson(comparison.findings)}};
    if (comparison.choiceProtocol) {
        json["choice_protocol"] = choiceProtocolJson(*comparison.choiceProtocol);
    }
    if (comparison.generationProtocol) {
        json["generation_protocol"] = toJson(*comparison.generationProtocol);
    }
    return json;
}

} // namespace bitlathe::run
