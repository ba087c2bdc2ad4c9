// SPDX-License-Identifier: Apache-2.0
// Verdicts: reading the table of thresholds, and applying it.
#include "core/quant/verdicts.h"

#include "core/base/datatable.h"

#include <algorithm>
#include <optional>

namespace bitlathe::quant
{

namespace
{

constexpr std::array kAll{Measure::RelativeError, Measure::Saturated, Measure::ExcessPerplexity, Measure::KlMean,
                          Measure::SameTop};

constexpr bool moreIsBetter(Measure measure)
{
    return measure == Measure::SameTop;
}

Result<Threshold> thresholdFrom(const Json& value, Measure measure, const std::string& place)
{
    constexpr double kMost = 1e6;
    Threshold limits;
    BITLATHE_TRY(limits.fine, numberIn(value, "fine", 0, kMost, -1, place));
    BITLATHE_TRY(limits.watch, numberIn(value, "watch", 0, kMost, -1, place));
    BITLATHE_TRY(std::string reason, wordIn(value, "reason", place));
    limits.reason = Text::fromParts(std::move(reason), {});
    const bool inOrder = moreIsBetter(measure) ? limits.watch < limits.fine : limits.fine < limits.watch;
    if (limits.fine < 0 || limits.watch < 0 || !inOrder) {
        return badTable(place, Text(BITLATHE_TEXT("two limits, \"fine\" the better one")),
                        Text("%1, %2", limits.fine, limits.watch));
    }
    return limits;
}

} // namespace

std::string_view verdictName(Verdict verdict)
{
    switch (verdict) {
    case Verdict::Fine: return "fine";
    case Verdict::Watch: return "watch";
    case Verdict::Bad: return "bad";
    }
    return "bad";
}

std::string_view measureName(Measure measure)
{
    switch (measure) {
    case Measure::RelativeError: return "relative_error";
    case Measure::Saturated: return "saturated";
    case Measure::ExcessPerplexity: return "excess_perplexity";
    case Measure::KlMean: return "kl_mean";
    case Measure::SameTop: return "same_top";
    }
    return "";
}

Result<Thresholds> parseThresholds(std::string_view text, const std::string& subject)
{
    BITLATHE_TRY(const Json table, parseTable(text, subject, 1));
    BITLATHE_CHECK(checkKeys(table, {"version", "verdicts"}, subject));
    BITLATHE_TRY(const Json list, listIn(table, "verdicts", subject));
    std::array<std::optional<Threshold>, kMeasures> found;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string place = placeIn(subject, "verdicts", i);
        BITLATHE_CHECK(checkKeys(list[i], {"measure", "fine", "watch", "reason"}, place));
        BITLATHE_TRY(const std::string name, wordIn(list[i], "measure", place));
        const auto* measure = std::ranges::find(kAll, name, measureName);
        if (measure == kAll.end()) {
            return badTable(place + ".measure", Text(BITLATHE_TEXT("the name of a measure")),
                            Text(BITLATHE_TEXT("\"%1\""), name));
        }
        BITLATHE_TRY(found[static_cast<std::size_t>(*measure)], thresholdFrom(list[i], *measure, place));
    }
    Thresholds thresholds;
    for (const Measure measure : kAll) {
        auto& one = found[static_cast<std::size_t>(measure)];
        if (!one) {
            return badTable(subject + ".verdicts", Text("\"%1\"", measureName(measure)),
                            Text(BITLATHE_TEXT("nothing")));
        }
        thresholds[static_cast<std::size_t>(measure)] = *std::move(one);
    }
    return thresholds;
}

const Threshold& threshold(Measure measure)
{
    static const Thresholds all = parseThresholds(verdictData(), "verdicts.json").value();
    return all[static_cast<std::size_t>(measure)];
}

Verdict verdict(Measure measure, double value)
{
    const Threshold& limits = threshold(measure);
    if (moreIsBetter(measure)) {
        return value >= limits.fine ? Verdict::Fine : value >= limits.watch ? Verdict::Watch : Verdict::Bad;
    }
    return value < limits.fine ? Verdict::Fine : value < limits.watch ? Verdict::Watch : Verdict::Bad;
}

Verdict verdict(double relativeError)
{
    return verdict(Measure::RelativeError, relativeError);
}

} // namespace bitlathe::quant
