// SPDX-License-Identifier: Apache-2.0
// Placement: how a model is run on a device, from the whole in its memory on down, as far as memory allows.
#pragma once

#include "core/base/finding.h"
#include "core/format/openmodel.h"
#include "core/model/device.h"

#include <vector>

namespace bitlathe::evaluate
{

struct Placement
{
    std::shared_ptr<const kernels::Backend> device; ///< Null: the processor.
    model::Residency residency = model::Residency::Resident;
};

/// Ways to run a model, the best first: all of it on the device, block after block there, on the processor with the
/// residency that suits it. Of the processor alone the last.
std::vector<Placement> placements(const model::Device& device, model::Residency onProcessor);

/// That a model (subject) is run in a way that is not the best, and why.
Finding placementFinding(const model::Device& device, const Placement& placement, const std::string& subject,
                         const Error& why);

/// Loads a model and calls use(model) with it, in the best way for which the memory of the device suffices; every way
/// that it did not suffice for becomes a Finding. Errors: those of runnable() and of use.
template <class Use>
auto withPlacedModel(const format::OpenedModel& opened, model::Compute compute, const model::Device& device,
                     model::Residency onProcessor, Findings& findings, const WorkContext& loading, const Use& use)
    -> decltype(use(std::declval<const model::Model&>()))
{
    const std::vector<Placement> ways = placements(device, onProcessor);
    for (auto way = ways.begin();; ++way) {
        const auto model = format::runnable(opened, {compute, way->residency, way->device}, loading);
        auto result = model ? model::withDeviceErrors([&] { return use(**model); }) : Failure(model.error());
        if (result || result.error().code != ErrorCode::DeviceMemoryShort || way + 1 == ways.end()) {
            return result;
        }
        findings.push_back(placementFinding(device, way[1], opened.folder().string(), result.error()));
    }
}

} // namespace bitlathe::evaluate
