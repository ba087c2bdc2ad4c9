// SPDX-License-Identifier: Apache-2.0
// CompressedTensorsConfig: the quantization_config of compressed-tensors, read and written.
#include "core/format/compressedtensorsconfig.h"

#include "core/format/namepattern.h"
#include "core/format/schemelists.h"

#include <algorithm>

namespace bitlathe::format
{

namespace
{

constexpr std::string_view kPattern = "re:";
constexpr std::string_view kLinearClass = "Linear";

Text rewriteAdvice()
{
    return Text(
        BITLATHE_TEXT("Quantize the unquantized model again with a scheme of 8 bits or less and integer codes"));
}

/// Only patterns that readNames() accepted get here.
bool matchesPattern(const std::string& pattern, const std::string& layer)
{
    const auto compiled = NamePattern::create(pattern, kPattern.size(), "targets", layer);
    return compiled && compiled->matches(layer);
}

enum class Match { None, ByClass, ByPattern, ByName };

Match matchOf(const std::vector<std::string>& targets, const std::string& layer)
{
    Match best = Match::None;
    for (const std::string& target : targets) {
        if (target == layer) {
            return Match::ByName;
        }
        if (target.starts_with(kPattern) && matchesPattern(target, layer)) {
            best = Match::ByPattern;
        } else if (target == kLinearClass) {
            best = std::max(best, Match::ByClass);
        }
    }
    return best;
}

Result<std::vector<std::string>> readNames(const Json& object, const char* key, const std::string& subject)
{
    std::vector<std::string> names;
    const auto it = object.find(key);
    if (it == object.end() || it->is_null()) {
        return names;
    }
    const auto isString = [](const Json& item) { return item.is_string(); };
    if (!it->is_array() || !std::ranges::all_of(*it, isString)) {
        return fail(ErrorCode::ConfigInvalid, subject, Text(BITLATHE_TEXT("a list of names as %1"), key),
                    Text(BITLATHE_TEXT("another JSON value")));
    }
    for (const Json& item : *it) {
        names.push_back(item.get<std::string>());
        const std::string& name = names.back();
        if (name.starts_with(kPattern)) {
            BITLATHE_CHECK(NamePattern::create(name, kPattern.size(), key, subject));
        }
    }
    return names;
}

Result<CompressedLayout> layoutFromName(const std::string& name, const std::string& subject)
{
    if (name == "pack-quantized") {
        return CompressedLayout::Packed;
    }
    if (name == "int-quantized" || name == "naive-quantized") {
        return CompressedLayout::Integer;
    }
    return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("the layout pack-quantized or int-quantized")),
                Text(BITLATHE_TEXT("%1"), name), rewriteAdvice());
}

/// Group size by the strategy; a missing strategy follows from the group size.
Result<std::int64_t> readGroupSize(const JsonObject& weights, const std::string& subject)
{
    BITLATHE_TRY(const std::int64_t size, weights.integer("group_size", 0));
    const char* implied = size > 0 ? "group" : size == -1 ? "channel" : "tensor";
    BITLATHE_TRY(const std::string strategy, weights.string("strategy", implied));
    if (strategy == "channel") {
        return quant::kPerChannel;
    }
    if (strategy == "tensor") {
        return quant::kPerTensor;
    }
    if (strategy != "group") {
        return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("the strategy group, channel or tensor")),
                    Text(BITLATHE_TEXT("%1"), strategy), rewriteAdvice());
    }
    constexpr std::int64_t kGroupMax = 1 << 20;
    return weights.integerIn("group_size", 1, kGroupMax);
}

Result<bool> readActOrder(const JsonObject& weights)
{
    const auto it = weights.json().find("actorder");
    if (it != weights.json().end() && it->is_boolean()) {
        return it->get<bool>();
    }
    BITLATHE_TRY(const std::string order, weights.string("actorder", ""));
    return order == "group" || order == "dynamic";
}

