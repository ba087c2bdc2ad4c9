// SPDX-License-Identifier: Apache-2.0
// LayerStats: what calibration learns about the inputs of linears and about keys and values.
#pragma once

#include "core/base/ids.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bitlathe::calibrate
{

/// Statistics of one input that several linears of a block share. Per-channel vectors have `features` elements.
struct InputStats
{
    std::int64_t block = 0;
    std::vector<LayerId> linears;
    std::int64_t features = 0;
    std::int64_t tokens = 0;
    std::vector<float> min;
    std::vector<float> max;
    std::vector<float> mean;
    std::vector<float> absMax;
    std::vector<float> absMean;
    std::vector<float> hessian; ///< X'X summed over tokens, [features, features] row-major, symmetric; empty: not collected.
};

/// Ranges of keys (after rope) and values of a block, each [kvHeads, headDim].
struct KeyValueStats
{
    std::vector<float> keyMin, keyMax, keyAbsMax;
    std::vector<float> valueMin, valueMax, valueAbsMax;
};

/// All statistics of a block.
struct BlockStats
{
    std::int64_t block = 0;
    std::vector<InputStats> inputs; ///< In the order of the forward pass.
    KeyValueStats keyValue;

    const InputStats* forLinear(LayerId linear) const;
};

} // namespace bitlathe::calibrate
