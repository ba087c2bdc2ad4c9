// SPDX-License-Identifier: GPL-3.0-or-later
// What the Tune page looks at: a layer's weights and statistics, loaded once per selection.
#pragma once

#include "core/quant/whatif.h"
#include "ui/bridge/session.h"

#include <memory>
#include <vector>

namespace bitlathe::ui
{

struct LayerMaterial
{
    OpenedModelPtr opened;
    LayerId layer;
    std::vector<float> weights;
    std::shared_ptr<const calibrate::BlockStats> stats; ///< Null: none yet.

    /// The layer as a method sees it; holds on to nothing.
    quant::LayerInput input(const quant::Scheme& scheme, const quant::MethodOptions& options) const
    {
        return {opened->spec.linear(layer), weights, stats ? stats->forLinear(layer) : nullptr, scheme, 0, options};
    }
    quant::LayerSurroundings surroundings() const { return {opened->spec, *opened->source, stats.get()}; }
};

using LayerMaterialPtr = std::shared_ptr<const LayerMaterial>;

} // namespace bitlathe::ui
