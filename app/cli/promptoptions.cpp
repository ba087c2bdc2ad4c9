// SPDX-License-Identifier: Apache-2.0
// Options that say which prompts models go on from, and how.
#include "app/cli/promptoptions.h"

namespace bitlathe::cli
{

void addPromptOptions(CLI::App& command, evaluate::GenerationCheckOptions& options, const std::string& prefix,
                      const std::string& group, const std::string& what)
{
    auto* prompts = command.add_option(prefix + "prompts", options.data,
                                       what + ": .txt, a line each, or rows with prompt or a conversation (.jsonl, "
                                              ".json, .csv, FILE#field)");
    prompts->group(group);
    const auto belongs = [&](CLI::Option* option) { return option->needs(prompts)->group(group); };
    belongs(command.add_option(prefix + "new-tokens", options.newTokens, "Tokens to write after each at most")
                ->check(CLI::Range(1, 1 << 24))
                ->capture_default_str());
    belongs(command.add_flag(prefix + "chat", options.chat,
                             "Prompts as those of a user, through each model's own chat template"));
    belongs(command.add_option(prefix + "prompts-limit", options.limit, "Prompts at most; 0: all")
                ->check(CLI::Range(0, 1 << 30))
                ->capture_default_str());
    belongs(
        command.add_option(prefix + "temperature", options.temperature, "0: always the most likely token; else drawn")
            ->check(CLI::Range(0.0, 100.0))
            ->capture_default_str());
    belongs(command.add_option(prefix + "seed", options.seed, "Seed of the draws, the same for all models")
                ->capture_default_str());
}

} // namespace bitlathe::cli
