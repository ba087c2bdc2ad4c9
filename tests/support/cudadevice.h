// SPDX-License-Identifier: Apache-2.0
// cudaDevice: the GPU that tests of models use, where there is one.
#pragma once

#include "core/model/device.h"

namespace bitlathe::tests
{

/// Opened once, with a budget small enough for any card; the processor, and why, where there is none.
inline const model::Device& cudaDevice()
{
    static const model::Device device = [] {
        auto opened = model::openDevice({"auto", std::uint64_t{1} << 30});
        return opened ? *std::move(opened) : model::Device();
    }();
    return device;
}

inline std::string cudaDeviceAbsence()
{
    return "no GPU to test on: " + (cudaDevice().whyNoGpu ? cudaDevice().whyNoGpu->english() : std::string("none"));
}

} // namespace bitlathe::tests
