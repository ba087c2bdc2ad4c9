// SPDX-License-Identifier: Apache-2.0
// AWQ's clipping: how far the range of each group shrinks.
#pragma once

#include "core/quant/quality.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace bitlathe::quant
{

/// Ranges tried: 1, 0.975, ... 0.5 of the whole one. Both ends shrink alike.
constexpr int kShrinkSteps = 21;
constexpr float shrinkOf(int step)
{
    return 1.0F - static_cast<float>(step) * 0.025F;
}

/// What was found for a layer's groups.
struct ClipSteps
{
    std::vector<std::uint8_t> steps;     ///< [rows, groups] of the range, as of shrinkOf().
    std::optional<RowEnergies> energies; ///< What they leave, where a device measured it on the way.
};

/// For each group of each row the first step that leaves the least of the group's part of the output error, where
/// input.device computes: its weights are finite, its statistics have a Hessian, its groups are no whole tensors.
/// Throws a model::DeviceError where the device has no room or fails; after a stop what comes back means nothing.
ClipSteps searchClipping(const LayerInput& input, const WorkContext& work);

/// The grids that clipping shrinks.
kernels::GridRule clippedRule(const Scheme& scheme);
/// Columns of a group; per channel all of them.
std::int64_t groupSizeOf(const LayerInput& input);

} // namespace bitlathe::quant
