// SPDX-License-Identifier: Apache-2.0
// --preset: a usual purpose instead of single options.
#pragma once

#include "app/cli/recipeoptions.h"

namespace bitlathe::cli
{

void addPresetOption(CLI::App& command, RecipeOptions& options);

/// Where a preset was chosen, what it says becomes the value of every option that was not given. False: none was
/// chosen.
bool applyPreset(const CLI::App& command, RecipeOptions& options);

} // namespace bitlathe::cli
