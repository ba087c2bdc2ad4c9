// SPDX-License-Identifier: Apache-2.0
// RunDevice: the device of a run, and what becomes of work for which it does not suffice.
#pragma once

#include "core/base/finding.h"
#include "core/model/device.h"
#include "core/plan/recipe.h"

#include <functional>
#include <memory>
#include <optional>

namespace bitlathe::run
{

/// Opened once for a run, and given up for the processor when it fails. One thread at a time.
class RunDevice
{
public:
    /// Told of a device that did not suffice, once for each of its reasons. An error ends the run (--strict).
    using Tell = std::function<Result<void>(const Finding&)>;

    RunDevice() = default;
    /// Errors: those of model::openDevice().
    static Result<RunDevice> open(const plan::Recipe& recipe, Tell tell);
    /// One that is open already. compute: nothing for the fastest there.
    RunDevice(model::Device device, std::optional<model::Compute> compute, plan::OnDeviceFailure onFailure, Tell tell);

    /// What computes from here on.
    const model::Device& device() const { return m_device; }
    /// Bytes of its memory that were ever in use at once.
    std::uint64_t bytesPeak() const { return m_failed ? m_failed->memory().use().bytesPeak : m_device.bytesPeak(); }
    /// The arithmetic of the run, which stays when a device is given up.
    model::Compute compute() const { return m_compute; }

    /// work(device) on the device; where the device fails or its memory is short, anew on the processor (an empty
    /// device), unless the recipe wants the run to stop. A device that failed is used no more.
    template <class Work>
    auto tried(const Work& work) -> decltype(work(std::declval<const model::Device&>()))
    {
        auto result = model::withDeviceErrors([&] { return work(m_device); });
        if (result || !canGoOn(result.error())) {
            return result;
        }
        BITLATHE_CHECK(giveUp(result.error()));
        return work(model::Device());
    }

private:
    bool canGoOn(const Error& error) const;
    Result<void> giveUp(const Error& error);

    model::Device m_device;
    model::Compute m_compute = model::fastestCompute();
    plan::OnDeviceFailure m_onFailure = plan::OnDeviceFailure::Continue;
    std::shared_ptr<const kernels::Backend> m_failed; ///< Until nobody holds memory of it.
    bool m_toldOfMemory = false;
    Tell m_tell;
};

} // namespace bitlathe::run
