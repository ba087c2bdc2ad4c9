// SPDX-License-Identifier: Apache-2.0
// Results of runs as JSON: reading them, each value by name and kind.
#include "core/run/resultjson.h"

#include <fmt/format.h>

namespace bitlathe::run
{

namespace
{

/// Takes values out of a JSON object. The first wrong one is kept as the error of the whole; later ones are not looked
/// at.
class Reader
{
public:
    Reader(const Json& json, const std::string& subject, std::optional<Error>& error)
        : m_json(json), m_subject(subject), m_error(error)
    {
        if (!json.is_object() && !m_error) {
            wrong("", "an object");
        }
    }

    template <typename Number>
    void number(const char* key, Number& to) const
    {
        if (const Json* value = find(key)) {
            const bool fits = std::is_floating_point_v<Number> ? value->is_number() : value->is_number_integer();
            if (fits) {
                to = value->get<Number>();
            } else {
                wrong(key, "a number");
            }
        }
    }
    void flag(const char* key, bool& to) const
    {
        if (const Json* value = find(key)) {
            value->is_boolean() ? void(to = value->get<bool>()) : wrong(key, "true or false");
        }
    }
    void text(const char* key, std::string& to) const
    {
        if (const Json* value = find(key)) {
            value->is_string() ? void(to = value->get<std::string>()) : wrong(key, "a text");
        }
    }
    void path(const char* key, std::filesystem::path& to) const
    {
        std::string name = to.string();
        text(key, name);
        to = name;
    }
    /// Calls read with each element of a list.
    template <typename Read>
    void list(const char* key, const Read& read) const
    {
        if (const Json* value = find(key)) {
            if (!value->is_array()) {
                wrong(key, "a list");
                return;
            }
            for (const Json& element : *value) {
                read(element);
            }
        }
    }
    template <typename Number>
    void numbers(const char* key, std::vector<Number>& to) const
    {
        list(key, [&](const Json& element) {
            const bool fits = std::is_floating_point_v<Number> ? element.is_number() : element.is_number_integer();
            fits ? to.push_back(element.get<Number>()) : wrong(key, "numbers");
        });
    }
    /// The value of a key, or null where it is absent or null, or after an error.
    const Json* find(const char* key) const
    {
        if (m_error || !m_json.is_object()) {
            return nullptr;
        }
        const auto it = m_json.find(key);
        return it == m_json.end() || it->is_null() ? nullptr : &*it;
    }
    Reader of(const Json& json) const { return {json, m_subject, m_error}; }
    void wrong(const std::string& key, const char* kind) const
    {
        if (!m_error) {
            m_error = Error{ErrorCode::FileInvalid, m_subject, Text(BITLATHE_TEXT("%1 for \"%2\""), kind, key),
                            Text(BITLATHE_TEXT("another value")),
                            Text(BITLATHE_TEXT("Run again: the record of this run is damaged"))};
        }
    }

private:
    const Json& m_json;
    const std::string& m_subject;
    std::optional<Error>& m_error;
};

Text readText(const Reader& parent, const char* key)
{
    const Json* json = parent.find(key);
    if (json == nullptr) {
        return {};
    }
    const Reader reader = parent.of(*json);
    std::string sentence;
    std::vector<std::string> arguments;
    reader.text("sentence", sentence);
    reader.list("arguments", [&](const Json& element) {
        element.is_string() ? arguments.push_back(element.get<std::string>()) : reader.wrong("arguments", "texts");
    });
    return Text::fromParts(std::move(sentence), std::move(arguments));
}

Finding readFinding(const Reader& reader)
{
    Finding finding;
    std::string severity;
    reader.text("severity", severity);
    for (const Severity known : {Severity::Note, Severity::Warning, Severity::Problem}) {
        if (severity == severityName(known)) {
            finding.severity = known;
        }
    }
    reader.text("code", finding.code);
    reader.text("subject", finding.subject);
    finding.message = readText(reader, "message");
    finding.advice = readText(reader, "advice");
    return finding;
}

Findings readFindings(const Reader& parent, const char* key)
{
    Findings findings;
    parent.list(key, [&](const Json& element) { findings.push_back(readFinding(parent.of(element))); });
    return findings;
}

std::optional<quant::Scheme> readScheme(const Reader& parent)
{
    const Json* json = parent.find("scheme");
    if (json == nullptr) {
        return std::nullopt;
    }
    const Reader reader = parent.of(*json);
    quant::Scheme scheme;
    int kind = 0;
    int book = 0;
    int clipping = 0;
    std::string type = "F16";
    reader.number("kind", kind);
    reader.number("book", book);
    reader.flag("double_quant", scheme.doubleQuant);
    reader.number("threshold", scheme.threshold);
    reader.number("bits", scheme.bits);
    reader.number("group_size", scheme.groupSize);
    reader.flag("symmetric", scheme.symmetric);
    reader.flag("ternary", scheme.ternary);
    reader.flag("act_order", scheme.actOrder);
    reader.number("activation_bits", scheme.activationBits);
    reader.flag("static_inputs", scheme.staticInputs);
    reader.number("clipping", clipping);
    reader.text("scale_dtype", type);
    if (kind < 0 || kind > 2 || book < 0 || book >= quant::kBookKinds || clipping < 0 || clipping > 1 ||
        !checkpoint::dtypeFromName(type)) {
        reader.wrong("scheme", "a known scheme");
        return scheme;
    }
    scheme.kind = static_cast<quant::SchemeKind>(kind);
    scheme.book = static_cast<quant::BookKind>(book);
    scheme.clipping = static_cast<quant::Clipping>(clipping);
    scheme.scaleDType = *checkpoint::dtypeFromName(type);
    return scheme;
}

LayerRecord readLayer(const Reader& reader)
{
    LayerRecord layer;
    std::int64_t id = -1;
    reader.number("layer", id);
    layer.layer = LayerId(id);
    reader.text("name", layer.name);
    reader.number("block", layer.block);
    layer.scheme = readScheme(reader);
    reader.number("loss", layer.quality.loss);
    reader.number("relative_error", layer.quality.relativeError);
    reader.number("weight_error", layer.quality.weightError);
    reader.number("saturated", layer.quality.saturated);
    reader.flag("from_statistics", layer.quality.fromStatistics);
    reader.number("outlier_share", layer.quality.outlierShare);
    reader.number("seconds", layer.seconds);
    return layer;
}

std::vector<ScaleRecord> readScales(const Reader& parent, const char* key)
{
    std::vector<ScaleRecord> scales;
    parent.list(key, [&](const Json& element) {
        const Reader reader = parent.of(element);
        ScaleRecord record;
        reader.list("layers", [&](const Json& id) {
            id.is_number_integer() ? record.layers.push_back(LayerId(id.get<std::int64_t>()))
                                   : reader.wrong("layers", "whole numbers");
        });
        reader.numbers("scales", record.scales);
        scales.push_back(std::move(record));
    });
    return scales;
}

evaluate::Protocol readProtocol(const Reader& parent)
{
    evaluate::Protocol protocol;
    if (const Json* json = parent.find("protocol")) {
        const Reader reader = parent.of(*json);
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
    }
    return protocol;
}

std::optional<evaluate::KlFacts> readKl(const Reader& parent)
{
    const Json* json = parent.find("kl");
    if (json == nullptr) {
        return std::nullopt;
    }
    const Reader reader = parent.of(*json);
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

evaluate::TokenLoss readTokenLoss(const Reader& reader)
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
std::optional<evaluate::TokenFacts> readTokenFacts(const Reader& parent)
{
    const Json* curveJson = parent.find("loss_by_position");
    if (curveJson == nullptr) {
        return std::nullopt;
    }
    evaluate::TokenFacts facts;
    parent.list("worst_tokens", [&](const Json& element) { facts.worst.push_back(readTokenLoss(parent.of(element))); });
    evaluate::LossCurve& curve = facts.byPosition;
    const Reader reader = parent.of(*curveJson);
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
        const Reader differences = parent.of(*json);
        differences.numbers("edges", facts.differences.edges);
        differences.numbers("counts", facts.differences.counts);
        if (facts.differences.counts.size() != facts.differences.edges.size() + 1) {
            differences.wrong("counts", "one count more than edges");
        }
    }
    return facts;
}

std::optional<evaluate::ChoiceProtocol> readChoiceProtocol(const Reader& parent)
{
    const Json* json = parent.find("choice_protocol");
    if (json == nullptr) {
        return std::nullopt;
    }
    const Reader reader = parent.of(*json);
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
std::optional<evaluate::ChoiceFacts> readChoice(const Reader& parent)
{
    const Json* json = parent.find("choice");
    if (json == nullptr) {
        return std::nullopt;
    }
    const Reader reader = parent.of(*json);
    std::string rule;
    reader.text("by", rule);
    const auto rules = evaluate::choiceRulesFrom(rule);
    evaluate::ChoiceCount all;
    reader.number("questions", all.questions);
    reader.number("correct", all.correct);
    std::optional<evaluate::ChoiceDifference> difference;
    if (const Json* against = reader.find("against_base")) {
        const Reader of = reader.of(*against);
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

evaluate::ComparedModel readModel(const Reader& reader, const evaluate::Protocol& protocol)
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
    return model;
}

std::optional<evaluate::Comparison> readComparison(const Reader& parent)
{
    const Json* json = parent.find("comparison");
    if (json == nullptr) {
        return std::nullopt;
    }
    const Reader reader = parent.of(*json);
    evaluate::Comparison comparison;
    comparison.protocol = readProtocol(reader);
    comparison.choiceProtocol = readChoiceProtocol(reader);
    reader.list("models", [&](const Json& element) {
        comparison.models.push_back(readModel(reader.of(element), comparison.protocol));
    });
    comparison.findings = readFindings(reader, "findings");
    if (comparison.models.empty()) {
        reader.wrong("models", "at least one model");
    }
    return comparison;
}

} // namespace

Result<Findings> findingsFromJson(const Json& list, const std::string& subject)
{
    std::optional<Error> error;
    const Json parent = {{"findings", list}};
    Findings findings = readFindings(Reader(parent, subject, error), "findings");
    if (error) {
        return Failure(*std::move(error));
    }
    return findings;
}

Result<std::vector<ScaleRecord>> scalesFromJson(const Json& list, const std::string& subject)
{
    std::optional<Error> error;
    const Json parent = {{"scales", list}};
    std::vector<ScaleRecord> scales = readScales(Reader(parent, subject, error), "scales");
    if (error) {
        return Failure(*std::move(error));
    }
    return scales;
}

Result<LayerRecord> layerFromJson(const Json& json, const std::string& subject)
{
    std::optional<Error> error;
    LayerRecord layer = readLayer(Reader(json, subject, error));
    if (error) {
        return Failure(*std::move(error));
    }
    return layer;
}

Result<RunResult> resultFromJson(const Json& json, const std::string& subject)
{
    std::optional<Error> error;
    const Reader reader(json, subject, error);
    RunResult result;
    std::string recipe;
    reader.text("recipe", recipe);
    reader.text("program", result.program);
    reader.path("out", result.out);
    reader.text("format", result.format);
    reader.number("bits_per_weight", result.bitsPerWeight);
    reader.number("bytes", result.bytes);
    reader.number("seconds", result.seconds);
    reader.number("peak_rss_bytes", result.bytesPeakRss);
    reader.text("model_fingerprint", result.modelFingerprint);
    reader.path("statistics", result.statistics);
    reader.text("calibration_hash", result.calibrationHash);
    reader.number("calibration_tokens", result.calibrationTokens);
    reader.list("layers", [&](const Json& element) { result.layers.push_back(readLayer(reader.of(element))); });
    result.scales = readScales(reader, "scales");
    result.findings = readFindings(reader, "findings");
    result.comparison = readComparison(reader);
    if (error) {
        return Failure(*std::move(error));
    }
    BITLATHE_TRY(result.recipe, plan::recipeFromYaml(recipe, subject + ", recipe"));
    return result;
}

} // namespace bitlathe::run
