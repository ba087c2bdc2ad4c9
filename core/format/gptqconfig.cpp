// SPDX-License-Identifier: Apache-2.0
// GptqConfig: the quantization_config of GPTQ checkpoints, read and written.
#include "core/format/gptqconfig.h"

#include "core/base/version.h"
#include "core/format/schemelists.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bitlathe::format
{

using quant::Scheme;

namespace
{

constexpr std::string_view kSkip = "-:";
constexpr std::string_view kChange = "+:";
constexpr std::int64_t kGroupMax = 1 << 20;

/// A string under one of two names for the same thing; otherwise where neither is there.
Result<std::string> stringOf(const JsonObject& object, const char* key, const char* otherKey, const char* otherwise)
{
    return object.string(object.has(key) ? key : otherKey, otherwise);
}

Result<int> readBits(const JsonObject& object, const char* key, const std::string& subject)
{
    constexpr std::array<std::int64_t, 4> kBits{2, 3, 4, 8};
    BITLATHE_TRY(const std::int64_t bits, object.integer(key));
    if (std::ranges::find(kBits, bits) == kBits.end()) {
        return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("2, 3, 4 or 8 bits for GPTQ")),
                    Text(BITLATHE_TEXT("%1 bits"), bits),
                    Text(BITLATHE_TEXT("Quantize the unquantized model again with one of these widths")));
    }
    return static_cast<int>(bits);
}

Result<std::int64_t> readGroupSize(const JsonObject& object, const char* key)
{
    BITLATHE_TRY(const std::int64_t size, object.integer(key));
    if (size == -1) {
        return quant::kPerChannel;
    }
    return object.integerIn(key, 1, kGroupMax);
}

Result<GptqOverride> readOverride(const std::string& name, const Json& value, const std::string& subject)
{
    const bool isMarked = name.starts_with(kSkip) || name.starts_with(kChange);
    BITLATHE_TRY(NamePattern pattern, NamePattern::create(name, isMarked ? kSkip.size() : 0, "dynamic", subject));
    GptqOverride entry{std::move(pattern), name.starts_with(kSkip), {}, {}, {}, {}};
    if (entry.isSkip) {
        return entry;
    }
    if (!value.is_object()) {
        return fail(ErrorCode::ConfigInvalid, subject, Text(BITLATHE_TEXT("an object for %1 in dynamic"), name),
                    Text(BITLATHE_TEXT("another JSON value")));
    }
    const JsonObject object(value, subject + ", dynamic");
    if (object.has("bits")) {
        BITLATHE_TRY(entry.bits, readBits(object, "bits", subject));
    }
    if (object.has("group_size")) {
        BITLATHE_TRY(entry.groupSize, readGroupSize(object, "group_size"));
    }
    if (object.has("sym")) {
        BITLATHE_TRY(entry.symmetric, object.boolean("sym", true));
    }
    if (object.has("desc_act")) {
        BITLATHE_TRY(entry.actOrder, object.boolean("desc_act", false));
    }
    return entry;
}

Result<std::vector<GptqOverride>> readOverrides(const Json& json, const std::string& subject)
{
    std::vector<GptqOverride> overrides;
    const auto dynamic = json.find("dynamic");
    if (dynamic == json.end() || dynamic->is_null()) {
        return overrides;
    }
    if (!dynamic->is_object()) {
        return fail(ErrorCode::ConfigInvalid, subject, Text(BITLATHE_TEXT("an object dynamic")),
                    Text(BITLATHE_TEXT("another JSON value")));
    }
    for (const auto& [name, value] : dynamic->items()) {
        BITLATHE_TRY(GptqOverride entry, readOverride(name, value, subject));
        overrides.push_back(std::move(entry));
    }
    return overrides;
}

