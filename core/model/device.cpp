// SPDX-License-Identifier: Apache-2.0
// Why the GPU does not compute, in the words of an error.
#include "core/model/device.h"

namespace bitlathe::model
{

Text whyNoGpu(const kernels::GpuFacts& facts)
{
    switch (facts.absence) {
    case kernels::GpuAbsence::None:
        return Text(BITLATHE_TEXT("%1, but this version computes on the processor only"), facts.devices.front().name);
    case kernels::GpuAbsence::NoPlugin: return Text(BITLATHE_TEXT("no CUDA plug-in beside the program"));
    case kernels::GpuAbsence::PluginBroken:
        return Text(BITLATHE_TEXT("a CUDA plug-in that does not open (%1)"), facts.detail);
    case kernels::GpuAbsence::OtherVersion:
        return Text(BITLATHE_TEXT("a CUDA plug-in of another version of the program"));
    case kernels::GpuAbsence::NoDevice: return Text(BITLATHE_TEXT("no GPU that can be used (%1)"), facts.detail);
    case kernels::GpuAbsence::TooOld: return Text(BITLATHE_TEXT("a GPU that is too old (%1)"), facts.detail);
    case kernels::GpuAbsence::BudgetTooSmall:
        return Text(BITLATHE_TEXT("too little memory of the GPU (%1)"), facts.detail);
    case kernels::GpuAbsence::LibraryMissing:
        return Text(BITLATHE_TEXT("a CUDA plug-in that misses a library (%1)"), facts.detail);
    case kernels::GpuAbsence::OpenFailed: return Text(BITLATHE_TEXT("a GPU that does not start (%1)"), facts.detail);
    }
    return {};
}

} // namespace bitlathe::model
