// SPDX-License-Identifier: Apache-2.0
// What commands that let a model write share: options of the choice of tokens, and text that grows on stdout.
#include "app/cli/sampling.h"

namespace bitlathe::cli
{

void addSamplingOptions(CLI::App& command, SamplingOptions& options)
{
    model::GenerationOptions& generation = options.generation;
    command.add_option("--max-new-tokens,-n", generation.maxNewTokens, "New tokens at most")
        ->check(CLI::Range(1, 1 << 24))
        ->capture_default_str();
    const std::string group = "Sampling";
    command.add_option("--temperature", generation.temperature, "0: always the most likely token")
        ->check(CLI::Range(0.0, 100.0))
        ->capture_default_str()
        ->group(group);
    command.add_option("--top-k", generation.topK, "Choose among this many; 0: all")
        ->check(CLI::Range(0, 1 << 30))
        ->capture_default_str()
        ->group(group);
    command.add_option("--top-p", generation.topP, "Choose among the most likely with this share")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str()
        ->group(group);
    command.add_option("--repetition-penalty", generation.repetitionPenalty, "Above 1: less repetition")
        ->check(CLI::Range(0.01, 100.0))
        ->capture_default_str()
        ->group(group);
    command.add_option("--seed", generation.seed, "Seed of the choices")->capture_default_str()->group(group);
    command.add_flag("--ignore-eos", options.ignoreEos, "Go on after an end token")->group(group);
}

model::GenerationOptions generationFrom(const SamplingOptions& options, const model::ModelSpec& spec)
{
    model::GenerationOptions generation = options.generation;
    if (!options.ignoreEos) {
        for (const std::int64_t id : spec.eosIds) {
            generation.stopIds.push_back(static_cast<text::TokenId>(id));
        }
    }
    return generation;
}

void TokenPrinter::add(text::TokenId id)
{
    if (m_text) {
        m_console.print(m_text->add(id));
        return;
    }
    m_console.print((m_hasPrinted ? " " : "") + std::to_string(id));
    m_hasPrinted = true;
}

} // namespace bitlathe::cli
