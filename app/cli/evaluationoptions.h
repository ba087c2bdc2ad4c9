// SPDX-License-Identifier: Apache-2.0
// The options that say what is measured after a run.
#pragma once

#include "app/cli/choiceoptions.h"
#include "app/cli/promptoptions.h"
#include "app/cli/protocoloptions.h"
#include "core/plan/recipe.h"

namespace bitlathe::cli
{

struct EvaluationOptions
{
    std::string data;
    ProtocolOptions protocol = {.windows = 10};
    std::string kv;
    QuestionOptions questions;
    evaluate::GenerationCheckOptions generation;
};

/// --evaluate, and --eval- before the names that compare has for the same.
void addEvaluationOptions(CLI::App& command, EvaluationOptions& options);

/// Errors: SettingInvalid.
Result<plan::EvaluationRecipe> evaluationFrom(const EvaluationOptions& options);

} // namespace bitlathe::cli
