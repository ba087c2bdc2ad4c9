// SPDX-License-Identifier: Apache-2.0
// GroupParameters: scale, zero point and range of every group of a quantized weight, for tables.
#pragma once

#include "core/base/progress.h"
#include "core/quant/quantizedtensor.h"

#include <cstdint>
#include <vector>

namespace bitlathe::quant
{

/// What the weights of one row and group share.
struct GroupParameters
{
    std::int32_t row = 0;
    std::int32_t group = 0;
    float scale = 0;
    std::int32_t zero = 0; ///< In code units; 0 for a code book.
    float low = 0;         ///< The least value that a weight can take.
    float high = 0;
    float saturated = 0; ///< Share of codes at the ends of the range.
};

/// Row after row, group after group. On all threads. After a stop what comes back means nothing.
std::vector<GroupParameters> groupParameters(const QuantizedTensor& tensor, const WorkContext& work = {});

} // namespace bitlathe::quant
