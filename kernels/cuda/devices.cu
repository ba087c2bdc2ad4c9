// SPDX-License-Identifier: Apache-2.0
// The plug-in's door: which devices the CUDA driver offers, and why none where it offers none.
#include "kernels/cuda/plugin.h"
#include "kernels/cuda/say.h"

#include <cuda_runtime_api.h>

#include <cstdio>
#include <cstring>

namespace bitlathe::cuda
{

inline namespace devices_cu
{

/// The oldest compute capability that this plug-in holds code for.
constexpr int kOldestMajor = 8;

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

/// Calls use(ordinal, properties) for each device that there is code for. How many there are of all; negative: error
/// says why none.
template <typename Use>
int forDevices(cudaError_t& error, const Use& use)
{
    int count = 0;
    error = cudaGetDeviceCount(&count);
    if (error != cudaSuccess) {
        return -1;
    }
    for (int i = 0; i < count; ++i) {
        cudaDeviceProp properties = {};
        if (cudaGetDeviceProperties(&properties, i) == cudaSuccess && properties.major >= kOldestMajor) {
            use(i, properties);
        }
    }
    return count;
}

} // namespace devices_cu

int ordinalOf(int index)
{
    cudaError_t error = cudaSuccess;
    int found = 0;
    int ordinal = -1;
    forDevices(error, [&](int number, const cudaDeviceProp&) { ordinal = found++ == index ? number : ordinal; });
    return ordinal;
}

} // namespace bitlathe::cuda

extern "C" __attribute__((visibility("default"))) std::int32_t bitlatheCudaInterface()
{
    return BITLATHE_CUDA_INTERFACE;
}

extern "C" __attribute__((visibility("default"))) std::int32_t
bitlatheCudaDevices(BitlatheCudaDevice* devices, std::int32_t capacity, char* reason, std::size_t reasonCapacity)
{
    using namespace bitlathe::cuda;
    cudaError_t error = cudaSuccess;
    std::int32_t found = 0;
    const int count = forDevices(error, [&](int, const cudaDeviceProp& properties) {
        if (found < capacity) {
            devices[found] = described(properties);
        }
        ++found;
    });
    const Reason because{reason, reasonCapacity};
    if (count < 0) {
        because.say("%s", cudaGetErrorString(error));
    } else if (found == 0) {
        because.say("%s",
                    count == 0 ? "there is no CUDA device" : "the devices here are older than compute capability 8.0");
    }
    return found > 0 ? found : -1;
}
