// SPDX-License-Identifier: Apache-2.0
// Options of how choice questions are asked.
#include "app/cli/choiceoptions.h"

namespace bitlathe::cli
{

std::vector<CLI::Option*> addChoiceOptions(CLI::App& command, evaluate::ChoiceOptions& options)
{
    return {command.add_option("--shots", options.shots, "Examples with answers before each question")
                ->check(CLI::Range(0, 1 << 10))
                ->capture_default_str(),
            command.add_option("--shots-data", options.shotsData,
                               "Where examples come from (else NAME_dev.csv beside NAME_test.csv, or a folder dev)"),
            command.add_flag("--chat", options.chat, "As a question of a user, through the model's own chat template")};
}

} // namespace bitlathe::cli
