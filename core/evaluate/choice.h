// SPDX-License-Identifier: Apache-2.0
// Choice questions asked of model folders, the first being the base.
#pragma once

#include "core/evaluate/choicerun.h"
#include "core/evaluate/kvcaches.h"

#include <functional>

namespace bitlathe::evaluate
{

/// How keys and values are kept while questions are asked.
struct ChoiceKv
{
    std::optional<quant::KvScheme>
        scheme;      ///< Nothing: as the grids of a folder say, where it holds some, else plainly.
    KvSource source; ///< Of its grids.
};

/// Opens, loads and asks one folder after the other. onModel (may be empty) is called with what is known so far.
/// Errors: those of openModel(), runnable(), kvCachesOf() and ChoiceRun, TokenizerInvalid.
Result<ChoiceResult> askChoices(const std::vector<std::filesystem::path>& folders, const ChoiceOptions& options,
                                const ChoiceKv& kv = {}, const WorkContext& work = {},
                                const std::function<void(const ChoiceResult&)>& onModel = {});

} // namespace bitlathe::evaluate
