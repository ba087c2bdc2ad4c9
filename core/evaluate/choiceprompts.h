// SPDX-License-Identifier: Apache-2.0
// Prompts of choice questions: what a model reads, and the ways to go on that are weighed against each other.
#pragma once

#include "core/evaluate/choicequestions.h"
#include "core/text/chattemplate.h"

#include <optional>

namespace bitlathe::evaluate
{

/// What a question is asked with.
enum class ChoiceForm {
    Letters, ///< Its options below it; a letter is the answer.
    Texts,   ///< Alone; an option's text is the answer.
};

/// A context and its continuations, one for each option.
struct ChoicePrompt
{
    std::string context;
    std::vector<std::string> continuations;
};

/// Builds prompts: "question\nA. option\nB. option\nAnswer:" going on with " A", or "question\nAnswer:" going on with
/// " option". Examples come before, with their answers, parted by empty lines; with a chat template each is a turn of
/// the user and one of the model, and the answer has no blank before it.
class ChoicePrompter
{
public:
    struct Options
    {
        std::vector<ChoiceQuestion> examples;     ///< To draw from.
        std::int64_t shots = 0;                   ///< Examples before each question.
        const text::ChatTemplate* chat = nullptr; ///< Must outlive the prompter; null: plain text.
    };

    explicit ChoicePrompter(Options options);

    /// Examples for a question: the first ones of its subject (of all, where none has a subject), never itself.
    std::vector<const ChoiceQuestion*> examplesOf(const ChoiceQuestion& question) const;
    /// Errors: those of ChatTemplate::render().
    Result<ChoicePrompt> prompt(const ChoiceQuestion& question, ChoiceForm form) const;

private:
    Options m_options;
    bool m_knowsSubjects = false;
};

} // namespace bitlathe::evaluate
