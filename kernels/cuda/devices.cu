// SPDX-License-Identifier: Apache-2.0
// The plug-in's door: which devices the CUDA driver offers, and why none where it offers none.
#include "kernels/cuda/plugin.h"

#include <cuda_runtime_api.h>

#include <cstdio>
#include <cstring>

namespace
{

/// The oldest compute capability that this plug-in holds code for.
constexpr int kOldestMajor = 8;

void say(char* reason, std::size_t capacity, const char* sentence)
{
    std::snprintf(reason, capacity, "%s", sentence);
}

BitlatheCudaDevice described(const cudaDeviceProp& properties)
{
    BitlatheCudaDevice device = {};
    std::snprintf(device.name, sizeof(device.name), "%s", properties.name);
    device.bytesTotal = properties.totalGlobalMem;
    device.major = properties.major;
    device.minor = properties.minor;
    device.multiprocessors = properties.multiProcessorCount;
    return device;
}

} // namespace

extern "C" __attribute__((visibility("default"))) std::int32_t bitlatheCudaInterface()
{
    return BITLATHE_CUDA_INTERFACE;
}

extern "C" __attribute__((visibility("default"))) std::int32_t
bitlatheCudaDevices(BitlatheCudaDevice* devices, std::int32_t capacity, char* reason, std::size_t reasonCapacity)
{
    int count = 0;
    if (const cudaError_t error = cudaGetDeviceCount(&count); error != cudaSuccess) {
        say(reason, reasonCapacity, cudaGetErrorString(error));
        return -1;
    }
    std::int32_t found = 0;
    for (int i = 0; i < count; ++i) {
        cudaDeviceProp properties = {};
        if (cudaGetDeviceProperties(&properties, i) != cudaSuccess || properties.major < kOldestMajor) {
            continue;
        }
        if (found < capacity) {
            devices[found] = described(properties);
        }
        ++found;
    }
    if (found == 0) {
        say(reason, reasonCapacity,
            count == 0 ? "there is no CUDA device" : "the devices here are older than compute capability 8.0");
        return -1;
    }
    return found;
}
