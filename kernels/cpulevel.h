// SPDX-License-Identifier: Apache-2.0
// What the processor can do, and which level the fast paths use.
#pragma once

#include <optional>
#include <string_view>

namespace bitlathe::kernels
{

/// Instruction set levels; each includes those before it.
enum class CpuLevel { Reference, Avx2, Avx512, Avx512Bf16, Amx };

std::string_view cpuLevelName(CpuLevel level);
std::optional<CpuLevel> cpuLevelFromName(std::string_view name);

CpuLevel detectedCpuLevel();
/// The level in use: the detected one, or a lower one set by setCpuLevel or the environment variable BITLATHE_CPU_LEVEL.
CpuLevel cpuLevel();
/// Lowers the level in use, for tests and comparisons; a level above the detected one is clamped to it.
void setCpuLevel(CpuLevel level);

} // namespace bitlathe::kernels
