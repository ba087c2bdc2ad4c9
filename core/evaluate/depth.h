// SPDX-License-Identifier: Apache-2.0
// Depth: how a changed model drifts away from its base, block by block.
#pragma once

#include "core/base/progress.h"
#include "core/format/openmodel.h"
#include "core/model/model.h"

#include <vector>

namespace bitlathe::evaluate
{

/// How far the hidden states of a model are from those of its base, behind each block. Errors of early blocks are
/// carried on and added to, so the numbers tell what the errors of single layers come to together.
struct DepthErrors
{
    std::vector<double> relative; ///< For each block, the mean over tokens of |h' - h|^2 / |h|^2.
    std::vector<double> cosine;   ///< For each block, the mean over tokens of the cosine between h' and h.
    std::int64_t tokens = 0;
};

/// Runs one sequence through both models, a block of each at a time: two blocks are in memory at most. Errors:
/// TextInvalid (models of other shapes; no ids; those of Model::embed), Cancelled, those of the weights.
Result<DepthErrors> depthErrors(const format::OpenedModel& base, const format::OpenedModel& changed,
                                const std::vector<model::TokenId>& ids, model::Compute compute,
                                const WorkContext& work = {});

} // namespace bitlathe::evaluate
