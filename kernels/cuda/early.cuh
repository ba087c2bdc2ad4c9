// SPDX-License-Identifier: Apache-2.0
// Kernels that are brought to the multiprocessors while what stands before them in the queue still runs: between small
// kernels the way there takes as long as their work.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>

namespace bitlathe::cuda
{

/// What follows in the queue may begin to start, as far as it needs nothing from here; and waits until what came before
/// has ended. Every thread of a kernel of launchEarly() calls it before it touches what others of the queue touch.
__device__ inline void waitForPrevious()
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.launch_dependents;\n\tgriddepcontrol.wait;" ::: "memory");
#endif
}

struct EarlyLaunch
{
    dim3 grid;
    dim3 block;
    std::size_t sharedBytes = 0;
    cudaStream_t stream = nullptr;
    bool early = false; ///< Devices before compute capability 9.0 know no such thing.
};

template <typename... Parameters, typename... Arguments>
cudaError_t launchEarly(const EarlyLaunch& launch, void (*kernel)(Parameters...), const Arguments&... arguments)
{
    cudaLaunchAttribute attribute = {};
    attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attribute.val.programmaticStreamSerializationAllowed = 1;
    cudaLaunchConfig_t config = {};
    config.gridDim = launch.grid;
    config.blockDim = launch.block;
    config.dynamicSmemBytes = launch.sharedBytes;
    config.stream = launch.stream;
    config.attrs = &attribute;
    config.numAttrs = launch.early ? 1 : 0;
    return cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...);
}

} // namespace bitlathe::cuda
