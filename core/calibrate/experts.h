// SPDX-License-Identifier: Apache-2.0
// What calibration saw of experts, which see only the tokens routed to them.
#pragma once

#include "core/base/finding.h"
#include "core/calibrate/layerstats.h"
#include "core/model/modelspec.h"

#include <vector>

namespace bitlathe::calibrate
{

struct ExpertTokens
{
    std::int64_t tokens = 0; ///< Routed to it.
    std::int64_t width = 0;  ///< Features of its widest input.
};

/// What each expert of a block saw, by its number; empty for a block without experts.
std::vector<ExpertTokens> tokensOfExperts(const model::ModelSpec& spec, const BlockStats& stats);

/// A warning "experts-starved" where experts of the block saw fewer tokens than their input is wide: the Hessian of so
/// few has no full rank, and methods that invert it follow the text rather than the model.
Findings expertFindings(const model::ModelSpec& spec, const BlockStats& stats);

} // namespace bitlathe::calibrate
