// SPDX-License-Identifier: Apache-2.0
// AwqConfig: the quantization_config of AWQ checkpoints, read and written.
#include "core/format/awqconfig.h"

#include "core/format/schemelists.h"

#include <algorithm>
#include <array>

namespace bitlathe::format
{

using quant::Scheme;

namespace
{

struct NamedLayout
{
    const char* name;
    AwqLayout layout;
};

/// ExLlama kernels read the gemm layout.
constexpr std::array kLayouts{NamedLayout{"gemm", AwqLayout::Gemm},     NamedLayout{"exllama", AwqLayout::Gemm},
                              NamedLayout{"gemv", AwqLayout::Gemv},     NamedLayout{"gemv_fast", AwqLayout::GemvFast},
                              NamedLayout{"marlin", AwqLayout::Marlin}, NamedLayout{"turbomind", AwqLayout::Turbomind}};

const char* nameOf(AwqLayout layout)
{
    return std::ranges::find(kLayouts, layout, &NamedLayout::layout)->name;
}

/// The name in lower case, as older files spell it in capitals.
std::string layoutName(const Json& json)
{
    for (const char* key : {"version", "checkpoint_format", "format"}) {
        const auto it = json.find(key);
        if (it != json.end() && it->is_string()) {
            std::string name = it->get<std::string>();
            std::ranges::transform(name, name.begin(),
                                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
            return name;
        }
    }
    return "gemm";
}

bool isNotConverted(const std::vector<std::string>& parts, const std::string& layer)
{
    return std::ranges::any_of(parts, [&layer](const std::string& part) { return layer.find(part) != layer.npos; });
}

/// Name ends where they tell all, for they work in every reader; else whole names.
Result<Json> partsOfFullLayers(const model::ModelSpec& spec, const LinearSchemes& schemes)
{
    const NameEnds ends = nameEnds(spec, schemes);
    std::vector<std::string> parts = ends.full;
    for (const model::LinearSpec& linear : spec.linears) {
        if (!schemes[linear.id.index()] && !isNotConverted(parts, linear.name)) {
            parts.push_back(linear.name);
        }
    }
    for (const model::LinearSpec& linear : spec.linears) {
        if (schemes[linear.id.index()] && isNotConverted(parts, linear.name)) {
            return fail(ErrorCode::NotSupported, linear.name,
                        Text(BITLATHE_TEXT("a name that holds no name of a layer in full precision, for awq")),
                        Text(BITLATHE_TEXT("one that does")),
                        Text(BITLATHE_TEXT("Keep this layer in full precision too, or choose another format")));
        }
    }
    return parts.empty() ? Json(nullptr) : Json(parts);
}

} // namespace

std::optional<Scheme> AwqConfig::schemeOf(const std::string& layer) const
{
    return isNotConverted(notConverted, layer) ? std::nullopt : std::optional(scheme);
}

bool isAwqConfig(const Json& json)
{
    if (!json.is_object()) {
        return false;
    }
    const auto method = json.contains("quant_method") ? json.find("quant_method") : json.find("method");
    if (method != json.end() && !method->is_null()) {
        return *method == Json("awq");
    }
    // The first files named no method.
    return (json.contains("w_bit") || json.contains("bits")) &&
           (json.contains("version") || json.contains("zero_point"));
}

std::optional<AwqLayout> awqLayoutOf(const Json& json)
{
    const std::string name = layoutName(json);
    const auto known = std::ranges::find_if(kLayouts, [&name](const NamedLayout& entry) { return entry.name == name; });
    return known == kLayouts.end() ? std::nullopt : std::optional(known->layout);
}

Result<AwqConfig> readAwqConfig(const Json& json, const std::string& subject)
{
    if (!json.is_object()) {
        return fail(ErrorCode::ConfigInvalid, subject, Text(BITLATHE_TEXT("an object")),
                    Text(BITLATHE_TEXT("another JSON value")));
    }
    const auto layout = awqLayoutOf(json);
    if (!layout) {
        return fail(ErrorCode::NotSupported, subject,
                    Text(BITLATHE_TEXT("the version gemm, gemv, gemv_fast or marlin")),
                    Text(BITLATHE_TEXT("%1"), layoutName(json)),
                    Text(BITLATHE_TEXT("Save the model as gemm with the tool that wrote it")));
    }
    const JsonObject object(json, subject);
    AwqConfig config;
    config.layout = *layout;
    BITLATHE_TRY(const std::int64_t bits, object.integer(object.has("bits") ? "bits" : "w_bit"));
    if (bits != 4) {
        return fail(ErrorCode::NotSupported, subject, Text(BITLATHE_TEXT("4 bits for AWQ")),
                    Text(BITLATHE_TEXT("%1 bits"), bits),
                    Text(BITLATHE_TEXT("Quantize the unquantized model again with 4 bits")));
    }
    config.scheme.bits = 4;
    const char* groupKey = object.has("group_size") ? "group_size" : "q_group_size";
    BITLATHE_TRY(const std::int64_t size, object.integer(groupKey));
    constexpr std::int64_t kGroupMax = 1 << 20;
    config.scheme.groupSize = quant::kPerChannel;
    if (size != -1) {
        BITLATHE_TRY(config.scheme.groupSize, object.integerIn(groupKey, 1, kGroupMax));
    }
    BITLATHE_TRY(const bool hasZeros, object.boolean("zero_point", config.layout != AwqLayout::Marlin));
    config.scheme.symmetric = !hasZeros;
    const auto parts = json.find("modules_to_not_convert");
    if (parts != json.end() && !parts->is_null()) {
        const auto isString = [](const Json& item) { return item.is_string(); };
        if (!parts->is_array() || !std::ranges::all_of(*parts, isString)) {
            return fail(ErrorCode::ConfigInvalid, subject,
                        Text(BITLATHE_TEXT("a list of names as %1"), "modules_to_not_convert"),
                        Text(BITLATHE_TEXT("another JSON value")));
        }
        config.notConverted = parts->get<std::vector<std::string>>();
    }
    return config;
}

Result<Json> writeAwqConfig(const model::ModelSpec& spec, const LinearSchemes& schemes, AwqLayout layout)
{
    const auto base = mostCommonScheme(schemes);
    if (!base) {
        return Json(nullptr);
    }
    for (const model::LinearSpec& linear : spec.linears) {
        const auto& scheme = schemes[linear.id.index()];
        // Symmetric layers are written with zero points, so they may stand beside others.
        if (scheme && storedScheme(*scheme).groupSize != base->groupSize) {
            return fail(ErrorCode::NotSupported, linear.name,
                        Text(BITLATHE_TEXT("one group size in all layers for awq")),
                        Text(BITLATHE_TEXT("%1"), scheme->groupSize),
                        Text(BITLATHE_TEXT("Choose the format gptq or compressed-tensors for mixed settings")));
        }
    }
    BITLATHE_TRY(Json parts, partsOfFullLayers(spec, schemes));
    return Json{
        {"quant_method", "awq"},         {"bits", 4},
        {"group_size", base->groupSize}, {"zero_point", true},
        {"version", nameOf(layout)},     {"modules_to_not_convert", std::move(parts)},
    };
}

} // namespace bitlathe::format
