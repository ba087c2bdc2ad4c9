// SPDX-License-Identifier: Apache-2.0
// Detection of the processor's instruction sets and the choice of a level.
#include "kernels/cpulevel.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>

#if defined(__x86_64__)
#    include <cpuid.h>
#    include <sys/syscall.h>
#    include <unistd.h>
#endif

namespace bitlathe::kernels
{

namespace
{

struct NamedLevel
{
    CpuLevel level;
    std::string_view name;
};

constexpr std::array kLevels{NamedLevel{CpuLevel::Reference, "reference"}, NamedLevel{CpuLevel::Avx2, "avx2"},
                             NamedLevel{CpuLevel::Avx512, "avx512"}, NamedLevel{CpuLevel::Avx512Bf16, "avx512bf16"},
                             NamedLevel{CpuLevel::Amx, "amx"}};

#if defined(__x86_64__)

struct Registers
{
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
};

/// What CPUID says of a leaf; zeros where the processor has no such leaf.
Registers cpuid(unsigned leaf)
{
    Registers said;
    if (__get_cpuid_count(leaf, 0, &said.eax, &said.ebx, &said.ecx, &said.edx) == 0) {
        return {};
    }
    return said;
}

/// AMX tiles: bf16 and int8 there (CPUID leaf 7), and the kernel grants the tile state to this process.
bool amxUsable()
{
    constexpr unsigned kAmxBf16 = 1U << 22U;
    constexpr unsigned kAmxTile = 1U << 24U;
    constexpr unsigned kAmxInt8 = 1U << 25U;
    constexpr unsigned kAll = kAmxBf16 | kAmxTile | kAmxInt8;
    if ((cpuid(7).edx & kAll) != kAll) {
        return false;
    }
    constexpr long kArchRequestPermission = 0x1023;
    constexpr long kTileData = 18;
    return syscall(SYS_arch_prctl, kArchRequestPermission, kTileData) == 0;
}

/// Clang 14 cannot be asked for it by name.
bool hasF16c()
{
    constexpr unsigned kF16c = 1U << 29U;
    return (cpuid(1).ecx & kF16c) != 0;
}

CpuLevel detect()
{
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !hasF16c()) {
        return CpuLevel::Reference;
    }
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vnni");
    if (!avx512) {
        return CpuLevel::Avx2;
    }
    if (!__builtin_cpu_supports("avx512bf16")) {
        return CpuLevel::Avx512;
    }
    return amxUsable() ? CpuLevel::Amx : CpuLevel::Avx512Bf16;
}

#else

CpuLevel detect()
{
    return CpuLevel::Reference;
}

#endif

CpuLevel initialLevel()
{
    // Read once, before any numeric loop runs.
    const char* wanted = std::getenv("BITLATHE_CPU_LEVEL"); // NOLINT(concurrency-mt-unsafe)
    const auto level = wanted != nullptr ? cpuLevelFromName(wanted) : std::nullopt;
    return std::min(level.value_or(CpuLevel::Amx), detectedCpuLevel());
}

std::atomic<CpuLevel>& levelSlot()
{
    static std::atomic<CpuLevel> level{initialLevel()};
    return level;
}

} // namespace

std::string_view cpuLevelName(CpuLevel level)
{
    return std::ranges::find(kLevels, level, &NamedLevel::level)->name;
}

std::optional<CpuLevel> cpuLevelFromName(std::string_view name)
{
    const auto* const found = std::ranges::find(kLevels, name, &NamedLevel::name);
    return found != kLevels.end() ? std::optional(found->level) : std::nullopt;
}

CpuLevel detectedCpuLevel()
{
    static const CpuLevel level = detect();
    return level;
}

CpuLevel cpuLevel()
{
    return levelSlot().load(std::memory_order_relaxed);
}

void setCpuLevel(CpuLevel level)
{
    levelSlot().store(std::min(level, detectedCpuLevel()), std::memory_order_relaxed);
}

} // namespace bitlathe::kernels
