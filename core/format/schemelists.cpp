// SPDX-License-Identifier: Apache-2.0
// SchemeLists: a base scheme, and exceptions by name.
#include "core/format/schemelists.h"

#include <algorithm>

namespace bitlathe::format
{

using quant::Scheme;

Scheme storedScheme(const Scheme& scheme)
{
    Scheme stored;
    stored.kind = scheme.kind;
    stored.book = scheme.book;
    stored.doubleQuant = scheme.doubleQuant;
    stored.bits = scheme.bits;
    stored.groupSize = scheme.groupSize == quant::kPerTensor ? quant::kPerChannel : scheme.groupSize;
    stored.symmetric = scheme.symmetric;
    stored.actOrder = scheme.movesGroups();
    stored.staticInputs = scheme.staticInputs;
    return stored;
}

std::optional<Scheme> mostCommonScheme(const LinearSchemes& schemes)
{
    std::vector<std::pair<Scheme, int>> counts;
    for (const auto& scheme : schemes) {
        if (!scheme) {
            continue;
        }
        const Scheme stored = storedScheme(*scheme);
        const auto known = std::ranges::find(counts, stored, [](const auto& entry) { return entry.first; });
        if (known == counts.end()) {
            counts.emplace_back(stored, 1);
        } else {
            ++known->second;
        }
    }
    const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
    return most == counts.end() ? std::nullopt : std::optional(most->first);
}

std::string patternOf(const std::string& layer)
{
    std::string pattern = "^";
    for (const char character : layer) {
        if (character == '.') {
            pattern += '\\';
        }
        pattern += character;
    }
    return pattern + '$';
}

namespace
{

/// What follows the block's number: "self_attn.q_proj" of "model.layers.3.self_attn.q_proj".
std::string nameEnd(const model::LinearSpec& linear)
{
    const std::string number = '.' + std::to_string(linear.block) + '.';
    const std::size_t place = linear.name.find(number);
    return place == std::string::npos ? linear.name : linear.name.substr(place + number.size());
}

} // namespace

NameEnds nameEnds(const model::ModelSpec& spec, const LinearSchemes& schemes)
{
    struct Count
    {
        std::string end;
        bool anyQuantized = false;
        bool anyFull = false;
    };
    std::vector<Count> counts;
    for (const model::LinearSpec& linear : spec.linears) {
        const std::string end = nameEnd(linear);
        auto known = std::ranges::find(counts, end, &Count::end);
        if (known == counts.end()) {
            known = counts.insert(counts.end(), {end});
        }
        (schemes[linear.id.index()] ? known->anyQuantized : known->anyFull) = true;
    }
    NameEnds ends;
    for (Count& count : counts) {
        auto& list = count.anyQuantized && count.anyFull ? ends.mixed : count.anyQuantized ? ends.quantized : ends.full;
        list.push_back(std::move(count.end));
    }
    return ends;
}

} // namespace bitlathe::format
