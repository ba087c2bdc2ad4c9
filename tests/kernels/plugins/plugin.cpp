// SPDX-License-Identifier: Apache-2.0
// A plug-in without CUDA: says what its build was told to say.
#include "kernels/cuda/plugin.h"

#include <cstdio>
#include <cstring>

extern "C" std::int32_t bitlatheCudaInterface()
{
    return BITLATHE_CUDA_INTERFACE + PLUGIN_VERSION_OFFSET;
}

extern "C" std::int32_t bitlatheCudaDevices(BitlatheCudaDevice* devices, std::int32_t capacity, char* reason,
                                            std::size_t reasonCapacity)
{
    if (PLUGIN_DEVICES == 0) {
        std::snprintf(reason, reasonCapacity, "no driver today");
        return -1;
    }
    for (std::int32_t i = 0; i < PLUGIN_DEVICES && i < capacity; ++i) {
        std::memset(devices[i].name, 'A' + i, sizeof(devices[i].name)); // No zero byte: a reader must stop by itself.
        devices[i].bytesTotal = std::uint64_t{80} << 30;
        devices[i].major = 9;
        devices[i].minor = i;
        devices[i].multiprocessors = 132;
    }
    return PLUGIN_DEVICES;
}
