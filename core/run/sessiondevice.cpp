// SPDX-License-Identifier: Apache-2.0
// Session: what computes.
#include "core/run/session.h"

#include <utility>

namespace bitlathe::run
{

Result<void> Session::openDevice(const RunOptions& options)
{
    const auto tell = [this](const Finding& finding) {
        if (m_blockFindings != nullptr) {
            m_blockFindings->push_back(finding);
        }
        return add(finding);
    };
    if (options.device) {
        m_device = RunDevice(*options.device, m_plan.recipe.compute, m_plan.recipe.onDeviceFailure, tell);
    } else {
        BITLATHE_TRY(m_device, RunDevice::open(m_plan.recipe, tell));
    }
    if (m_observer.onDevice) {
        m_observer.onDevice(m_device.device());
    }
    return {};
}

/// To those that computed.
void Session::addDevice(const std::string& name)
{
    if (m_result.device.empty()) {
        m_result.device = name;
    } else if ((", " + m_result.device + ", ").find(", " + name + ", ") == std::string::npos) {
        m_result.device += ", " + name;
    }
}

Result<quant::LayerResult> Session::quantizeLayer(quant::LayerInput what, const WorkContext& work)
{
    BITLATHE_TRY(const quant::Quantizer* method, quant::findQuantizer(m_plan.recipe.method));
    bool again = false;
    return m_device.tried([&](const model::Device& device) {
        if (std::exchange(again, true)) {
            m_shared = {}; // What lies on the device.
        }
        what.device = device.backend.get();
        return method->quantize(what, work);
    });
}

} // namespace bitlathe::run
