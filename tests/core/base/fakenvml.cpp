// SPDX-License-Identifier: Apache-2.0
// A management library with three GPUs: one busy, one that may not be asked, one of which no utilization is told.
#include <cstdint>

namespace
{

struct Memory
{
    unsigned long long total;
    unsigned long long free;
    unsigned long long used;
};

struct Utilization
{
    unsigned int gpu;
    unsigned int memory;
};

constexpr int kNotSupported = 3;
constexpr int kNoPermission = 4;
bool g_begun = false;

} // namespace

extern "C" {

int nvmlInit_v2()
{
    g_begun = true;
    return 0;
}

int nvmlDeviceGetCount_v2(unsigned int* count)
{
    *count = 3;
    return g_begun ? 0 : 1;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void** device)
{
    *device = reinterpret_cast<void*>(static_cast<std::uintptr_t>(index + 1));
    return index == 1 ? kNoPermission : 0;
}

int nvmlDeviceGetMemoryInfo(void* device, Memory* memory)
{
    const auto number = static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(device));
    *memory = {number * 1000, number * 900, number * 100};
    return 0;
}

int nvmlDeviceGetUtilizationRates(void* device, Utilization* utilization)
{
    *utilization = {75, 40};
    return reinterpret_cast<std::uintptr_t>(device) == 1 ? 0 : kNotSupported;
}
}
