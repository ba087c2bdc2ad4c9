// SPDX-License-Identifier: Apache-2.0
// Options of how choice questions are asked, for every command that asks them.
#pragma once

#include "app/cli/command.h"
#include "core/evaluate/choicerun.h"

#include <vector>

namespace bitlathe::cli
{

/// --shots, --shots-data and --chat.
std::vector<CLI::Option*> addChoiceOptions(CLI::App& command, evaluate::ChoiceOptions& options);

} // namespace bitlathe::cli
