// SPDX-License-Identifier: Apache-2.0
// LayerStats: look-ups.
#include "core/calibrate/layerstats.h"

#include <algorithm>

namespace bitlathe::calibrate
{

const InputStats* BlockStats::forLinear(LayerId linear) const
{
    const auto found = std::ranges::find_if(inputs, [&](const InputStats& input) {
        return std::ranges::find(input.linears, linear) != input.linears.end();
    });
    return found != inputs.end() ? &*found : nullptr;
}

} // namespace bitlathe::calibrate
