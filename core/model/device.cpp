// SPDX-License-Identifier: Apache-2.0
// Opens devices; why the GPU does not compute, in the words of an error.
#include "core/model/device.h"

#include "kernels/cudabackend.h"

#include <charconv>

namespace bitlathe::model
{

Text whyNoGpu(const kernels::GpuFacts& facts)
{
    switch (facts.absence) {
    case kernels::GpuAbsence::None:
        return Text(BITLATHE_TEXT("%1, but this part of the program computes on the processor only"),
                    facts.devices.front().name);
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

Compute Device::fastestCompute() const
{
    // Every GPU that the plug-in has code for multiplies bf16 in hardware.
    return isProcessor() ? model::fastestCompute() : Compute::Bf16;
}

Result<std::optional<int>> gpuNumberOf(const std::string& name)
{
    constexpr std::string_view kNumbered = "cuda:";
    if (name == "cpu") {
        return std::optional<int>();
    }
    if (name == "cuda" || name == "auto") {
        return std::optional(0);
    }
    int number = -1;
    if (name.starts_with(kNumbered)) {
        const char* end = name.data() + name.size();
        const auto [stop, error] = std::from_chars(name.data() + kNumbered.size(), end, number);
        number = error == std::errc() && stop == end ? number : -1;
    }
    if (number < 0) {
        return fail(ErrorCode::SettingInvalid, "--device", Text(BITLATHE_TEXT("auto, cpu, cuda or cuda:1")),
                    Text(BITLATHE_TEXT("\"%1\""), name));
    }
    return std::optional(number);
}

bool isOnGpu(const DeviceChoice& choice)
{
    return choice.name != "cpu" && kernels::gpus().absence == kernels::GpuAbsence::None;
}

Compute fastestComputeOf(const DeviceChoice& choice)
{
    return isOnGpu(choice) ? Compute::Bf16 : fastestCompute();
}

Result<Device> openDevice(const DeviceChoice& choice)
{
    BITLATHE_TRY(const std::optional<int> number, gpuNumberOf(choice.name));
    if (!number) {
        return Device();
    }
    kernels::OpenedCuda opened =
        kernels::openCuda(kernels::gpuPluginFile(), {.device = *number, .bytesBudget = choice.bytesMemory});
    if (opened.backend) {
        Device device;
        device.backend = std::move(opened.backend);
        device.name = opened.facts.devices.at(static_cast<std::size_t>(*number)).name;
        return device;
    }
    const Text why = whyNoGpu(opened.facts);
    if (choice.name == "auto") {
        Device processor;
        processor.whyNoGpu = why;
        return processor;
    }
    return fail(ErrorCode::NotSupported, "--device " + choice.name, Text(BITLATHE_TEXT("a GPU that computes")), why,
                Text(BITLATHE_TEXT("Leave --device away")));
}

} // namespace bitlathe::model
