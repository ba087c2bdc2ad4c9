// SPDX-License-Identifier: Apache-2.0
// Which GPUs there are: asked of the CUDA plug-in, which is opened at run time and may be missing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bitlathe::kernels
{

struct GpuDevice
{
    std::string name;
    std::uint64_t bytesTotal = 0;
    int major = 0; ///< Compute capability.
    int minor = 0;
    int multiprocessors = 0;
};

/// Why there is no device, from the outside in.
enum class GpuAbsence {
    None,           ///< There is one.
    NoPlugin,       ///< The plug-in is not installed.
    PluginBroken,   ///< It does not open; detail says why.
    OtherVersion,   ///< It is of another version of the program.
    NoDevice,       ///< No driver, or no device that it can use; detail says which.
    TooOld,         ///< The device that was asked for is older than what the plug-in has code for; detail says what.
    BudgetTooSmall, ///< The memory granted or left is less than operations need; detail gives both.
    LibraryMissing, ///< A library that the plug-in computes with does not open; detail names it.
    OpenFailed,     ///< The device does not start; detail is the driver's word.
};

struct GpuFacts
{
    std::vector<GpuDevice> devices;
    GpuAbsence absence = GpuAbsence::NoPlugin;
    std::string detail; ///< In English, as the loader or the driver says it.
};

/// What one plug-in file finds. Opens it for good: a driver does not like being closed.
GpuFacts gpusOfPlugin(const std::string& file);

/// The plug-in's file: BITLATHE_CUDA_PLUGIN where it is set, else libbitlathe_cuda.so beside the program or in
/// ../lib/bitlathe; empty where there is none.
std::string gpuPluginFile();

/// The GPUs of this machine, asked once. Any thread; the first call may take a second where there is a driver.
const GpuFacts& gpus();

} // namespace bitlathe::kernels