/// A list of lists of name ends, flattened: the lists are steps of the quantization.
Result<std::optional<std::vector<std::string>>> readQuantizedNames(const Json& json, const std::string& subject)
{
    constexpr const char* kKey = "modules_in_block_to_quantize";
    const auto lists = json.find(kKey);
    if (lists == json.end() || lists->is_null()) {
        return std::optional<std::vector<std::string>>();
    }
    const auto wrong = fail(ErrorCode::ConfigInvalid, subject, Text(BITLATHE_TEXT("a list of names as %1"), kKey),
                            Text(BITLATHE_TEXT("another JSON value")));
    if (!lists->is_array()) {
        return wrong;
    }
    std::vector<std::string> names;
    for (const Json& item : *lists) {
        const Json list = item.is_array() ? item : Json::array({item});
        for (const Json& name : list) {
            if (!name.is_string()) {
                return wrong;
            }
            names.push_back(name.get<std::string>());
        }
    }
    return std::optional(std::move(names));
}

/// Parts that change what the tensors mean and that are not known here.
Result<void> checkNothingUnknown(const JsonObject& object, const std::string& subject)
{
    BITLATHE_TRY(const std::string words, object.string("pack_dtype", "int32"));
    if (words != "int32") {
        return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("codes packed in int32 words")),
                    Text(BITLATHE_TEXT("pack_dtype %1"), words),
                    Text(BITLATHE_TEXT("Save the model with pack_dtype int32")));
    }
    BITLATHE_TRY(const bool head, object.boolean("lm_head", false));
    if (head) {
        return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("a head in full precision")),
                    Text(BITLATHE_TEXT("lm_head true")),
                    Text(BITLATHE_TEXT("Quantize the unquantized model again without its head")));
    }
    return {};
}

Json overrideOf(const Scheme& scheme)
{
    return {{"bits", scheme.bits},
            {"group_size", scheme.groupSize},
            {"sym", scheme.symmetric},
            {"desc_act", scheme.actOrder}};
}

/// Patterns for the layers that have not the base scheme.
Json writeOverrides(const model::ModelSpec& spec, const LinearSchemes& schemes, const Scheme& base)
{
    Json dynamic = Json::object();
    for (const model::LinearSpec& linear : spec.linears) {
        const auto& scheme = schemes[linear.id.index()];
        if (!scheme) {
            dynamic["-:" + patternOf(linear.name)] = Json::object();
        } else if (storedScheme(*scheme) != base) {
            dynamic["+:" + patternOf(linear.name)] = overrideOf(storedScheme(*scheme));
        }
    }
    return dynamic;
}

} // namespace

std::optional<Scheme> GptqConfig::schemeOf(const std::string& layer) const
{
    const auto isEnd = [&layer](const std::string& name) {
        return layer == name || (layer.ends_with(name) && layer[layer.size() - name.size() - 1] == '.');
    };
    if (quantizedNames && std::ranges::none_of(*quantizedNames, isEnd)) {
        return std::nullopt;
    }
    const auto applies = [&layer](const GptqOverride& entry) { return entry.pattern.matches(layer); };
    if (std::ranges::any_of(overrides, [&](const auto& entry) { return entry.isSkip && applies(entry); })) {
        return std::nullopt;
    }
    Scheme result = scheme;
    const auto change = std::ranges::find_if(overrides, applies);
    if (change != overrides.end()) {
        result.bits = change->bits.value_or(result.bits);
        result.groupSize = change->groupSize.value_or(result.groupSize);
        result.symmetric = change->symmetric.value_or(result.symmetric);
        result.actOrder = change->actOrder.value_or(result.actOrder);
    }
    return storedScheme(result);
}

bool isGptqConfig(const Json& json)
{
    if (!json.is_object()) {
        return false;
    }
    const auto method = json.contains("quant_method") ? json.find("quant_method") : json.find("method");
    if (method != json.end() && !method->is_null()) {
        return *method == Json("gptq") || *method == Json("marlin");
    }
    // The first files named no method; those of AWQ have a version.
    return (json.contains("bits") || json.contains("w_bit")) && !json.contains("version") &&
           !json.contains("zero_point");
}

