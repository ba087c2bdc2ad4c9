// SPDX-License-Identifier: Apache-2.0
// Placement: the ways and what is said of them.
#include "core/evaluate/placement.h"

namespace bitlathe::evaluate
{

std::vector<Placement> placements(const model::Device& device, model::Residency onProcessor)
{
    if (device.isProcessor()) {
        return {{nullptr, onProcessor}};
    }
    return {{device.backend, model::Residency::Resident},
            {device.backend, model::Residency::Streamed},
            {nullptr, onProcessor}};
}

Finding placementFinding(const model::Device& device, const Placement& placement, const std::string& subject,
                         const Error& why)
{
    const Text advice(BITLATHE_TEXT("Give it more memory, or choose shorter windows"));
    if (placement.device) {
        return {
            Severity::Note, "device-streamed", subject,
            Text(BITLATHE_TEXT("is moved to %1 block by block, as its memory does not hold all of it (%2): tokens/s "
                               "tell of the way there"),
                 device.name, why.found.english()),
            advice};
    }
    return {Severity::Warning, "device-memory-short", subject,
            Text(BITLATHE_TEXT("is computed on the processor, as the memory of %1 does not suffice (%2)"), device.name,
                 why.found.english()),
            advice};
}

} // namespace bitlathe::evaluate