Result<quant::Scheme> readWeights(const Json& args, const std::string& subject)
{
    if (!args.is_object()) {
        return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("quantized weights")),
                    Text(BITLATHE_TEXT("none in this group")), rewriteAdvice());
    }
    const JsonObject weights(args, subject);
    BITLATHE_TRY(const std::string type, weights.string("type", "int"));
    if (type != "int") {
        return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("integer weights")),
                    Text(BITLATHE_TEXT("%1"), type), rewriteAdvice());
    }
    quant::Scheme scheme;
    BITLATHE_TRY(const std::int64_t bits, weights.integerIn("num_bits", 2, 8));
    if (bits == 7) {
        return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("2, 3, 4, 5, 6 or 8 bits")),
                    Text(BITLATHE_TEXT("7")), rewriteAdvice());
    }
    scheme.bits = static_cast<int>(bits);
    BITLATHE_TRY(scheme.symmetric, weights.boolean("symmetric", true));
    BITLATHE_TRY(scheme.groupSize, readGroupSize(weights, subject));
    BITLATHE_TRY(scheme.actOrder, readActOrder(weights));
    return scheme;
}

bool isSet(const Json& object, const char* key)
{
    const auto it = object.find(key);
    return it != object.end() && !it->is_null() && !it->empty();
}

/// Symmetric 8-bit inputs with a scale for each token, found while the model runs, or with one for all tokens, stored.
void readInputs(const Json& inputs, quant::Scheme& scheme)
{
    const bool isKnown = inputs.is_object() && inputs.value("num_bits", Json()) == Json(8) &&
                         inputs.value("type", Json("int")) == Json("int") &&
                         inputs.value("symmetric", Json(true)) == Json(true);
    const Json strategy = isKnown ? inputs.value("strategy", Json()) : Json();
    const Json dynamic = isKnown ? inputs.value("dynamic", Json(false)) : Json();
    scheme.staticInputs = strategy == Json("tensor") && dynamic == Json(false);
    scheme.activationBits = scheme.staticInputs || (strategy == Json("token") && dynamic == Json(true)) ? 8 : 0;
}

Result<CompressedGroup> readGroup(const std::string& name, const Json& json, const std::string& formatName,
                                  const std::string& subject)
{
    const std::string place = subject + ", " + name;
    if (!json.is_object()) {
        return fail(ErrorCode::ConfigInvalid, place, Text(BITLATHE_TEXT("an object")),
                    Text(BITLATHE_TEXT("another JSON value")));
    }
    CompressedGroup group;
    group.name = name;
    BITLATHE_TRY(group.targets, readNames(json, "targets", place));
    BITLATHE_TRY(const std::string layout, JsonObject(json, place).string("format", formatName));
    BITLATHE_TRY(group.layout, layoutFromName(layout, place));
    const auto weights = json.find("weights");
    BITLATHE_TRY(group.scheme, readWeights(weights == json.end() ? Json() : *weights, place + ", weights"));
    const bool hasInputs = isSet(json, "input_activations");
    if (hasInputs) {
        readInputs(json["input_activations"], group.scheme);
    }
    group.hasOtherActivations = (hasInputs && group.scheme.activationBits == 0) || isSet(json, "output_activations");
    return group;
}

/// Parts that change what the tensors mean and that are not known here.
Result<void> checkNothingUnknown(const Json& json, const std::string& subject)
{
    const JsonObject object(json, subject);
    BITLATHE_TRY(const std::string status, object.string("quantization_status", "compressed"));
    if (status != "compressed") {
        return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("quantization_status compressed")),
                    Text(BITLATHE_TEXT("%1"), status),
                    Text(BITLATHE_TEXT("Save the model compressed with the tool that wrote it")));
    }
    const auto sparsity = json.find("sparsity_config");
    if (isSet(json, "sparsity_config") && sparsity->is_object() &&
        sparsity->value("format", Json("dense")) != Json("dense")) {
        return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("weights that are not stored sparse")),
                    Text(BITLATHE_TEXT("a sparsity_config")),
                    Text(BITLATHE_TEXT("Save the model without sparse compression")));
    }
    const auto transform = json.find("transform_config");
    if (isSet(json, "transform_config") && transform->is_object() && isSet(*transform, "config_groups")) {
        return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("weights without transforms")),
                    Text(BITLATHE_TEXT("a transform_config")),
                    Text(BITLATHE_TEXT("Quantize the model without rotations")));
    }
    return {};
}

