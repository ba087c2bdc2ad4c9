// SPDX-License-Identifier: Apache-2.0
// PluginDoor: the functions of a CUDA plug-in file, or why there are none.
#pragma once

#include "kernels/cuda/plugin.h"
#include "kernels/gpu.h"

#include <string>

namespace bitlathe::kernels
{

struct PluginDoor
{
    const BitlatheCudaTable* table = nullptr; ///< Where facts.absence is None.
    GpuFacts facts;
};

/// Opens a plug-in for good: a driver does not like being closed. facts as of gpusOfPlugin().
PluginDoor openPlugin(const std::string& file);

} // namespace bitlathe::kernels
