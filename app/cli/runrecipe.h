// SPDX-License-Identifier: Apache-2.0
// Running a recipe in front of a person: what it will cost, layers as they finish, what came out.
#pragma once

#include "app/cli/command.h"
#include "core/run/runner.h"

namespace bitlathe::cli
{

/// Runs a recipe (going on with an interrupted one under resume), printing layers as they finish.
Result<run::RunResult> runRecipe(Session& session, const plan::Recipe& recipe, bool resume);

/// As runRecipe(), then the result as text and document.
Result<void> runAndShow(Session& session, const plan::Recipe& recipe, bool resume);

/// The lines of an estimate for people.
std::string estimateText(const plan::Estimate& estimate);

} // namespace bitlathe::cli
