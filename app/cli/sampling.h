// SPDX-License-Identifier: Apache-2.0
// What commands that let a model write share: options of the choice of tokens, and text that grows on stdout.
#pragma once

#include "app/cli/command.h"
#include "core/model/generate.h"
#include "core/text/growingtext.h"

namespace bitlathe::cli
{

struct SamplingOptions
{
    model::GenerationOptions generation;
    bool ignoreEos = false;
};

/// --max-new-tokens, --temperature, --top-k, --top-p, --repetition-penalty, --seed and --ignore-eos.
void addSamplingOptions(CLI::App& command, SamplingOptions& options);
/// With the model's end tokens, unless they are ignored.
model::GenerationOptions generationFrom(const SamplingOptions& options, const model::ModelSpec& spec);

/// Prints a completion as it grows, holding back bytes that do not make a whole character yet.
class TokenPrinter
{
public:
    /// tokenizer: null prints the ids.
    TokenPrinter(Console& console, const text::Tokenizer* tokenizer) : m_console(console)
    {
        if (tokenizer != nullptr) {
            m_text.emplace(*tokenizer);
        }
    }

    void add(text::TokenId id);

private:
    Console& m_console;
    std::optional<text::GrowingText> m_text;
    bool m_hasPrinted = false;
};

} // namespace bitlathe::cli
