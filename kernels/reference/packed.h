// SPDX-License-Identifier: Apache-2.0
// What packed weights mean, in plain loops: the specification of Backend::preparePacked.
#pragma once

#include "kernels/backend.h"

#include <vector>

namespace bitlathe::kernels
{

/// [outputs, inputs] row-major.
std::vector<float> unpackWeights(const PackedWeightsView& weights);

} // namespace bitlathe::kernels
