// SPDX-License-Identifier: Apache-2.0
// Asks NVML, by the part of its interface that is used here (NVML API Reference, Device Queries).
#include "core/base/gpuload.h"

#include <map>
#include <mutex>

#include <dlfcn.h>

namespace bitlathe
{

namespace
{

constexpr int kSuccess = 0;

struct NvmlMemory // nvmlMemory_t
{
    unsigned long long total;
    unsigned long long free;
    unsigned long long used;
};

struct NvmlUtilization // nvmlUtilization_t, percent
{
    unsigned int gpu;
    unsigned int memory;
};

using NvmlDevice = void*; // nvmlDevice_t

/// The library's functions; count is null where one of them is not there.
struct Nvml
{
    int (*count)(unsigned int*) = nullptr;
    int (*handle)(unsigned int, NvmlDevice*) = nullptr;
    int (*memory)(NvmlDevice, NvmlMemory*) = nullptr;
    int (*utilization)(NvmlDevice, NvmlUtilization*) = nullptr;

    explicit Nvml(const std::string& file)
    {
        void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            return;
        }
        int (*begin)() = nullptr;
        const bool isWhole = find(library, "nvmlInit_v2", begin) && find(library, "nvmlDeviceGetCount_v2", count) &&
                             find(library, "nvmlDeviceGetHandleByIndex_v2", handle) &&
                             find(library, "nvmlDeviceGetMemoryInfo", memory) &&
                             find(library, "nvmlDeviceGetUtilizationRates", utilization);
        if (!isWhole || begin() != kSuccess) {
            count = nullptr;
        }
    }

private:
    template <class Function>
    static bool find(void* library, const char* name, Function& function)
    {
        function = reinterpret_cast<Function>(dlsym(library, name));
        return function != nullptr;
    }
};

const Nvml& nvmlOf(const std::string& file)
{
    static std::mutex mutex;
    static std::map<std::string, Nvml> opened;
    const std::scoped_lock lock(mutex);
    return opened.try_emplace(file, file).first->second;
}

} // namespace

std::vector<GpuLoad> gpuLoads(const std::string& library)
{
    const Nvml& nvml = nvmlOf(library);
    unsigned int count = 0;
    if (nvml.count == nullptr || nvml.count(&count) != kSuccess) {
        return {};
    }
    std::vector<GpuLoad> loads;
    for (unsigned int i = 0; i < count; ++i) {
        NvmlDevice device = nullptr;
        NvmlMemory memory{};
        NvmlUtilization utilization{};
        if (nvml.handle(i, &device) != kSuccess || nvml.memory(device, &memory) != kSuccess) {
            continue; // One that fell off the bus, or that this user may not ask.
        }
        if (nvml.utilization(device, &utilization) != kSuccess) {
            utilization = {}; // Not told of a part of a card.
        }
        loads.push_back({utilization.gpu / 100.0, memory.used, memory.total});
    }
    return loads;
}

} // namespace bitlathe
