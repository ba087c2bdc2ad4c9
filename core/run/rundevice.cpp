// SPDX-License-Identifier: Apache-2.0
// RunDevice: opening, and giving up.
#include "core/run/rundevice.h"

#include "core/base/log.h"

#include <utility>

namespace bitlathe::run
{

Result<RunDevice> RunDevice::open(const plan::Recipe& recipe, Tell tell)
{
    BITLATHE_TRY(model::Device device, model::openDevice(recipe.device));
    if (device.whyNoGpu) {
        log().info("computing on the processor: {}", device.whyNoGpu->english());
    }
    return RunDevice(std::move(device), recipe.compute, recipe.onDeviceFailure, std::move(tell));
}

RunDevice::RunDevice(model::Device device, std::optional<model::Compute> compute, plan::OnDeviceFailure onFailure,
                     Tell tell)
    : m_device(std::move(device)),
      m_compute(compute.value_or(m_device.fastestCompute())),
      m_onFailure(onFailure),
      m_tell(std::move(tell))
{}

bool RunDevice::canGoOn(const Error& error) const
{
    const bool isOfDevice = error.code == ErrorCode::DeviceFailed || error.code == ErrorCode::DeviceMemoryShort;
    return isOfDevice && !m_device.isProcessor() && m_onFailure == plan::OnDeviceFailure::Continue;
}

Result<void> RunDevice::giveUp(const Error& error)
{
    if (error.code == ErrorCode::DeviceFailed) {
        const std::string name = m_device.name;
        m_failed = std::exchange(m_device, {}).backend;
        return m_tell({Severity::Warning, "device-failed", name,
                       Text(BITLATHE_TEXT("failed (%1); the job goes on on the processor"), error.found.english()),
                       Text(BITLATHE_TEXT("Look at the card and its driver; what was computed before is kept"))});
    }
    if (std::exchange(m_toldOfMemory, true)) {
        return {};
    }
    return m_tell({Severity::Warning, "device-memory-short", m_device.name,
                   Text(BITLATHE_TEXT("has too little memory for a part of the job, which is computed on the processor "
                                      "(%1)"),
                        error.found.english()),
                   Text(BITLATHE_TEXT("Give it more memory, or choose fewer or shorter samples"))});
}

} // namespace bitlathe::run