/// What runtimes do to the inputs of layers: the kernels for whole bytes of weights want bytes of inputs, too.
Json inputActivations(CompressedLayout layout, bool isStatic)
{
    if (layout == CompressedLayout::Packed) {
        return nullptr;
    }
    return {
        {"num_bits", 8},
        {"type", "int"},
        {"symmetric", true},
        {"strategy", isStatic ? "tensor" : "token"},
        {"group_size", nullptr},
        {"dynamic", !isStatic},
        {"actorder", nullptr},
        {"block_structure", nullptr},
        {"observer", isStatic ? Json("minmax") : Json()},
        {"observer_kwargs", Json::object()},
    };
}

Json writeGroup(const quant::Scheme& scheme, Json targets, CompressedLayout layout)
{
    const bool isChannel = scheme.groupSize == quant::kPerChannel;
    Json weights = {
        {"num_bits", scheme.bits},
        {"type", "int"},
        {"symmetric", scheme.symmetric},
        {"strategy", isChannel ? "channel" : "group"},
        {"group_size", isChannel ? Json(nullptr) : Json(scheme.groupSize)},
        {"dynamic", false},
        {"actorder", scheme.actOrder ? Json("group") : Json(nullptr)},
        {"block_structure", nullptr},
        {"observer", "minmax"},
        {"observer_kwargs", Json::object()},
    };
    return {
        {"targets", std::move(targets)},
        {"weights", std::move(weights)},
        {"input_activations", inputActivations(layout, scheme.staticInputs)},
        {"output_activations", nullptr},
    };
}

/// Names of the linears that stay in full precision; routers, projections of the embedding and the head, even where it
/// has no tensor of its own, are such to a consumer.
Json ignoredNames(const model::ModelSpec& spec, const LinearSchemes& schemes)
{
    constexpr std::string_view kWeight = ".weight";
    Json ignore = Json::array();
    for (const model::LinearSpec& linear : spec.linears) {
        if (!schemes[linear.id.index()]) {
            ignore.push_back(linear.name);
        }
    }
    for (const model::BlockSpec& block : spec.blocks) {
        if (!block.router.empty()) {
            ignore.push_back(block.router);
        }
    }
    for (const std::string& projection : {spec.projectInName, spec.projectOutName}) {
        if (projection.ends_with(kWeight)) {
            ignore.push_back(projection.substr(0, projection.size() - kWeight.size()));
        }
    }
    std::string head = spec.tiedHead || !spec.headName.ends_with(kWeight) ? "lm_head.weight" : spec.headName;
    head.resize(head.size() - kWeight.size());
    ignore.push_back(std::move(head));
    if (spec.modelType == "gemma3") {
        ignore.push_back("re:.*vision_tower.*");
        ignore.push_back("re:.*multi_modal_projector.*");
    }
    return ignore;
}

} // namespace

const CompressedGroup* CompressedConfig::groupOf(const std::string& layer) const
{
    if (matchOf(ignore, layer) != Match::None) {
        return nullptr;
    }
    const CompressedGroup* best = nullptr;
    Match bestMatch = Match::None;
    for (const CompressedGroup& group : groups) {
        const Match match = matchOf(group.targets, layer);
        if (match > bestMatch) {
            best = &group;
            bestMatch = match;
        }
    }
    return best;
}

namespace
{

/// The strategy of scales for whole layers and for their heads, as compressed-tensors names them.
constexpr const char* kStrategyLayer = "tensor";
constexpr const char* kStrategyHead = "attn_head";

Result<CompressedKv> readKvCache(const Json& json, const std::string& subject)
{
    if (!isSet(json, "kv_cache_scheme")) {
        return CompressedKv::None;
    }
    const Json& scheme = json["kv_cache_scheme"];
    if (!scheme.is_object()) {
        return fail(ErrorCode::ConfigInvalid, subject, Text(BITLATHE_TEXT("an object kv_cache_scheme")),
                    Text(BITLATHE_TEXT("another JSON value")));
    }
    const JsonObject object(scheme, subject + ", kv_cache_scheme");
    BITLATHE_TRY(const std::int64_t bits, object.integerIn("num_bits", 0, 64));
    BITLATHE_TRY(const std::string type, object.string("type"));
    BITLATHE_TRY(const std::string strategy, object.string("strategy", kStrategyLayer));
    BITLATHE_TRY(const bool symmetric, object.boolean("symmetric", true));
    const bool isFound = scheme.value("dynamic", Json(false)) == Json(false);
    const bool hasPlace = strategy == kStrategyLayer || strategy == kStrategyHead;
    return bits == 8 && type == "float" && symmetric && isFound && hasPlace ? CompressedKv::Fp8 : CompressedKv::Other;
}

} // namespace

