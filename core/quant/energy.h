// SPDX-License-Identifier: Apache-2.0
// Energies of rows under a Hessian: the sums of squared outputs that errors in weights cause.
#pragma once

#include "core/base/progress.h"

#include <cstdint>
#include <span>
#include <vector>

namespace bitlathe::quant
{

/// x H x' of every row of x [rows, cols], for a symmetric H [cols, cols] of which only the lower half is read. On all
/// threads, the same for any number of them. After a stop the numbers mean nothing.
std::vector<double> rowEnergies(std::span<const float> x, std::int64_t rows, std::int64_t cols,
                                std::span<const float> hessian, const WorkContext& work = {});

} // namespace bitlathe::quant
