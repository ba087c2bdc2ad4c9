// SPDX-License-Identifier: GPL-3.0-or-later
// What the Tune page looks at: a layer's weights and statistics, loaded once per selection.
#pragma once

#include "core/quant/whatif.h"
#include "ui/bridge/session.h"

#include <memory>
#include <mutex>
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

    /// One call at a time computes, so that what settings share, such as a factor of the Hessian, is made once: stop
    /// older calls.
    Result<quant::WhatIf> whatIf(const quant::Quantizer& method, const quant::Scheme& scheme, const quant::MethodOptions& options,
        const quant::WhatIfOptions& wanted, const WorkContext& work) const
    {
        const std::lock_guard lock(m_sharing);
        quant::LayerInput layerInput = input(scheme, options);
        layerInput.shared = &m_shared;
        return quant::whatIf(method, layerInput, surroundings(), wanted, work);
    }

private:
    mutable std::mutex m_sharing;
    mutable quant::SharedWork m_shared;
};

using LayerMaterialPtr = std::shared_ptr<const LayerMaterial>;

} // namespace bitlathe::ui
