// SPDX-License-Identifier: Apache-2.0
// TurbomindConfig: config.ini of a TurboMind workspace.
#include "core/format/turbomindconfig.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <map>

namespace bitlathe::format
{

namespace
{

constexpr std::array<std::string_view, 3> kWeightTypes{"fp16", "bf16", "int4"};
constexpr std::int64_t kSideMax = 1 << 20;
constexpr std::int64_t kVocabularyMax = 1 << 24;

/// A float as Python prints it: with a point or an exponent.
std::string floatText(double value)
{
    std::string text = fmt::format("{}", value);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string_view trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// The keys of a section, read by type.
class Section
{
public:
    static Result<Section> parse(const std::string& text, const std::string& subject);

    bool has(const std::string& key) const { return m_values.contains(key); }
    Result<std::string> string(const std::string& key) const;
    Result<std::int64_t> integerIn(const std::string& key, std::int64_t low, std::int64_t high) const;
    Result<double> number(const std::string& key) const;
    Failure bad(const std::string& key, Text expected, Text found) const
    {
        return fail(ErrorCode::ConfigInvalid, m_subject + ", " + key, std::move(expected), std::move(found),
                    Text(BITLATHE_TEXT("Convert the model again")));
    }

private:
    std::string m_subject;
    std::map<std::string, std::string, std::less<>> m_values;
};

Result<Section> Section::parse(const std::string& text, const std::string& subject)
{
    Section section;
    section.m_subject = subject;
    bool isInside = false;
    std::size_t number = 0;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = std::min(text.find('\n', from), text.size());
        const std::string_view line = trimmed(std::string_view(text).substr(from, end - from));
        from = end + 1;
        ++number;
        if (line.empty() || line.front() == '#' || line.front() == ';') {
            continue;
        }
        const std::size_t equals = line.find('=');
        if (line == "[llama]") {
            isInside = true;
        } else if (!isInside || line.front() == '[' || equals == std::string_view::npos) {
            return fail(ErrorCode::ConfigInvalid, subject,
                        Text(BITLATHE_TEXT("the section [llama] with lines \"key = value\"")),
                        Text(BITLATHE_TEXT("something else in line %1"), number),
                        Text(BITLATHE_TEXT("Convert the model again")));
        } else {
            section.m_values.insert_or_assign(std::string(trimmed(line.substr(0, equals))),
                                              std::string(trimmed(line.substr(equals + 1))));
        }
    }
    return section;
}

Result<std::string> Section::string(const std::string& key) const
{
    const auto found = m_values.find(key);
    if (found == m_values.end()) {
        return bad(key, Text(BITLATHE_TEXT("a value")), Text(BITLATHE_TEXT("no such key")));
    }
    return found->second;
}

Result<std::int64_t> Section::integerIn(const std::string& key, std::int64_t low, std::int64_t high) const
{
    BITLATHE_TRY(const std::string text, string(key));
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) {
        return bad(key, Text(BITLATHE_TEXT("an integer from %1 to %2"), low, high), Text("%1", text));
    }
    return value;
}

Result<double> Section::number(const std::string& key) const
{
    BITLATHE_TRY(const std::string text, string(key));
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || value < 0) {
        return bad(key, Text(BITLATHE_TEXT("a number, 0 or above")), Text("%1", text));
    }
    return value;
}

