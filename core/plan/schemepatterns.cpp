// SPDX-License-Identifier: Apache-2.0
// SchemePatterns: names without their numbers, and the numbers.
#include "core/plan/schemepatterns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

namespace bitlathe::plan
{

namespace
{

using quant::Override;
using MaybeScheme = std::optional<quant::Scheme>;

/// A layer's name, cut at the number of its block: "model.layers.", "3", ".mlp.up_proj".
struct NameParts
{
    std::string head;
    std::string number; ///< Empty: none.
    std::string tail;   ///< Other numbers (of experts) as *.
};

bool isNumber(const std::string& part)
{
    return !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
}

NameParts partsOf(const std::string& name)
{
    NameParts parts;
    for (std::size_t from = 0; from <= name.size();) {
        const std::size_t end = std::min(name.find('.', from), name.size());
        const std::string part = name.substr(from, end - from);
        const std::string dot = end < name.size() ? "." : "";
        if (parts.number.empty() && isNumber(part)) {
            parts.number = part;
            parts.tail = dot;
        } else {
            (parts.number.empty() ? parts.head : parts.tail) += (isNumber(part) ? "*" : part) + dot;
        }
        from = end + 1;
    }
    return parts;
}

/// As a regular expression: dots as themselves, * for a number.
std::string escaped(const std::string& text)
{
    std::string pattern;
    for (const char c : text) {
        pattern += c == '*' ? "[0-9]+" : c == '.' ? "\\." : std::string(1, c);
    }
    return pattern;
}

/// Layers of one name in all blocks.
struct Family
{
    NameParts parts;                                          ///< Of the first of them.
    std::vector<std::pair<std::string, MaybeScheme>> members; ///< Number of the block, scheme.
};

std::vector<Family> familiesOf(const model::ModelSpec& spec, const std::vector<MaybeScheme>& schemes)
{
    std::vector<Family> families;
    for (const model::LinearSpec& linear : spec.linears) {
        const NameParts parts = partsOf(linear.name);
        auto found = std::ranges::find_if(families, [&parts](const Family& family) {
            return family.parts.head == parts.head && family.parts.tail == parts.tail;
        });
        if (found == families.end()) {
            families.push_back({parts, {}});
            found = std::prev(families.end());
        }
        found->members.emplace_back(parts.number, schemes[linear.id.index()]);
    }
    return families;
}

/// The first of the most frequent values.
template <typename Range, typename Projection>
MaybeScheme mostCommon(const Range& range, const Projection& projection)
{
    std::vector<std::pair<MaybeScheme, int>> counts;
    for (const auto& each : range) {
        const MaybeScheme& scheme = projection(each);
        const auto found = std::ranges::find(counts, scheme, &std::pair<MaybeScheme, int>::first);
        if (found == counts.end()) {
            counts.emplace_back(scheme, 1);
        } else {
            ++found->second;
        }
    }
    return std::ranges::max_element(counts, {}, &std::pair<MaybeScheme, int>::second)->first;
}

/// What matches the layers of these blocks.
std::string patternFor(const NameParts& parts, const std::vector<std::string>& numbers)
{
    if (numbers.size() == 1) {
        return parts.head + numbers.front() + parts.tail;
    }
    return fmt::format("re:{}({}){}$", escaped(parts.head), fmt::join(numbers, "|"), escaped(parts.tail));
}

void addFamily(const Family& family, const quant::Scheme& base, std::vector<Override>& overrides)
{
    const auto schemeOf = [](const auto& member) -> const MaybeScheme& { return member.second; };
    const MaybeScheme common = mostCommon(family.members, schemeOf);
    if (common != MaybeScheme(base)) {
        overrides.push_back({family.parts.head + (family.parts.number.empty() ? "" : "*") + family.parts.tail, common});
    }
    std::vector<std::pair<MaybeScheme, std::vector<std::string>>> exceptions;
    for (const auto& member : family.members) {
        const auto& [number, scheme] = member;
        if (scheme == common) {
            continue;
        }
        auto found = std::ranges::find_if(exceptions, [&](const auto& each) { return each.first == member.second; });
        if (found == exceptions.end()) {
            exceptions.push_back({scheme, {}});
            found = std::prev(exceptions.end());
        }
        if (found->second.empty() || found->second.back() != number) {
            found->second.push_back(number);
        }
    }
    for (const auto& [scheme, numbers] : exceptions) {
        overrides.push_back({patternFor(family.parts, numbers), scheme});
    }
}

/// Whether the patterns say of every layer what they should: not where layers of one block and name differ.
bool tellAll(const SchemePatterns& patterns, const model::ModelSpec& spec, const std::vector<MaybeScheme>& schemes)
{
    return std::ranges::all_of(spec.linears, [&](const model::LinearSpec& linear) {
        const auto told = quant::schemeFor(linear.name, patterns.base, patterns.overrides);
        return told && *told == schemes[linear.id.index()];
    });
}

} // namespace

SchemePatterns schemePatterns(const model::ModelSpec& spec, const std::vector<MaybeScheme>& schemes)
{
    std::vector<MaybeScheme> known;
    std::ranges::copy_if(schemes, std::back_inserter(known), [](const MaybeScheme& each) { return each.has_value(); });
    SchemePatterns patterns;
    patterns.base = *mostCommon(known, [](const MaybeScheme& each) -> const MaybeScheme& { return each; });
    for (const Family& family : familiesOf(spec, schemes)) {
        addFamily(family, patterns.base, patterns.overrides);
    }
    if (tellAll(patterns, spec, schemes)) {
        return patterns;
    }
    patterns.overrides.clear();
    for (const model::LinearSpec& linear : spec.linears) {
        if (schemes[linear.id.index()] != MaybeScheme(patterns.base)) {
            patterns.overrides.push_back({linear.name, schemes[linear.id.index()]});
        }
    }
    return patterns;
}

} // namespace bitlathe::plan
