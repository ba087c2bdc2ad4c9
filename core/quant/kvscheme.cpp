// SPDX-License-Identifier: Apache-2.0
// KvScheme: names and sizes.
#include "core/quant/kvscheme.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace bitlathe::quant
{

namespace
{

/// Scale and smallest value of a token's head, in f16.
constexpr std::int64_t kBytesTokenGrid = 4;

std::string_view numbersName(const KvScheme& scheme)
{
    switch (scheme.kind) {
    case KvKind::Float: return "none";
    case KvKind::Int: return scheme.bits == 4 ? "int4" : "int8";
    case KvKind::Fp8: return "fp8";
    }
    return "";
}

std::string_view granularityEnding(KvGranularity granularity)
{
    switch (granularity) {
    case KvGranularity::Layer: return "";
    case KvGranularity::Head: return "-head";
    case KvGranularity::Token: return "-token";
    }
    return "";
}

std::string_view granularityLabel(KvGranularity granularity)
{
    switch (granularity) {
    case KvGranularity::Layer: return "";
    case KvGranularity::Head: return " per head";
    case KvGranularity::Token: return " per token";
    }
    return "";
}

} // namespace

std::string KvScheme::name() const
{
    return fmt::format("{}{}{}{}", numbersName(*this), granularityEnding(granularity), symmetric ? "-sym" : "",
                       fitted ? "-fit" : "");
}

std::string KvScheme::label() const
{
    if (!isQuantized()) {
        return "KV f16";
    }
    return fmt::format("KV {}{}{}{}", numbersName(*this), granularityLabel(granularity), symmetric ? ", symmetric" : "",
                       fitted ? ", fitted" : "");
}

std::int64_t KvScheme::bytesPerToken(std::int64_t kvHeads, std::int64_t headDim) const
{
    constexpr std::int64_t kKeysAndValues = 2;
    const std::int64_t grid = isQuantized() && granularity == KvGranularity::Token ? kBytesTokenGrid : 0;
    return kKeysAndValues * kvHeads * ((headDim * bits + 7) / 8 + grid);
}

const std::vector<KvScheme>& kvSchemes()
{
    static const std::vector<KvScheme> all{
        {},
        {KvKind::Int, 8, KvGranularity::Layer, false},
        {KvKind::Int, 8, KvGranularity::Layer, true},
        {KvKind::Int, 8, KvGranularity::Head, false},
        {KvKind::Int, 8, KvGranularity::Head, true},
        {KvKind::Int, 8, KvGranularity::Token, false},
        {KvKind::Int, 4, KvGranularity::Token, false},
        {KvKind::Int, 4, KvGranularity::Token, false, true},
        {KvKind::Fp8, 8, KvGranularity::Layer, false},
        {KvKind::Fp8, 8, KvGranularity::Head, false},
    };
    return all;
}

Result<KvScheme> findKvScheme(std::string_view name)
{
    const auto found = std::ranges::find(kvSchemes(), name, &KvScheme::name);
    if (found != kvSchemes().end()) {
        return *found;
    }
    std::vector<std::string> names;
    std::ranges::transform(kvSchemes(), std::back_inserter(names), &KvScheme::name);
    return fail(ErrorCode::UnknownName, "kv",
                Text(BITLATHE_TEXT("one of %1"), fmt::format("{}", fmt::join(names, ", "))),
                Text(BITLATHE_TEXT("\"%1\""), name), Text(BITLATHE_TEXT("Correct the setting")));
}

Result<std::vector<KvScheme>> findKvSchemes(std::string_view names)
{
    std::vector<KvScheme> schemes;
    for (bool isLast = names.empty(); !isLast;) {
        const std::size_t comma = names.find(',');
        isLast = comma == std::string_view::npos;
        BITLATHE_TRY(schemes.emplace_back(), findKvScheme(names.substr(0, comma)));
        names.remove_prefix(isLast ? names.size() : comma + 1);
    }
    return schemes;
}

std::string kvSchemeNames(const std::vector<KvScheme>& schemes)
{
    std::vector<std::string> names;
    std::ranges::transform(schemes, std::back_inserter(names), &KvScheme::name);
    return fmt::format("{}", fmt::join(names, ","));
}

} // namespace bitlathe::quant
