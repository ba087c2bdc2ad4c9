// SPDX-License-Identifier: Apache-2.0
// What the program and the CUDA plug-in say to each other: plain C, so that either may be of another compiler.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

/// Counts up with every change of this file; a plug-in of another number is not used.
#define BITLATHE_CUDA_INTERFACE 1

/// One device as its driver describes it.
struct BitlatheCudaDevice
{
    char name[256];           ///< Ends with a zero byte.
    std::uint64_t bytesTotal; ///< Memory of the device.
    std::int32_t major;       ///< Compute capability.
    std::int32_t minor;
    std::int32_t multiprocessors;
};

/// BITLATHE_CUDA_INTERFACE as the plug-in was built with.
using BitlatheCudaInterface = std::int32_t (*)();

/// Fills at most capacity devices and returns how many there are; negative: none can be used, and reason says why in
/// English (at most reasonCapacity bytes with the zero byte).
using BitlatheCudaDevices = std::int32_t (*)(BitlatheCudaDevice* devices, std::int32_t capacity, char* reason,
                                             std::size_t reasonCapacity);

// Names of the functions in the library.
#define BITLATHE_CUDA_INTERFACE_NAME "bitlatheCudaInterface"
#define BITLATHE_CUDA_DEVICES_NAME "bitlatheCudaDevices"
}
