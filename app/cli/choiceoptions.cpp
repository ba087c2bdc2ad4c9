// SPDX-License-Identifier: Apache-2.0
// Options that say how choice questions are asked.
#include "app/cli/choiceoptions.h"

namespace bitlathe::cli
{

void addQuestionOptions(CLI::App& command, QuestionOptions& options, const std::string& prefix, CLI::Option* questions,
                        const std::string& group)
{
    evaluate::ChoiceOptions& choice = options.choice;
    command
        .add_option(
            prefix + "by", options.by,
            fmt::format("What chooses an option: letter, text (its likelihood), text-per-byte (by its length){}",
                        prefix == "--" ? ", all" : ""))
        ->needs(questions)
        ->capture_default_str()
        ->group(group);
    command.add_option(prefix + "shots", choice.shots, "Examples with answers before each question")
        ->needs(questions)
        ->check(CLI::Range(0, 1 << 10))
        ->capture_default_str()
        ->group(group);
    command
        .add_option(prefix + "shots-data", choice.shotsData,
                    "Where examples come from (else NAME_dev.csv beside NAME_test.csv, or a folder dev)")
        ->needs(questions)
        ->group(group);
    command
        .add_flag(prefix + "chat", choice.chat, "Questions as those of a user, through the model's own chat template")
        ->needs(questions)
        ->group(group);
    command.add_option(prefix + "limit", choice.limit, "Questions at most; 0: all")
        ->needs(questions)
        ->check(CLI::Range(0, 1 << 30))
        ->capture_default_str()
        ->group(group);
}

Result<evaluate::ChoiceOptions> settledChoice(const QuestionOptions& options)
{
    evaluate::ChoiceOptions choice = options.choice;
    BITLATHE_TRY(choice.rules, evaluate::choiceRulesFrom(options.by));
    return choice;
}

} // namespace bitlathe::cli
