// SPDX-License-Identifier: Apache-2.0
// What the GPUs of the machine do at one moment, of all programs, as the driver's management library (NVML) tells.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bitlathe
{

struct GpuLoad
{
    double busy = 0; ///< Share of the last moment (a sixth of a second to one second) in which a kernel ran: 0 to 1.
    std::uint64_t bytesUsed = 0;
    std::uint64_t bytesTotal = 0;
};

/// In the driver's order; empty where the library, which comes with the driver, is not there. Not the GPU's context:
/// asking takes no memory of it. The first call with a file opens it for good and may take some milliseconds. Any
/// thread.
std::vector<GpuLoad> gpuLoads(const std::string& library = "libnvidia-ml.so.1");

} // namespace bitlathe
