// SPDX-License-Identifier: Apache-2.0
// Comparisons of records: reading them.
#include "core/run/comparisonjson.h"

#include <algorithm>

namespace bitlathe::run
{

namespace
{

evaluate::Protocol readProtocol(const RecordReader& parent)
{
    evaluate::Protocol protocol;
    if (const Json* json = parent.find("protocol")) {
        const RecordReader reader = parent.of(*json);
        std::string name(protocolName(protocol.kind));
        reader.text("name", name);
        const auto kind = evaluate::protocolFrom(name);
        kind ? void(protocol.kind = *kind) : reader.wrong("name", "the name of a protocol");
        reader.number("stride", protocol.stride);
        reader.number("length", protocol.length);
        reader.number("windows", protocol.windows);
        reader.text("data", protocol.data);
        reader.text("data_hash", protocol.dataHash);
        reader.text("tokenizer", protocol.tokenizer);
        reader.text("compute", protocol.compute);
        reader.text("device", protocol.device);
    }
    return protocol;
}

std::optional<evaluate::KlFacts> readKl(const RecordReader& parent)
{
    const Json* json = parent.find("kl");
    if (json == nullptr) {
        return std::nullopt;
    }
    const RecordReader reader = parent.of(*json);
    evaluate::KlFacts kl;
    reader.number("mean", kl.mean);
    reader.number("standard_error", kl.standardError);
    reader.number("median", kl.median);
    reader.number("p90", kl.p90);
    reader.number("p99", kl.p99);
    reader.number("p999", kl.p999);
    reader.number("max", kl.max);
    reader.number("same_top", kl.sameTop);
    reader.number("same_top_error", kl.sameTopError);
    return kl;
}

evaluate::TokenLoss readTokenLoss(const RecordReader& reader)
{
    evaluate::TokenLoss loss;
    reader.number("window", loss.window);
    reader.number("position", loss.position);
    reader.text("before", loss.before);
    reader.text("token", loss.token);
    reader.text("base_top", loss.baseTop);
    reader.text("model_top", loss.modelTop);
    reader.number("base_probability", loss.baseProbability);
    reader.number("model_probability", loss.modelProbability);
    reader.number("kl", loss.kl);
    return loss;
}

/// Nothing in records of programs that did not look at single tokens.
std::optional<evaluate::TokenFacts> readTokenFacts(const RecordReader& parent)
{
    const Json* curveJson = parent.find("loss_by_position");
    if (curveJson == nullptr) {
        return std::nullopt;
    }
    evaluate::TokenFacts facts;
    parent.list("worst_tokens", [&](const Json& element) { facts.worst.push_back(readTokenLoss(parent.of(element))); });
    evaluate::LossCurve& curve = facts.byPosition;
    const RecordReader reader = parent.of(*curveJson);
    reader.number("first", curve.first);
    reader.number("step", curve.step);
    reader.numbers("base_nll", curve.baseNll);
    reader.numbers("nll", curve.nll);
    reader.numbers("kl", curve.kl);
    reader.numbers("tokens", curve.tokens);
    const std::size_t bins = curve.tokens.size();
    if (curve.baseNll.size() != bins || curve.nll.size() != bins || curve.kl.size() != bins || curve.step < 1) {
        reader.wrong("loss_by_position", "means of the same bins");
    }
    if (const Json* json = parent.find("loss_differences")) {
        const RecordReader differences = parent.of(*json);
        differences.numbers("edges", facts.differences.edges);
        differences.numbers("counts", facts.differences.counts);
        if (facts.differences.counts.size() != facts.differences.edges.size() + 1) {
            differences.wrong("counts", "one count more than edges");
        }
    }
    return facts;
}

std::optional<evaluate::ChoiceProtocol> readChoiceProtocol(const RecordReader& parent)
{
    const Json* json = parent.find("choice_protocol");
    if (json == nullptr) {
        return std::nullopt;
    }
    const RecordReader reader = parent.of(*json);
    evaluate::ChoiceProtocol protocol;
    reader.text("data", protocol.data);
    reader.text("data_hash", protocol.dataHash);
    reader.number("questions", protocol.questions);
    reader.number("shots", protocol.shots);
    reader.text("shots_data", protocol.shotsData);
    reader.flag("chat", protocol.chat);
    reader.text("compute", protocol.compute);
    return protocol;
}

constexpr std::int64_t kQuestionsMax = 100'000'000; ///< Of a record that is not damaged.

/// Counts as they were kept; what they say is worked out again.
std::optional<evaluate::ChoiceFacts> readChoice(const RecordReader& parent)
{
    const Json* json = parent.find("choice");
    if (json == nullptr) {
        return std::nullopt;
    }
    const RecordReader reader = parent.of(*json);
    std::string rule;
    reader.text("by", rule);
    const auto rules = evaluate::choiceRulesFrom(rule);
    evaluate::ChoiceCount all;
    reader.number("questions", all.questions);
    reader.number("correct", all.correct);
    std::optional<evaluate::ChoiceDifference> difference;
    if (const Json* against = reader.find("against_base")) {
        const RecordReader of = reader.of(*against);
        difference.emplace();
        of.number("questions", difference->questions);
        of.number("only_base", difference->onlyBase);
        of.number("only_model", difference->onlyModel);
    }
    const auto isPart = [](std::int64_t part, std::int64_t whole) { return part >= 0 && part <= whole; };
    if (!rules || !isPart(all.questions, kQuestionsMax) || !isPart(all.correct, all.questions) ||
        (difference &&
         (!isPart(difference->questions, all.questions) || !isPart(difference->onlyBase, difference->questions) ||
          !isPart(difference->onlyModel, difference->questions - difference->onlyBase)))) {
        reader.wrong("choice", "a rule and counts of answers");
        return std::nullopt;
    }
    return evaluate::choiceFacts(rules->front(), all, difference);
}

std::optional<evaluate::GenerationProtocol> readGenerationProtocol(const RecordReader& parent)
{
    const Json* json = parent.find("generation_protocol");
    if (json == nullptr) {
        return std::nullopt;
    }
    const RecordReader reader = parent.of(*json);
    evaluate::GenerationProtocol protocol;
    reader.text("data", protocol.data);
    reader.text("data_hash", protocol.dataHash);
    reader.number("prompts", protocol.prompts);
    reader.number("new_tokens", protocol.newTokens);
    reader.flag("chat", protocol.chat);
    reader.number("temperature", protocol.temperature);
    reader.number("seed", protocol.seed);
    reader.text("compute", protocol.compute);
    return protocol;
}

evaluate::GenerationExample readExample(const RecordReader& reader)
{
    evaluate::GenerationExample example;
    reader.text("prompt", example.prompt);
    reader.text("base", example.base);
    reader.text("text", example.text);
    reader.number("agreed_tokens", example.agreedTokens);
    reader.number("agreed_bytes", example.agreedBytes);
    if (example.agreedBytes > std::min(example.base.size(), example.text.size())) {
        reader.wrong("agreed_bytes", "a place in both texts");
        example.agreedBytes = 0;
    }
    return example;
}

evaluate::GenerationAgreement readAgreement(const RecordReader& reader)
{
    evaluate::GenerationAgreement agreement;
    reader.number("n", agreement.prompts);
    reader.number("equal", agreement.equal);
    reader.number("agreed_tokens_mean", agreement.tokensMean);
    reader.number("agreed_tokens_median", agreement.tokensMedian);
    reader.number("agreed_words_median", agreement.wordsMedian);
    if (reader.find("base_probability") != nullptr) {
        reader.number("base_probability", agreement.baseProbability.emplace());
    }
    reader.list("examples",
                [&](const Json& element) { agreement.examples.push_back(readExample(reader.of(element))); });
    if (agreement.equal < 0 || agreement.equal > agreement.prompts) {
        reader.wrong("equal", "a count of prompts");
    }
    return agreement;
}

std::optional<evaluate::GenerationFacts> readGeneration(const RecordReader& parent)
{
    const Json* json = parent.find("generation");
    if (json == nullptr) {
        return std::nullopt;
    }
    const RecordReader reader = parent.of(*json);
    evaluate::GenerationFacts facts;
    reader.number("n", facts.prompts);
    reader.number("length_mean", facts.lengthMean);
    reader.number("ended", facts.ended);
    reader.number("repeated", facts.repeated);
    reader.number("loops", facts.loops);
    for (const std::int64_t part : {facts.ended, facts.loops}) {
        if (part < 0 || part > facts.prompts) {
            reader.wrong("n", "a count of prompts");
        }
    }
    if (const Json* agreement = reader.find("against_base")) {
        facts.agreement = readAgreement(reader.of(*agreement));
    }
    return facts;
}

evaluate::ComparedModel readModel(const RecordReader& reader, const evaluate::Protocol& protocol)
{
    evaluate::ComparedModel model;
    reader.path("path", model.path);
    reader.text("name", model.name);
    reader.text("scheme", model.schemeLabel);
    reader.number("bits_per_weight", model.bitsPerWeight);
    reader.number("bytes_disk", model.memory.bytesDisk);
    reader.number("bytes_weights", model.memory.bytesWeights);
    if (reader.find("kv") != nullptr) {
        std::string kv;
        reader.text("kv", kv);
        const auto scheme = quant::findKvScheme(kv);
        scheme ? void(model.perplexity.kv = *scheme) : reader.wrong("kv", "the name of a KV cache");
    }
    reader.number("kv_bytes_per_token", model.memory.kvBytesPerToken);
    reader.number("peak_rss_bytes", model.memory.bytesPeakRss);
    evaluate::PerplexityResult& perplexity = model.perplexity;
    perplexity.protocol = protocol;
    reader.number("perplexity", perplexity.perplexity);
    reader.number("standard_error", perplexity.standardError);
    reader.number("nll_sum", perplexity.nllSum);
    reader.number("tokens_scored", perplexity.tokensScored);
    reader.numbers("window_means", perplexity.windowMeans);
    reader.number("seconds", perplexity.seconds);
    reader.number("tokens_per_second", model.tokensPerSecond);
    perplexity.tokensPerSecond = model.tokensPerSecond;
    perplexity.bytesPeakRss = model.memory.bytesPeakRss;
    reader.number("delta", model.delta);
    reader.number("delta_error", model.deltaError);
    model.kl = readKl(reader);
    model.tokens = readTokenFacts(reader);
    model.choice = readChoice(reader);
    model.generation = readGeneration(reader);
    return model;
}

} // namespace

std::optional<evaluate::Comparison> readComparison(const RecordReader& parent)
{
    const Json* json = parent.find("comparison");
    if (json == nullptr) {
        return std::nullopt;
    }
    const RecordReader reader = parent.of(*json);
    evaluate::Comparison comparison;
    comparison.protocol = readProtocol(reader);
    comparison.choiceProtocol = readChoiceProtocol(reader);
    comparison.generationProtocol = readGenerationProtocol(reader);
    reader.list("models", [&](const Json& element) {
        comparison.models.push_back(readModel(reader.of(element), comparison.protocol));
    });
    comparison.findings = readFindings(reader, "findings");
    if (comparison.models.empty()) {
        reader.wrong("models", "at least one model");
    }
    return comparison;
}

} // namespace bitlathe::run
