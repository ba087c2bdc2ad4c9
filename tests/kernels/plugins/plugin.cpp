// SPDX-License-Identifier: Apache-2.0
// A plug-in without CUDA: says what its build was told to say. Its device is the processor with a budget; it can add,
// and fails at rmsNorm.
#include "kernels/cuda/plugin.h"
#include "kernels/cuda/arena.h"

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

struct BitlatheCudaContext
{
    explicit BitlatheCudaContext(std::uint64_t bytes) : arena(bytes), memory(bytes) {}

    bitlathe::cuda::Arena arena;
    std::vector<char> memory;
    std::string failure;
};

namespace
{

std::int32_t statusOf(const BitlatheCudaContext* context)
{
    return context->failure.empty() ? BitlatheCudaDone : BitlatheCudaFailed;
}

/// A device other than the first ends with the status of its number.
std::int32_t open(std::int32_t device, std::uint64_t bytesBudget, BitlatheCudaContext** context, char* reason,
                  std::size_t reasonCapacity)
{
    *context = device == 0 ? new BitlatheCudaContext(bytesBudget) : nullptr;
    std::snprintf(reason, reasonCapacity, "%s", device == 0 ? "" : "so it was told");
    return device;
}

void close(BitlatheCudaContext* context)
{
    delete context;
}

void failure(BitlatheCudaContext* context, char* reason, std::size_t reasonCapacity)
{
    std::snprintf(reason, reasonCapacity, "%s", context->failure.c_str());
}

std::int32_t allocate(BitlatheCudaContext* context, std::uint64_t bytes, void** memory)
{
    const auto offset = context->arena.take(bytes);
    *memory = offset ? context->memory.data() + *offset : nullptr;
    return offset ? BitlatheCudaDone : BitlatheCudaOutOfMemory;
}

void release(BitlatheCudaContext* context, void* memory)
{
    context->arena.giveBack(static_cast<std::uint64_t>(static_cast<char*>(memory) - context->memory.data()));
}

std::int32_t copy(BitlatheCudaContext* context, const void* from, void* to, std::uint64_t bytes)
{
    std::memcpy(to, from, bytes);
    return statusOf(context);
}

std::int32_t wait(BitlatheCudaContext* context)
{
    return statusOf(context);
}

void use(BitlatheCudaContext* context, BitlatheCudaUse* use)
{
    *use = {context->arena.size(), context->arena.used(), context->arena.peak()};
}

std::int32_t add(BitlatheCudaContext* context, float* x, const float* y, std::int64_t count)
{
    for (std::int64_t i = 0; i < count; ++i) {
        x[i] += y[i];
    }
    return statusOf(context);
}

std::int32_t rmsNorm(BitlatheCudaContext* context, const float*, const float*, double, float*, std::int64_t,
                     std::int64_t)
{
    context->failure = "rmsNorm: it is broken";
    return BitlatheCudaFailed;
}

} // namespace

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

extern "C" const BitlatheCudaTable* bitlatheCudaOperations()
{
    static const BitlatheCudaTable table = [] {
        BitlatheCudaTable made = {};
        made.open = open;
        made.close = close;
        made.failure = failure;
        made.allocate = allocate;
        made.release = release;
        made.upload = copy;
        made.download = copy;
        made.copy = copy;
        made.wait = wait;
        made.use = use;
        made.add = add;
        made.rmsNorm = rmsNorm;
        return made;
    }();
    return &table;
}
