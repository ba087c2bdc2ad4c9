// SPDX-License-Identifier: Apache-2.0
// Device: what computes, and why it is not the GPU.
#pragma once

#include "core/base/result.h"
#include "core/model/linear.h"
#include "kernels/backend.h"
#include "kernels/gpu.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace bitlathe::model
{

/// What was found instead of a GPU that computes, as part of a sentence: "no CUDA plug-in beside the program".
Text whyNoGpu(const kernels::GpuFacts& facts);

/// What computes.
struct Device
{
    std::shared_ptr<const kernels::Backend> backend; ///< Null: the processor.
    std::string name = "cpu";                        ///< "cpu", or as the driver names the card.
    std::optional<Text> whyNoGpu;                    ///< Where a GPU was to be used if there is one, and is not.

    /// The fastest arithmetic there.
    Compute fastestCompute() const;
    bool isProcessor() const { return backend == nullptr; }
    /// Bytes of its memory that were ever in use at once; 0 for the processor.
    std::uint64_t bytesPeak() const { return backend ? backend->memory().use().bytesPeak : 0; }
};

/// A device as it is asked for.
struct DeviceChoice
{
    std::string name = "cpu"; ///< cpu; cuda or cuda:0, the first GPU, cuda:1 and so on; auto: a GPU if there is one.
    std::uint64_t bytesMemory = 0; ///< Of a GPU's memory, at most; 0: nine tenths of what is free.

    bool operator==(const DeviceChoice&) const = default;
};

/// The number of the GPU that a name asks for, 0 for auto; nothing: the processor. Errors: SettingInvalid.
Result<std::optional<int>> gpuNumberOf(const std::string& name);

/// Whether openDevice() would open a GPU, as far as the driver tells. May ask it, which takes up to a second the first
/// time.
bool isOnGpu(const DeviceChoice& choice);

/// The fastest arithmetic of what openDevice() would open. May ask a driver, which takes up to a second the first time.
Compute fastestComputeOf(const DeviceChoice& choice);

/// Errors: SettingInvalid (no such name), NotSupported (a GPU that was asked for by name is not there, or its memory is
/// less than operations need).
Result<Device> openDevice(const DeviceChoice& choice);

} // namespace bitlathe::model
