// SPDX-License-Identifier: Apache-2.0
// Consumers: which programs load which format, and what each needs of it.
#include "core/format/consumers.h"

#include "core/format/quantizationconfig.h"
#include "core/format/runtimes.h"
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

bool hasGroupSize(const ConsumerRule& rule, std::int64_t size)
{
    return rule.groupSizes.empty() || std::ranges::find(rule.groupSizes, size) != rule.groupSizes.end();
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
    std::ranges::transform(rule.groupSizes, std::back_inserter(names), quant::groupSizeText);
    return fmt::format("{}", fmt::join(names, ", "));
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
            Text reason = whyRefused(rule, linear, *scheme);
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

/// The words of a text between separators.
std::vector<std::string> wordsOf(std::string_view text, char separator)
{
    std::vector<std::string> words;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = std::min(text.find(separator, from), text.size());
        words.emplace_back(text.substr(from, end - from));
        from = end + 1;
    }
    return words;
}

/// The first key that a configuration lacks; empty where it has all.
std::string lackingKey(std::string_view keys, const Json& config)
{
    for (const std::string& choice : wordsOf(keys, ' ')) {
        const std::vector<std::string> names = wordsOf(choice, '|');
        if (std::ranges::none_of(names, [&config](const std::string& name) { return config.contains(name); })) {
            return names.front();
        }
    }
    return {};
}

Finding lacking(const std::filesystem::path& file, Text message)
{
    return {Severity::Warning, "consumer-refuses", file.string(), std::move(message),
            Text(BITLATHE_TEXT("Convert the folder here, which writes a whole configuration"))};
}

} // namespace

std::span<const ConsumerRule> consumerRules()
{
    static const std::vector<ConsumerRule> rules = [] {
        std::vector<ConsumerRule> all;
        for (const Runtime& runtime : runtimeTable().runtimes) {
            all.insert(all.end(), runtime.loads.begin(), runtime.loads.end());
        }
        return all;
    }();
    return rules;
}

const ConsumerRule* findConsumerRule(std::string_view consumer, std::string_view format)
{
    const Runtime* runtime = runtimeTable().find(consumer);
    return runtime != nullptr ? runtime->ruleFor(format) : nullptr;
}

Text whyRefused(const ConsumerRule& rule, const LinearSpec& linear, const Scheme& scheme)
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
    if (rule.groupsTogether && scheme.movesGroups()) {
        return Text(
            BITLATHE_TEXT("%1 does not load it: it needs the columns of a group together, and act-order has moved "
                          "them, which it does not with static groups"),
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

std::vector<std::string> consumersOf(std::string_view format)
{
    std::vector<std::string> names;
    for (const ConsumerRule& rule : consumerRules()) {
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
    for (const ConsumerRule& rule : consumerRules()) {
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

Findings configFindings(const Format& format, const checkpoint::Checkpoint& checkpoint)
{
    Findings findings;
    const std::filesystem::path file = checkpoint.configFile();
    const Json* stored = findQuantizationConfig(checkpoint.config());
    const Json config = stored != nullptr && stored->is_object() ? *stored : Json::object();
    for (const ConsumerRule& rule : consumerRules()) {
        if (rule.format != format.name()) {
            continue;
        }
        if (const std::string key = lackingKey(rule.keys, config); !key.empty()) {
            findings.push_back(
                lacking(file, Text(BITLATHE_TEXT("%1 does not load it: quantization_config lacks the key %2"),
                                   rule.consumer, key)));
        }
        std::error_code error;
        if (!rule.configFile.empty() && !std::filesystem::exists(checkpoint.folder() / rule.configFile, error)) {
            findings.push_back(lacking(checkpoint.folder(), Text(BITLATHE_TEXT("%1 does not load it: there is no %2"),
                                                                 rule.consumer, rule.configFile)));
        }
    }
    return findings;
}

} // namespace bitlathe::format