bool isByGptqModel(const Json& json)
{
    const auto meta = json.is_object() ? json.find("meta") : json.end();
    if (meta == json.end() || !meta->is_object()) {
        return false;
    }
    const auto quantizer = meta->find("quantizer");
    if (quantizer == meta->end()) {
        return false;
    }
    const Json list = quantizer->is_array() ? *quantizer : Json::array({*quantizer});
    return std::ranges::any_of(
        list, [](const Json& item) { return item.is_string() && item.get<std::string>().starts_with("gptqmodel"); });
}

std::optional<GptqLayout> gptqLayoutOf(const Json& json)
{
    const auto marlin = json.find("is_marlin_format");
    if ((marlin != json.end() && *marlin == Json(true)) || json.value("quant_method", Json()) == Json("marlin")) {
        return GptqLayout::Marlin;
    }
    const Json name = json.contains("checkpoint_format") ? json["checkpoint_format"] : json.value("format", Json());
    if (name.is_null() || name == Json("gptq")) {
        return GptqLayout::V1;
    }
    if (name == Json("gptq_v2")) {
        return GptqLayout::V2;
    }
    return name == Json("marlin") ? std::optional(GptqLayout::Marlin) : std::nullopt;
}

Result<GptqConfig> readGptqConfig(const Json& json, const std::string& subject)
{
    if (!json.is_object()) {
        return fail(ErrorCode::ConfigInvalid, subject, Text(BITLATHE_TEXT("an object")),
                    Text(BITLATHE_TEXT("another JSON value")));
    }
    const JsonObject object(json, subject);
    BITLATHE_TRY(const std::string layoutName, stringOf(object, "checkpoint_format", "format", "gptq"));
    const auto layout = gptqLayoutOf(json);
    if (!layout) {
        return fail(ErrorCode::NotSupported, subject,
                    Text(BITLATHE_TEXT("the checkpoint_format gptq, gptq_v2 or marlin")),
                    Text(BITLATHE_TEXT("%1"), layoutName),
                    Text(BITLATHE_TEXT("Save the model as gptq_v2 with the tool that wrote it")));
    }
    BITLATHE_CHECK(checkNothingUnknown(object, subject));
    GptqConfig config;
    config.layout = *layout;
    BITLATHE_TRY(config.scheme.bits, readBits(object, object.has("bits") ? "bits" : "w_bit", subject));
    const char* groupKey = object.has("group_size") || !object.has("q_group_size") ? "group_size" : "q_group_size";
    BITLATHE_TRY(config.scheme.groupSize, readGroupSize(object, groupKey));
    BITLATHE_TRY(config.scheme.symmetric, object.boolean("sym", true));
    BITLATHE_TRY(config.scheme.actOrder, object.boolean("desc_act", false));
    config.scheme = storedScheme(config.scheme);
    BITLATHE_TRY(config.overrides, readOverrides(json, subject));
    BITLATHE_TRY(config.quantizedNames, readQuantizedNames(json, subject));
    config.subtractsFromWords = isByGptqModel(json);
    return config;
}

Json writeGptqConfig(const model::ModelSpec& spec, const LinearSchemes& schemes, GptqLayout layout)
{
    const auto base = mostCommonScheme(schemes);
    if (!base) {
        return nullptr;
    }
    Json json = {
        {"bits", base->bits},
        {"group_size", base->groupSize},
        {"desc_act", base->actOrder},
        {"sym", base->symmetric},
        {"lm_head", false},
        {"quant_method", "gptq"},
        {"checkpoint_format", layout == GptqLayout::V2 ? "gptq_v2" : "gptq"},
        {"pack_dtype", "int32"},
        {"meta", {{"quantizer", Json::array({fmt::format("bitlathe:{}", programVersion())})}}},
    };
    Json dynamic = writeOverrides(spec, schemes, *base);
    if (!dynamic.empty()) {
        json["dynamic"] = std::move(dynamic);
    }
    // Readers that don't know "dynamic" are told by name ends, as far as those can tell.
    const NameEnds ends = nameEnds(spec, schemes);
    if (!ends.full.empty() && ends.mixed.empty()) {
        json["modules_in_block_to_quantize"] = Json::array({Json(ends.quantized)});
    }
    return json;
}

} // namespace bitlathe::format
