// SPDX-License-Identifier: Apache-2.0
// Opens the CUDA plug-in and reads its list of devices.
#include "kernels/gpu.h"

#include "kernels/plugindoor.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include <dlfcn.h>

namespace bitlathe::kernels
{

namespace
{

constexpr int kMaxDevices = 64;
constexpr const char* kPluginName = "libbitlathe_cuda.so";

/// What the loader has to say about the last failure.
std::string loaderMessage()
{
    const char* message = dlerror();
    return message != nullptr ? message : "";
}

template <typename Function>
Function functionOf(void* library, const char* name)
{
    return reinterpret_cast<Function>(dlsym(library, name));
}

GpuDevice deviceOf(const BitlatheCudaDevice& device)
{
    const auto* end = std::find(std::begin(device.name), std::end(device.name), '\0');
    return {std::string(std::begin(device.name), end), device.bytesTotal, device.major, device.minor,
            device.multiprocessors};
}

} // namespace

PluginDoor openPlugin(const std::string& file)
{
    const auto without = [](GpuAbsence absence, std::string detail) {
        return PluginDoor{nullptr, {{}, absence, std::move(detail)}};
    };
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        return without(GpuAbsence::PluginBroken, loaderMessage());
    }
    const auto interface = functionOf<BitlatheCudaInterface>(library, BITLATHE_CUDA_INTERFACE_NAME);
    if (interface == nullptr) {
        return without(GpuAbsence::PluginBroken, loaderMessage());
    }
    if (interface() != BITLATHE_CUDA_INTERFACE) {
        return without(GpuAbsence::OtherVersion, {});
    }
    const auto list = functionOf<BitlatheCudaDevices>(library, BITLATHE_CUDA_DEVICES_NAME);
    const auto operations = functionOf<BitlatheCudaOperations>(library, BITLATHE_CUDA_OPERATIONS_NAME);
    if (list == nullptr || operations == nullptr) {
        return without(GpuAbsence::PluginBroken, loaderMessage());
    }
    std::array<BitlatheCudaDevice, kMaxDevices> devices = {};
    std::array<char, 512> reason = {};
    const int count = std::min(list(devices.data(), kMaxDevices, reason.data(), reason.size()), kMaxDevices);
    if (count <= 0) {
        reason.back() = '\0';
        return without(GpuAbsence::NoDevice, reason.data());
    }
    PluginDoor door{operations(), {{}, GpuAbsence::None, {}}};
    for (int i = 0; i < count; ++i) {
        door.facts.devices.push_back(deviceOf(devices[static_cast<std::size_t>(i)]));
    }
    return door;
}

GpuFacts gpusOfPlugin(const std::string& file)
{
    return openPlugin(file).facts;
}

std::string gpuPluginFile()
{
    if (const char* named = std::getenv("BITLATHE_CUDA_PLUGIN"); named != nullptr && *named != '\0') {
        return named;
    }
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    for (const auto& folder : {program, program.parent_path() / "lib" / "bitlathe"}) {
        if (!error && std::filesystem::exists(folder / kPluginName, error)) {
            return (folder / kPluginName).string();
        }
    }
    return {};
}

const GpuFacts& gpus()
{
    static const GpuFacts facts = [] {
        const std::string file = gpuPluginFile();
        return file.empty() ? GpuFacts{} : gpusOfPlugin(file);
    }();
    return facts;
}

} // namespace bitlathe::kernels