Result<CompressedConfig> readCompressedConfig(const Json& json, const std::string& subject)
{
    if (!json.is_object()) {
        return fail(ErrorCode::ConfigInvalid, subject, Text(BITLATHE_TEXT("an object")),
                    Text(BITLATHE_TEXT("another JSON value")));
    }
    BITLATHE_CHECK(checkNothingUnknown(json, subject));
    BITLATHE_TRY(const std::string formatName, JsonObject(json, subject).string("format", "dense"));
    const auto groups = json.find("config_groups");
    if (groups == json.end() || !groups->is_object()) {
        return fail(ErrorCode::ConfigInvalid, subject, Text(BITLATHE_TEXT("an object config_groups")),
                    groups == json.end() ? Text(BITLATHE_TEXT("none")) : Text(BITLATHE_TEXT("another JSON value")),
                    Text(BITLATHE_TEXT("Take the file from the model's original folder")));
    }
    CompressedConfig config;
    for (const auto& [name, group] : groups->items()) {
        BITLATHE_TRY(CompressedGroup read, readGroup(name, group, formatName, subject));
        config.groups.push_back(std::move(read));
    }
    BITLATHE_TRY(config.ignore, readNames(json, "ignore", subject));
    BITLATHE_TRY(config.kvCache, readKvCache(json, subject));
    return config;
}

Json withKvCacheScheme(Json quantizationConfig, const quant::KvScheme& scheme)
{
    const bool byHead = scheme.granularity == quant::KvGranularity::Head;
    quantizationConfig["kv_cache_scheme"] = {
        {"num_bits", 8},
        {"type", "float"},
        {"strategy", byHead ? kStrategyHead : kStrategyLayer},
        {"symmetric", true},
        {"dynamic", false},
        {"group_size", nullptr},
        {"block_structure", nullptr},
        {"actorder", nullptr},
        {"observer", "minmax"},
        {"observer_kwargs", Json::object()},
    };
    return quantizationConfig;
}

Json writeCompressedConfig(const model::ModelSpec& spec, const LinearSchemes& schemes, CompressedLayout layout)
{
    std::vector<std::pair<quant::Scheme, Json>> groups; // In the order of their first layer.
    for (const model::LinearSpec& linear : spec.linears) {
        if (!schemes[linear.id.index()]) {
            continue;
        }
        const quant::Scheme scheme = storedScheme(*schemes[linear.id.index()]);
        auto group = std::ranges::find(groups, scheme, [](const auto& entry) { return entry.first; });
        if (group == groups.end()) {
            group = groups.insert(groups.end(), {scheme, Json::array()});
        }
        group->second.push_back(linear.name);
    }
    if (groups.empty()) {
        return nullptr;
    }
    Json configGroups = Json::object();
    for (std::size_t i = 0; i < groups.size(); ++i) {
        // Several groups name their layers one by one: readers differ in what a class and a name together mean.
        Json targets = groups.size() == 1 ? Json::array({std::string(kLinearClass)}) : std::move(groups[i].second);
        configGroups["group_" + std::to_string(i)] = writeGroup(groups[i].first, std::move(targets), layout);
    }
    return {
        {"quant_method", "compressed-tensors"},
        {"format", layout == CompressedLayout::Packed ? "pack-quantized" : "int-quantized"},
        {"quantization_status", "compressed"},
        {"version", "0.12.0"},
        {"global_compression_ratio", nullptr},
        {"kv_cache_scheme", nullptr},
        {"ignore", ignoredNames(spec, schemes)},
        {"config_groups", std::move(configGroups)},
    };
}

} // namespace bitlathe::format
