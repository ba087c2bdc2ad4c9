// SPDX-License-Identifier: Apache-2.0
// ChoiceResult: what models made of choice questions, with the protocol that produced it.
#pragma once

#include "core/evaluate/choicequestions.h"
#include "core/evaluate/statistics.h"

#include <optional>

namespace bitlathe::evaluate
{

/// By what an option is chosen: it is the one of the highest value.
enum class ChoiceRule {
    Letter,      ///< log p of its letter, options being shown.
    Text,        ///< log p of its text, options not being shown.
    TextPerByte, ///< That by UTF-8 bytes of the text, with the blank before it; short options gain nothing.
};

std::vector<ChoiceRule> choiceRules();
/// "letter", "text" or "text-per-byte".
std::string_view choiceRuleName(ChoiceRule rule);
/// For people: "Letter", "Text", "Text, per byte".
Text choiceRuleTitle(ChoiceRule rule);
/// One by its name or, for "all", all. Errors: UnknownName.
Result<std::vector<ChoiceRule>> choiceRulesFrom(std::string_view name);

/// How accuracies were got. Two compare only where protocols are equal.
struct ChoiceProtocol
{
    std::string data; ///< Path of the questions.
    std::string dataHash;
    std::int64_t questions = 0;
    std::int64_t shots = 0;
    std::string shotsData;
    bool chat = false;
    std::string compute; ///< "f32" or "bf16".

    Text sentence() const; ///< All of it, for people.
    bool operator==(const ChoiceProtocol&) const = default;
};

/// A model against the base over the questions that were asked of both.
struct ChoiceDifference
{
    std::int64_t questions = 0;
    std::int64_t onlyBase = 0;  ///< Right for the base alone.
    std::int64_t onlyModel = 0; ///< Right for this model alone.
    double accuracy = 0;        ///< This model's less the base's, of these questions.
    double p = 1;               ///< mcNemar().
};

/// Right answers of one subject, or of all.
struct ChoiceCount
{
    std::string subject;
    std::int64_t questions = 0;
    std::int64_t correct = 0;

    double accuracy() const;      ///< 0 ... 1.
    double standardError() const; ///< Of it: sqrt(a (1 - a) / n).
};

/// What a model made of one question; empty where it was not asked.
struct ChoiceAnswer
{
    std::vector<double> values; ///< Of the options: log p, nats, or nats per byte.
    std::size_t chosen = 0;
    bool correct = false;
};

/// What a model's answers by one rule add up to.
struct ChoiceFacts
{
    ChoiceRule rule = ChoiceRule::Letter;
    ChoiceCount all;
    Interval interval;                          ///< Of the accuracy, 95 %, Wilson.
    std::optional<ChoiceDifference> difference; ///< Nothing for the base.

    /// A model against the base, in one sentence.
    Text verdict(const std::string& name, const std::string& base) const;
};

/// What counts of answers say: with interval and, of a difference's counts, its accuracy and p.
ChoiceFacts choiceFacts(ChoiceRule rule, ChoiceCount all, std::optional<ChoiceDifference> difference);

struct ChoiceScore : ChoiceFacts
{
    std::vector<ChoiceCount> subjects; ///< In the order of the questions; empty where none has a subject.
    std::vector<ChoiceAnswer> answers; ///< One for each question.
};

struct ChoiceModel
{
    std::filesystem::path path;
    std::string name;
    std::vector<ChoiceScore> scores; ///< One for each rule asked for.
    double seconds = 0;              ///< That the questions took.
};

struct ChoiceResult
{
    ChoiceProtocol protocol;
    std::vector<ChoiceQuestion> questions;
    std::vector<ChoiceModel> models; ///< First: the base.
    Findings findings;               ///< Rows passed over, questions too long, examples missing.
};

} // namespace bitlathe::evaluate
