// SPDX-License-Identifier: Apache-2.0
// A choice question from one row of a file.
#include "core/evaluate/choicerows.h"

#include <algorithm>

namespace bitlathe::evaluate
{

namespace
{

constexpr std::size_t kMaxOptions = 26;

std::string trimmed(std::string_view text)
{
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kBlanks);
    return first == std::string_view::npos
               ? std::string()
               : std::string(text.substr(first, text.find_last_not_of(kBlanks) + 1 - first));
}

/// The value of a key; null where there is none.
const Json& valueOf(const Json& row, std::string_view key)
{
    static const Json none;
    const auto it = row.is_object() ? row.find(key) : row.end();
    return it == row.end() ? none : *it;
}

/// Text, or a number or truth as it is written; empty for everything else.
std::string textOf(const Json& value)
{
    if (value.is_string()) {
        return trimmed(value.get_ref<const std::string&>());
    }
    return value.is_number() || value.is_boolean() ? value.dump() : std::string();
}

/// Options as a row gives them.
struct Options
{
    std::vector<std::string> texts;
    std::vector<std::string> labels;
    bool numbersArePlaces = false; ///< A number as the answer is a place from 0.
};

std::vector<std::string> textsOf(const Json& list)
{
    std::vector<std::string> texts;
    for (const Json& value : list) {
        texts.push_back(textOf(value));
    }
    return texts;
}

/// choices as a list of texts or of objects with text and label, or as an object with lists of both.
Options optionsOfChoices(const Json& choices)
{
    Options options;
    if (choices.is_object()) {
        options.texts = textsOf(valueOf(choices, "text"));
        options.labels = textsOf(valueOf(choices, "label"));
        return options;
    }
    const bool areObjects = choices.is_array() && !choices.empty() && choices.front().is_object();
    if (!areObjects) {
        options.texts = textsOf(choices);
        options.numbersArePlaces = true;
    }
    for (std::size_t i = 0; i < options.texts.size(); ++i) {
        options.labels.push_back(choiceLetter(i));
    }
    for (const Json& choice : areObjects ? choices : Json::array()) {
        options.texts.push_back(textOf(valueOf(choice, "text")));
        options.labels.push_back(textOf(valueOf(choice, "label")));
    }
    return options;
}

/// Fields A, B, C, ... up to the last that holds something.
Options optionsOfLetters(const Json& row)
{
    Options options;
    for (std::size_t i = 0; i < kMaxOptions; ++i) {
        options.texts.push_back(textOf(valueOf(row, choiceLetter(i))));
        options.labels.push_back(choiceLetter(i));
    }
    while (!options.texts.empty() && options.texts.back().empty()) {
        options.texts.pop_back();
        options.labels.pop_back();
    }
    return options;
}

bool areComplete(const Options& options)
{
    const std::size_t count = options.texts.size();
    return count >= 2 && count <= kMaxOptions && options.labels.size() == count &&
           std::ranges::none_of(options.texts, &std::string::empty);
}

std::optional<std::size_t> placeOf(const std::vector<std::string>& values, const std::string& value)
{
    const auto it = std::ranges::find(values, value);
    return it == values.end() ? std::nullopt : std::optional(static_cast<std::size_t>(it - values.begin()));
}

std::optional<std::size_t> placeOfAnswer(const Json& answer, const Options& options)
{
    if (options.numbersArePlaces && answer.is_number()) {
        const bool isPlace = answer.is_number_unsigned() && answer.get<std::uint64_t>() < options.texts.size();
        return isPlace ? std::optional(answer.get<std::size_t>()) : std::nullopt;
    }
    const std::string text = textOf(answer);
    if (text.empty()) {
        return std::nullopt;
    }
    if (const auto place = placeOf(options.labels, text)) {
        return place;
    }
    if (text.size() == 1 && text.front() >= 'a' && text.front() <= 'z') {
        const char upper = static_cast<char>(text.front() - 'a' + 'A');
        if (const auto place = placeOf(options.labels, std::string(1, upper))) {
            return place;
        }
    }
    return placeOf(options.texts, text);
}

} // namespace

std::string choiceLetter(std::size_t option)
{
    return std::string(1, static_cast<char>('A' + static_cast<char>(option)));
}

tl::expected<ChoiceQuestion, RowProblem> choiceQuestionOf(const Json& row)
{
    ChoiceQuestion question;
    const Json& asked = valueOf(row, "question");
    question.question = textOf(asked.is_object() ? valueOf(asked, "stem") : asked);
    if (question.question.empty()) {
        return tl::unexpected(RowProblem::Question);
    }
    const Json& choices = valueOf(asked.is_object() ? asked : row, "choices");
    Options options = choices.is_null() ? optionsOfLetters(row) : optionsOfChoices(choices);
    if (!areComplete(options)) {
        return tl::unexpected(RowProblem::Options);
    }
    const Json& answer = valueOf(row, "answer");
    const auto place = placeOfAnswer(answer.is_null() ? valueOf(row, "answerKey") : answer, options);
    if (!place) {
        return tl::unexpected(RowProblem::Answer);
    }
    question.answer = *place;
    question.options = std::move(options.texts);
    question.id = textOf(valueOf(row, "id"));
    question.subject = textOf(valueOf(row, "subject"));
    return question;
}

tl::expected<Json, RowProblem> choiceRowOf(std::vector<std::string> fields)
{
    if (fields.size() < 4 || fields.size() > kMaxOptions + 2) {
        return tl::unexpected(RowProblem::Fields);
    }
    Json row = {{"question", std::move(fields.front())}, {"answer", std::move(fields.back())}};
    for (std::size_t i = 1; i + 1 < fields.size(); ++i) {
        row[choiceLetter(i - 1)] = std::move(fields[i]);
    }
    return row;
}

} // namespace bitlathe::evaluate
