// SPDX-License-Identifier: Apache-2.0
// CudaBackend: the peer of the CPU backend that computes on an NVIDIA GPU through the plug-in.
#pragma once

#include "kernels/backend.h"
#include "kernels/gpu.h"

#include <cstdint>
#include <memory>
#include <string>

namespace bitlathe::kernels
{

struct CudaOptions
{
    int device = 0; ///< Of GpuFacts::devices.
    /// Of all values and weights that the backend ever holds, taken at once; the driver's own memory, some hundred MB,
    /// comes on top. 0: nine tenths of what is free.
    std::uint64_t bytesBudget = 0;
};

struct OpenedCuda
{
    std::unique_ptr<const Backend> backend; ///< Null: not opened, and facts say why.
    GpuFacts facts;
};

/// Opens a device through a plug-in file. Its Memory is the device's. Operations are queued: an operation that fails is
/// found by Memory::wait() or download(), and what follows it is not computed. Where the backend differs from others:
/// - gemm and attention of few rows sum in another order than those of many, so a row's last bits depend on how many
/// rows
///   there are. The same call gives the same bytes.
/// - attention of few queries computes in f32 whatever the precision.
/// - packed weights are multiplied as codes with Precision::Bf16 only, and may be rounded to bf16 then
///   (kToleranceRoundedWeight); with F32 they are widened.
/// - prepare and preparePacked give null where the budget does not hold the weights.
OpenedCuda openCuda(const std::string& pluginFile, const CudaOptions& options = {});

} // namespace bitlathe::kernels
