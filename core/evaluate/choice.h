// SPDX-License-Identifier: Apache-2.0
// Choice questions asked of model folders, the first being the base.
#pragma once

#include "core/evaluate/choicerun.h"

#include <functional>

namespace bitlathe::evaluate
{

/// Opens, loads and asks one folder after the other; keys and values are kept as a folder's own grids say, where it
/// holds some. onModel (may be empty) is called with what is known so far. Errors: those of openModel(), runnable() and
/// ChoiceRun, TokenizerInvalid.
Result<ChoiceResult> askChoices(const std::vector<std::filesystem::path>& folders, const ChoiceOptions& options,
                                const WorkContext& work = {},
                                const std::function<void(const ChoiceResult&)>& onModel = {});

} // namespace bitlathe::evaluate
