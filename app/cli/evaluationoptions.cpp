// SPDX-License-Identifier: Apache-2.0
// The options that say what is measured after a run.
#include "app/cli/evaluationoptions.h"

namespace bitlathe::cli
{

void addEvaluationOptions(CLI::App& command, EvaluationOptions& options)
{
    command.add_option("--evaluate,--eval-data", options.data, "Text to measure the result on, against the model")
        ->group("Evaluation");
    addProtocolOptions(command, options.protocol, "--eval-", "Evaluation");
    command
        .add_option("--eval-kv", options.kv,
                    "KV caches to measure it with besides: " + quant::kvSchemeNames(quant::kvSchemes()))
        ->group("Evaluation");
    auto* questions = command
                          .add_option("--eval-choice", options.questions.choice.data,
                                      "Also ask both these multiple-choice questions (see choice)")
                          ->group("Evaluation");
    addQuestionOptions(command, options.questions, "--eval-choice-", questions, "Evaluation");
    addPromptOptions(command, options.generation, "--eval-", "Evaluation", "Also let both go on from these prompts");
}

Result<plan::EvaluationRecipe> evaluationFrom(const EvaluationOptions& options)
{
    plan::EvaluationRecipe evaluation;
    evaluation.data = options.data;
    BITLATHE_TRY(const auto windows, settledProtocol(options.protocol));
    evaluation.protocol = windows.protocol;
    evaluation.length = windows.length;
    evaluation.windows = windows.maxWindows;
    evaluation.stride = options.protocol.stride;
    BITLATHE_TRY(evaluation.kv, quant::findKvSchemes(options.kv));
    BITLATHE_TRY(evaluation.choice, settledChoice(options.questions));
    evaluation.generation = options.generation;
    return evaluation;
}

} // namespace bitlathe::cli