Result<void> readSizes(const Section& section, TurbomindConfig& config)
{
    constexpr std::int64_t kRanksMax = 64;
    constexpr std::int64_t kHeadsMax = 1024;
    constexpr std::int64_t kHeadDimMax = 1024;
    constexpr std::int64_t kBlocksMax = 4096;
    BITLATHE_TRY(config.ranks, section.integerIn("tensor_para_size", 1, kRanksMax));
    BITLATHE_TRY(config.heads, section.integerIn("head_num", 1, kHeadsMax));
    BITLATHE_TRY(config.kvHeads, section.integerIn("kv_head_num", 1, config.heads));
    BITLATHE_TRY(config.headDim, section.integerIn("size_per_head", 2, kHeadDimMax));
    BITLATHE_TRY(config.vocabulary, section.integerIn("vocab_size", 1, kVocabularyMax));
    BITLATHE_TRY(config.blocks, section.integerIn("num_layer", 1, kBlocksMax));
    BITLATHE_TRY(config.intermediate, section.integerIn("inter_size", 1, kSideMax));
    const bool isWhole = config.headDim % 2 == 0 && config.heads % config.kvHeads == 0;
    if (!isWhole) {
        return section.bad(
            "head_num", Text(BITLATHE_TEXT("heads of an even size, in whole groups of each key head")),
            Text(BITLATHE_TEXT("%1 heads of %2, %3 key heads"), config.heads, config.headDim, config.kvHeads));
    }
    const std::int64_t ranks = config.ranks;
    if (config.heads % ranks != 0 || config.kvHeads % ranks != 0 || config.intermediate % ranks != 0) {
        return section.bad("tensor_para_size", Text(BITLATHE_TEXT("a number that divides heads and inter_size")),
                           Text("%1", ranks));
    }
    return {};
}

Result<void> readQuantization(const Section& section, TurbomindConfig& config)
{
    BITLATHE_TRY(config.weightType, section.string("weight_type"));
    if (std::ranges::find(kWeightTypes, config.weightType) == kWeightTypes.end()) {
        return section.bad("weight_type", Text(BITLATHE_TEXT("fp16, bf16 or int4")), Text("%1", config.weightType));
    }
    if (section.has("group_size")) {
        BITLATHE_TRY(config.groupSize, section.integerIn("group_size", 0, kSideMax));
    }
    if (config.isInt4()) {
        const std::int64_t group = config.groupSize;
        const std::int64_t queries = config.hidden() / config.ranks;
        const std::int64_t inner = config.intermediate / config.ranks;
        const bool hasTiles = queries % kTurbomindTile == 0 && inner % kTurbomindTile == 0 &&
                              config.hidden() % kTurbomindTile == 0 &&
                              config.kvHeads * config.headDim / config.ranks % kTurbomindTile == 0;
        if (group <= 0 || !hasTiles || config.hidden() % group != 0 || queries % group != 0 || inner % group != 0) {
            return section.bad(
                "group_size",
                Text(BITLATHE_TEXT("groups and tiles of %1 that divide the sides of each rank"), kTurbomindTile),
                Text(BITLATHE_TEXT("groups of %1, %2 and %3 inputs"), group, queries, inner));
        }
    }
    return {};
}

} // namespace

std::string writeTurbomindConfig(const TurbomindConfig& config)
{
    const std::array<std::pair<std::string_view, std::string>, 31> lines{{
        {"model_name", config.modelName},
        {"tensor_para_size", std::to_string(config.ranks)},
        {"head_num", std::to_string(config.heads)},
        {"kv_head_num", std::to_string(config.kvHeads)},
        {"vocab_size", std::to_string(config.vocabulary)},
        {"num_layer", std::to_string(config.blocks)},
        {"inter_size", std::to_string(config.intermediate)},
        {"norm_eps", floatText(config.normEpsilon)},
        {"attn_bias", config.attentionBias ? "1" : "0"},
        {"start_id", std::to_string(config.startId)},
        {"end_id", std::to_string(config.endId)},
        {"session_len", std::to_string(config.sessionTokens)},
        {"weight_type", config.weightType},
        {"rotary_embedding", std::to_string(config.headDim)},
        {"rope_theta", floatText(config.ropeTheta)},
        {"size_per_head", std::to_string(config.headDim)},
        {"group_size", std::to_string(config.groupSize)},
        {"max_batch_size", "64"},
        {"max_context_token_num", "1"},
        {"step_length", "1"},
        {"cache_max_entry_count", "0.5"},
        {"cache_block_seq_len", "128"},
        {"cache_chunk_size", "-1"},
        {"num_tokens_per_iter", "0"},
        {"max_prefill_iters", "1"},
        {"extra_tokens_per_iter", "0"},
        {"use_context_fmha", config.contextFmha ? "1" : "0"},
        {"quant_policy", std::to_string(config.quantPolicy)},
        {"max_position_embeddings", std::to_string(config.maxPositions)},
        {"rope_scaling_factor", floatText(config.ropeScalingFactor)},
        {"use_logn_attn", config.scalesLongQueries ? "1" : "0"},
    }};
    std::string text = "[llama]\n";
    for (const auto& [key, value] : lines) {
        text += fmt::format("{} = {}\n", key, value);
    }
    return text + '\n';
}

