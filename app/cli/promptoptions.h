// SPDX-License-Identifier: Apache-2.0
// Options that say which prompts models go on from, and how.
#pragma once

#include "app/cli/command.h"
#include "core/evaluate/generationcheck.h"

namespace bitlathe::cli
{

/// Prompts, new-tokens, chat, prompts-limit, temperature and seed, each behind prefix ("--", "--eval-"). what: help of
/// the first, but for what it may name.
void addPromptOptions(CLI::App& command, evaluate::GenerationCheckOptions& options, const std::string& prefix,
                      const std::string& group, const std::string& what);

} // namespace bitlathe::cli
