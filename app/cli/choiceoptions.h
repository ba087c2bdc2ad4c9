// SPDX-License-Identifier: Apache-2.0
// Options that say how choice questions are asked.
#pragma once

#include "app/cli/command.h"
#include "core/evaluate/choicerun.h"

namespace bitlathe::cli
{

struct QuestionOptions
{
    std::string by = "letter";
    evaluate::ChoiceOptions choice; ///< Its rules are filled in by settledChoice().
};

/// By, shots, shots-data, chat and limit, each behind prefix ("--", "--choice-"). They need the option that names the
/// questions, which is given.
void addQuestionOptions(CLI::App& command, QuestionOptions& options, const std::string& prefix, CLI::Option* questions,
                        const std::string& group = "Options");
/// Errors: UnknownName.
Result<evaluate::ChoiceOptions> settledChoice(const QuestionOptions& options);

} // namespace bitlathe::cli
