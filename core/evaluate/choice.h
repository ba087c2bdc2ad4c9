// SPDX-License-Identifier: Apache-2.0
// Choice questions asked of models, the first being the base.
#pragma once

#include "core/base/progress.h"
#include "core/evaluate/choiceresult.h"
#include "core/model/linear.h"

#include <functional>

namespace bitlathe::evaluate
{

struct ChoiceOptions
{
    std::filesystem::path data;
    std::vector<ChoiceRule> rules = {ChoiceRule::Letter};
    std::int64_t shots = 0;          ///< Examples with answers before each question.
    std::filesystem::path shotsData; ///< Where they come from; empty: devSplitOf(data).
    bool chat = false;               ///< As a conversation, through each model's own template.
    std::int64_t limit = 0;          ///< Questions at most, the first ones; 0: all.
    model::Compute compute = model::Compute::F32;
};

/// Asks every model the same questions, one model after the other; keys and values are kept as a folder's own grids
/// say, where it holds some. onModel (may be empty) is called with what is known so far. Errors: those of
/// openChoiceSet() and openModel(), TokenizerInvalid, SettingInvalid (no examples to be found), FileMissing (no chat
/// template), TextInvalid (every question is too long), WeightsNotFinite, Cancelled.
Result<ChoiceResult> askChoices(const std::vector<std::filesystem::path>& folders, const ChoiceOptions& options,
                                const WorkContext& work = {},
                                const std::function<void(const ChoiceResult&)>& onModel = {});

} // namespace bitlathe::evaluate
