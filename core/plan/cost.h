// SPDX-License-Identifier: Apache-2.0
// Costs of a plan: steps with their share of the time, memory, disk, seconds.
#pragma once

#include "core/plan/plan.h"

namespace bitlathe::plan
{

/// Fills steps and estimate of a plan whose model, schemes and estimate.bytesOut are settled. The first call in a
/// process with a method and a scheme measures the machine's rates for up to 2 s.
void addCosts(Plan& plan, Timing timing);

} // namespace bitlathe::plan
