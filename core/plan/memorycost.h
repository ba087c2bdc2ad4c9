// SPDX-License-Identifier: Apache-2.0
// Memory that a plan's run has in use at one time.
#pragma once

#include "core/plan/costsizes.h"

namespace bitlathe::plan
{

/// Hidden states of calibration wait in a file from here on.
inline constexpr double kBytesStatesMax = 64 << 20;

std::uint64_t bytesPeakRam(const Plan& plan, const Sizes& sizes);

/// Of a GPU, for all of the work at full speed; with less, parts of it take smaller steps or the processor.
std::uint64_t bytesPeakVram(const Plan& plan, const Sizes& sizes);

} // namespace bitlathe::plan