Result<TurbomindConfig> readTurbomindConfig(const std::string& text, const std::string& subject)
{
    BITLATHE_TRY(const Section section, Section::parse(text, subject));
    TurbomindConfig config;
    BITLATHE_CHECK(readSizes(section, config));
    BITLATHE_CHECK(readQuantization(section, config));
    BITLATHE_TRY(config.modelName, section.string("model_name"));
    BITLATHE_TRY(config.normEpsilon, section.number("norm_eps"));
    BITLATHE_TRY(const std::int64_t bias, section.integerIn("attn_bias", 0, 1));
    config.attentionBias = bias != 0;
    BITLATHE_TRY(config.startId, section.integerIn("start_id", -1, kVocabularyMax));
    BITLATHE_TRY(config.endId, section.integerIn("end_id", -1, kVocabularyMax));
    BITLATHE_TRY(config.sessionTokens, section.integerIn("session_len", 1, INT32_MAX));
    BITLATHE_TRY(config.ropeTheta, section.number("rope_theta"));
    BITLATHE_TRY(config.maxPositions, section.integerIn("max_position_embeddings", 0, INT32_MAX));
    if (section.has("rope_scaling_factor")) {
        BITLATHE_TRY(config.ropeScalingFactor, section.number("rope_scaling_factor"));
    }
    if (section.has("use_logn_attn")) {
        BITLATHE_TRY(const std::int64_t scales, section.integerIn("use_logn_attn", 0, 1));
        config.scalesLongQueries = scales != 0;
    }
    if (section.has("use_context_fmha")) {
        BITLATHE_TRY(const std::int64_t fused, section.integerIn("use_context_fmha", 0, 1));
        config.contextFmha = fused != 0;
    }
    if (section.has("quant_policy")) {
        constexpr std::int64_t kPolicyMax = 255;
        BITLATHE_TRY(config.quantPolicy, section.integerIn("quant_policy", 0, kPolicyMax));
    }
    return config;
}

Json llamaConfig(const TurbomindConfig& config)
{
    Json json{
        {"architectures", Json::array({"LlamaForCausalLM"})},
        {"model_type", "llama"},
        {"vocab_size", config.vocabulary},
        {"hidden_size", config.hidden()},
        {"intermediate_size", config.intermediate},
        {"num_hidden_layers", config.blocks},
        {"num_attention_heads", config.heads},
        {"num_key_value_heads", config.kvHeads},
        {"head_dim", config.headDim},
        {"hidden_act", "silu"},
        {"rms_norm_eps", config.normEpsilon},
        {"rope_theta", config.ropeTheta},
        {"max_position_embeddings", config.maxPositions > 0 ? config.maxPositions : config.sessionTokens},
        {"attention_bias", config.attentionBias},
        {"mlp_bias", false},
        {"tie_word_embeddings", false},
        {"torch_dtype", config.weightType == "bf16" ? "bfloat16" : "float16"},
    };
    if (config.scalesLongQueries) {
        json["use_logn_attn"] = true;
    }
    if (config.startId >= 0) {
        json["bos_token_id"] = config.startId;
    }
    if (config.endId >= 0) {
        json["eos_token_id"] = config.endId;
    }
    if (config.ropeScalingFactor > 0) {
        json["rope_scaling"] = {{"type", "dynamic"}, {"factor", config.ropeScalingFactor}};
    }
    if (config.isInt4()) {
        json["quantization_config"] = {{"quant_method", "awq"},
                                       {"bits", 4},
                                       {"group_size", config.groupSize},
                                       {"zero_point", true},
                                       {"version", "turbomind"}};
    }
    return json;
}

} // namespace bitlathe::format
