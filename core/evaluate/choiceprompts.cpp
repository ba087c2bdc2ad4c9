// SPDX-License-Identifier: Apache-2.0
// Prompts of choice questions.
#include "core/evaluate/choiceprompts.h"

#include <algorithm>

namespace bitlathe::evaluate
{

namespace
{

std::string asked(const ChoiceQuestion& question, ChoiceForm form)
{
    std::string text = question.question + '\n';
    if (form == ChoiceForm::Letters) {
        for (std::size_t i = 0; i < question.options.size(); ++i) {
            text += choiceLetter(i) + ". " + question.options[i] + '\n';
        }
    }
    return text + "Answer:";
}

std::string answered(const ChoiceQuestion& question, ChoiceForm form, std::size_t option)
{
    return form == ChoiceForm::Letters ? choiceLetter(option) : question.options[option];
}

} // namespace

ChoicePrompter::ChoicePrompter(Options options) : m_options(std::move(options))
{
    m_knowsSubjects =
        std::ranges::any_of(m_options.examples, [](const ChoiceQuestion& example) { return !example.subject.empty(); });
}

std::vector<const ChoiceQuestion*> ChoicePrompter::examplesOf(const ChoiceQuestion& question) const
{
    std::vector<const ChoiceQuestion*> examples;
    for (const ChoiceQuestion& example : m_options.examples) {
        if (static_cast<std::int64_t>(examples.size()) >= m_options.shots) {
            break;
        }
        const bool isItself = example.question == question.question && example.options == question.options;
        if (!isItself && (!m_knowsSubjects || example.subject == question.subject)) {
            examples.push_back(&example);
        }
    }
    return examples;
}

Result<ChoicePrompt> ChoicePrompter::prompt(const ChoiceQuestion& question, ChoiceForm form) const
{
    const std::string blank = m_options.chat == nullptr ? " " : "";
    ChoicePrompt prompt;
    for (std::size_t i = 0; i < question.options.size(); ++i) {
        prompt.continuations.push_back(blank + answered(question, form, i));
    }
    Json messages = Json::array();
    for (const ChoiceQuestion* example : examplesOf(question)) {
        const std::string answer = answered(*example, form, example->answer);
        prompt.context += asked(*example, form) + ' ' + answer + "\n\n";
        messages.push_back({{"role", "user"}, {"content", asked(*example, form)}});
        messages.push_back({{"role", "assistant"}, {"content", answer}});
    }
    if (m_options.chat == nullptr) {
        prompt.context += asked(question, form);
        return prompt;
    }
    messages.push_back({{"role", "user"}, {"content", asked(question, form)}});
    text::ChatOptions options;
    options.addGenerationPrompt = true;
    BITLATHE_TRY(prompt.context, m_options.chat->render(messages, options));
    return prompt;
}

} // namespace bitlathe::evaluate
