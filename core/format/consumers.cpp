// SPDX-License-Identifier: Apache-2.0
// Consumers: which programs load which format, and what each needs of it.
#include "core/format/consumers.h"

#include "core/format/schemelists.h"

#include <fmt/format.h>

#include <algorithm>

namespace bitlathe::format
{

using model::LinearSpec;
using model::ModelSpec;
using quant::kPerChannel;
using quant::Scheme;

namespace
{

/// Versions that were looked at: docs/formats.md. A kernel that only makes a layer faster is no rule here.
constexpr std::array kRules{
    ConsumerRule{.consumer = "vLLM",
                 .format = "gptq",
                 .bits = {4, 8},
                 .symmetricOnly = true,
                 .groupSizes = {kPerChannel, 32, 64, 128},
                 .wholeGroups = true,
                 .outMultiple = 64,
                 .joinsLayers = true},
    ConsumerRule{.consumer = "SGLang",
                 .format = "gptq",
                 .bits = {4, 8},
                 .symmetricOnly = true,
                 .groupSizes = {kPerChannel, 32, 64, 128},
                 .wholeGroups = true,
                 .outMultiple = 64,
                 .joinsLayers = true},
    ConsumerRule{
        .consumer = "transformers", .format = "gptq", .bits = {2, 3, 4, 8}, .oneScheme = true, .fullByNameEnd = true},
    ConsumerRule{.consumer = "GPTQModel",
                 .format = "gptq",
                 .bits = {2, 3, 4, 8},
                 .symmetricOnly = true,
                 .groupSizes = {kPerChannel, 16, 32, 64, 128, 256, 512, 1024}},
    ConsumerRule{
        .consumer = "AutoGPTQ", .format = "gptq", .bits = {2, 3, 4, 8}, .oneScheme = true, .fullByNameEnd = true},

    ConsumerRule{.consumer = "GPTQModel",
                 .format = "gptq-v2",
                 .bits = {2, 3, 4, 8},
                 .groupSizes = {kPerChannel, 16, 32, 64, 128, 256, 512, 1024}},
    ConsumerRule{.consumer = "transformers",
                 .format = "gptq-v2",
                 .bits = {2, 3, 4, 8},
                 .oneScheme = true,
                 .fullByNameEnd = true},
    ConsumerRule{.consumer = "vLLM",
                 .format = "gptq-v2",
                 .bits = {4, 8},
                 .symmetricOnly = true,
                 .groupSizes = {kPerChannel, 32, 64, 128},
                 .wholeGroups = true,
                 .outMultiple = 64,
                 .joinsLayers = true},

    ConsumerRule{.consumer = "vLLM", .format = "awq", .bits = {4}, .wholeGroups = true, .joinsLayers = true},
    ConsumerRule{.consumer = "SGLang", .format = "awq", .bits = {4}, .wholeGroups = true, .joinsLayers = true},
    ConsumerRule{.consumer = "transformers", .format = "awq", .bits = {4}, .wholeGroups = true},
    ConsumerRule{.consumer = "AutoAWQ",
                 .format = "awq",
                 .bits = {4},
                 .groupSizes = {16, 32, 64, 128},
                 .wholeGroups = true,
                 .fullByNameEnd = true},
    ConsumerRule{.consumer = "GPTQModel",
                 .format = "awq",
                 .bits = {4},
                 .groupSizes = {kPerChannel, 16, 32, 64, 128},
                 .wholeGroups = true},
    ConsumerRule{.consumer = "lmdeploy",
                 .format = "awq",
                 .bits = {4},
                 .groupSizes = {128},
                 .wholeGroups = true,
                 .joinsLayers = true},

    ConsumerRule{.consumer = "AutoAWQ",
                 .format = "awq-gemv",
                 .bits = {4},
                 .groupSizes = {32, 64, 128},
                 .wholeGroups = true,
                 .fullByNameEnd = true},
    ConsumerRule{.consumer = "transformers",
                 .format = "awq-gemv",
                 .bits = {4},
                 .groupSizes = {32, 64, 128},
                 .wholeGroups = true},

    ConsumerRule{.consumer = "AutoAWQ",
                 .format = "awq-gemv-fast",
                 .bits = {4},
                 .groupSizes = {32, 64, 128},
                 .wholeGroups = true,
                 .inMultiple = 64,
                 .outMultiple = 8,
                 .fullByNameEnd = true},
    ConsumerRule{.consumer = "GPTQModel",
                 .format = "awq-gemv-fast",
                 .bits = {4},
                 .groupSizes = {32, 64, 128},
                 .wholeGroups = true,
                 .inMultiple = 64,
                 .outMultiple = 8},

    ConsumerRule{.consumer = "AutoGPTQ",
                 .format = "gptq-marlin",
                 .bits = {4},
                 .symmetricOnly = true,
                 .groupSizes = {kPerChannel, 128},
                 .wholeGroups = true,
                 .inMultiple = 128,
                 .outMultiple = 256},
    ConsumerRule{.consumer = "AutoAWQ",
                 .format = "awq-marlin",
                 .bits = {4},
                 .symmetricOnly = true,
                 .groupSizes = {kPerChannel, 128},
                 .wholeGroups = true,
                 .inMultiple = 128,
                 .outMultiple = 256},

    ConsumerRule{
        .consumer = "vLLM", .format = "compressed-tensors", .bits = {4, 8}, .wholeWords = true, .joinsLayers = true},
    ConsumerRule{
        .consumer = "transformers", .format = "compressed-tensors", .bits = {2, 3, 4, 5, 6, 8}, .symmetricOnly = true},
    ConsumerRule{
        .consumer = "SGLang", .format = "compressed-tensors", .bits = {4, 8}, .wholeWords = true, .joinsLayers = true},

    ConsumerRule{.consumer = "vLLM",
                 .format = "compressed-tensors-int8",
                 .bits = {8},
                 .symmetricOnly = true,
                 .groupSizes = {kPerChannel},
                 .joinsLayers = true},
    ConsumerRule{.consumer = "transformers", .format = "compressed-tensors-int8", .bits = {8}},
    ConsumerRule{.consumer = "SGLang",
                 .format = "compressed-tensors-int8",
                 .bits = {8},
                 .symmetricOnly = true,
                 .groupSizes = {kPerChannel},
                 .joinsLayers = true},
};

bool hasGroupSize(const ConsumerRule& rule, std::int64_t size)
{
    return rule.groupSizes.front() == 0 ||
           (size != 0 && std::ranges::find(rule.groupSizes, size) != rule.groupSizes.end());
}

std::string bitsText(const ConsumerRule& rule)
{
    std::vector<int> numbers;
    for (int bits = 1; bits <= 8; ++bits) {
        if (rule.bits.has(bits)) {
            numbers.push_back(bits);
        }
    }
    return fmt::format("{}", fmt::join(numbers, ", "));
}

std::string groupsText(const ConsumerRule& rule)
{
    std::vector<std::string> names;
    for (const std::int64_t size : rule.groupSizes) {
        if (size != 0) {
            names.push_back(quant::groupSizeText(size));
        }
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

/// Why a program does not load a layer; empty where it does.
Text refusal(const ConsumerRule& rule, const LinearSpec& linear, const Scheme& scheme)
{
    const std::int64_t size = scheme.groupSize == quant::kPerTensor ? kPerChannel : scheme.groupSize;
    if (!rule.bits.has(scheme.bits)) {
        return Text(BITLATHE_TEXT("%1 does not load it: it needs codes of %2 bits, and these have %3"), rule.consumer,
                    bitsText(rule), scheme.bits);
    }
    if (rule.symmetricOnly && !scheme.symmetric) {
        return Text(BITLATHE_TEXT("%1 does not load it: it needs symmetric codes, and these have zero points"),
                    rule.consumer);
    }
    if (!hasGroupSize(rule, size)) {
        return Text(BITLATHE_TEXT("%1 does not load it: it needs the group size %2, and this is %3"), rule.consumer,
                    groupsText(rule), quant::groupSizeText(size));
    }
    if (rule.wholeGroups && size > 0 && linear.inFeatures % size != 0) {
        return Text(BITLATHE_TEXT("%1 does not load it: the group size %2 does not divide its %3 inputs"),
                    rule.consumer, size, linear.inFeatures);
    }
    const std::int64_t perWord = 32 / scheme.bits;
    if (rule.wholeWords &&
        (linear.inFeatures % perWord != 0 || (!scheme.symmetric && linear.outFeatures % perWord != 0))) {
        return Text(BITLATHE_TEXT("%1 does not load it: a [%2, %3] weight does not fill whole words of %4 codes"),
                    rule.consumer, linear.outFeatures, linear.inFeatures, perWord);
    }
    if (linear.inFeatures % rule.inMultiple != 0 || linear.outFeatures % rule.outMultiple != 0) {
        return Text(BITLATHE_TEXT("%1 does not load it: it needs inputs in multiples of %2 and outputs in multiples of "
                                  "%3, and these are %4 and %5"),
                    rule.consumer, rule.inMultiple, rule.outMultiple, linear.inFeatures, linear.outFeatures);
    }
    return {};
}

Finding refused(const std::string& layer, Text message)
{
    return {Severity::Warning, "consumer-refuses", layer, std::move(message),
            Text(BITLATHE_TEXT("Choose settings that it loads, or another format for it"))};
}

/// The first layer that a program refuses by itself.
std::optional<Finding> refusedLayer(const ConsumerRule& rule, const ModelSpec& spec, const LinearSchemes& schemes)
{
    for (const LinearSpec& linear : spec.linears) {
        if (const auto& scheme = schemes[linear.id.index()]) {
            Text reason = refusal(rule, linear, *scheme);
            if (!reason.empty()) {
                return refused(linear.name, std::move(reason));
            }
        }
    }
    return std::nullopt;
}

/// The first layer that a program refuses beside the others.
std::optional<Finding> refusedTogether(const ConsumerRule& rule, const ModelSpec& spec, const LinearSchemes& schemes)
{
    const auto base = mostCommonScheme(schemes);
    const auto other = [&](const LinearSpec& linear) {
        const auto& scheme = schemes[linear.id.index()];
        return scheme && storedScheme(*scheme) != *base;
    };
    const auto odd = std::ranges::find_if(spec.linears, other);
    if (rule.oneScheme && base && odd != spec.linears.end()) {
        return refused(odd->name, Text(BITLATHE_TEXT("%1 does not load it: it needs the same scheme in all layers"),
                                       rule.consumer));
    }
    if (rule.fullByNameEnd) {
        const NameEnds ends = nameEnds(spec, schemes);
        if (!ends.mixed.empty()) {
            return refused(ends.mixed.front(),
                           Text(BITLATHE_TEXT("%1 does not load it: it needs a layer quantized in all blocks or none"),
                                rule.consumer));
        }
    }
    return std::nullopt;
}

/// The first layer that is quantized differently than one which a program joins it with.
std::optional<Finding> refusedJoined(const ConsumerRule& rule, const ModelSpec& spec, const LinearSchemes& schemes)
{
    for (const model::BlockSpec& block : spec.blocks) {
        for (std::size_t i = 1; i < block.linears.size(); ++i) {
            const LinearSpec& before = spec.linear(block.linears[i - 1]);
            const LinearSpec& here = spec.linear(block.linears[i]);
            if (before.inputGroup == here.inputGroup && schemes[before.id.index()] != schemes[here.id.index()]) {
                return refused(here.name, Text(BITLATHE_TEXT("%1 does not load it: it needs the scheme of %2, which "
                                                             "shares its input"),
                                               rule.consumer, before.name));
            }
        }
    }
    return std::nullopt;
}

} // namespace

std::span<const ConsumerRule> consumerRules()
{
    return kRules;
}

std::vector<std::string> consumersOf(std::string_view format)
{
    std::vector<std::string> names;
    for (const ConsumerRule& rule : kRules) {
        if (rule.format == format) {
            names.emplace_back(rule.consumer);
        }
    }
    return names;
}

Findings consumerFindings(const Format& format, const ModelSpec& spec, const LinearSchemes& schemes,
                          std::string_view writer)
{
    Findings findings;
    for (const ConsumerRule& rule : kRules) {
        if (rule.format != format.name() || rule.consumer == writer) {
            continue;
        }
        for (const auto& finding : {refusedLayer(rule, spec, schemes), refusedTogether(rule, spec, schemes),
                                    rule.joinsLayers ? refusedJoined(rule, spec, schemes) : std::nullopt}) {
            if (finding) {
                findings.push_back(*finding);
            }
        }
    }
    return findings;
}

} // namespace bitlathe::format
