// SPDX-License-Identifier: Apache-2.0
// ChoiceResult: names of rules, sentences.
#include "core/evaluate/choiceresult.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace bitlathe::evaluate
{

std::vector<ChoiceRule> choiceRules()
{
    return {ChoiceRule::Letter, ChoiceRule::Text, ChoiceRule::TextPerByte};
}

std::string_view choiceRuleName(ChoiceRule rule)
{
    switch (rule) {
    case ChoiceRule::Letter: return "letter";
    case ChoiceRule::Text: return "text";
    case ChoiceRule::TextPerByte: return "text-per-byte";
    }
    return {};
}

Text choiceRuleTitle(ChoiceRule rule)
{
    switch (rule) {
    case ChoiceRule::Letter: return Text(BITLATHE_TEXT("Letter"));
    case ChoiceRule::Text: return Text(BITLATHE_TEXT("Text"));
    case ChoiceRule::TextPerByte: return Text(BITLATHE_TEXT("Text, per byte"));
    }
    return {};
}

Result<std::vector<ChoiceRule>> choiceRulesFrom(std::string_view name)
{
    const std::vector<ChoiceRule> all = choiceRules();
    if (name == "all") {
        return all;
    }
    const auto found = std::ranges::find(all, name, choiceRuleName);
    if (found == all.end()) {
        std::vector<std::string_view> names{"all"};
        std::ranges::transform(all, std::back_inserter(names), choiceRuleName);
        return fail(ErrorCode::UnknownName, "rule", Text(BITLATHE_TEXT("one of %1"), fmt::join(names, ", ")),
                    Text(BITLATHE_TEXT("\"%1\""), name));
    }
    return std::vector{*found};
}

Text ChoiceProtocol::sentence() const
{
    const std::string from = data.empty() ? "-" : data;
    const std::string arithmetic = compute.empty() ? "-" : compute;
    if (chat) {
        return Text(BITLATHE_TEXT("%1 questions from %2, %3 examples before each, through the model's chat template; "
                                  "arithmetic %4."),
                    questions, from, shots, arithmetic);
    }
    return Text(BITLATHE_TEXT("%1 questions from %2, %3 examples before each, as plain text; arithmetic %4."),
                questions, from, shots, arithmetic);
}

double ChoiceCount::accuracy() const
{
    return questions > 0 ? static_cast<double>(correct) / static_cast<double>(questions) : 0;
}

double ChoiceCount::standardError() const
{
    return questions > 0 ? std::sqrt(accuracy() * (1 - accuracy()) / static_cast<double>(questions)) : 0;
}

ChoiceFacts choiceFacts(ChoiceRule rule, ChoiceCount all, std::optional<ChoiceDifference> difference)
{
    ChoiceFacts facts{rule, std::move(all), {}, std::move(difference)};
    facts.interval = wilsonInterval(facts.all.correct, facts.all.questions);
    if (auto& against = facts.difference) {
        against->p = mcNemar(against->onlyBase, against->onlyModel);
        const auto count = static_cast<double>(std::max<std::int64_t>(against->questions, 1));
        against->accuracy = static_cast<double>(against->onlyModel - against->onlyBase) / count;
    }
    return facts;
}

Text ChoiceFacts::verdict(const std::string& name, const std::string& base) const
{
    constexpr double kSignificant = 0.05;
    const std::string accuracy = fmt::format("{:.1f}", 100 * all.accuracy());
    if (!difference) {
        return Text(BITLATHE_TEXT("%1: %2 % of the questions right (95 %: %3 to %4), the base of the comparison."), name, accuracy,
                    fmt::format("{:.1f}", 100 * interval.low), fmt::format("{:.1f}", 100 * interval.high));
    }
    if (difference->p >= kSignificant) {
        return Text(BITLATHE_TEXT("%1: %2 % of the questions right, no different from %3 as far as these questions tell: %4 right for "
                                  "it alone, %5 for %3 alone."),
                    name, accuracy, base, difference->onlyModel, difference->onlyBase);
    }
    const std::string points = fmt::format("{:.1f}", 100 * std::abs(difference->accuracy));
    const std::string p = fmt::format("{:.2g}", difference->p);
    return difference->accuracy < 0
               ? Text(BITLATHE_TEXT("%1: %2 % of the questions right, %3 points below %4 (p = %5)."), name, accuracy, points, base, p)
               : Text(BITLATHE_TEXT("%1: %2 % of the questions right, %3 points above %4 (p = %5)."), name, accuracy, points, base, p);
}

} // namespace bitlathe::evaluate
