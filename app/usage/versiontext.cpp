// SPDX-License-Identifier: Apache-2.0
// What --version tells of a build, and of the machine as far as it decides which code runs.
#include "app/usage/usage.h"
#include "core/base/version.h"
#include "kernels/cpulevel.h"
#include "kernels/gpu.h"

#include <fmt/format.h>

namespace bitlathe::usage
{

std::string versionText(std::string_view program, std::string_view toolkit)
{
    const std::string_view commit = programCommit();
    const std::string plugin = kernels::gpuPluginFile();
    std::string levels;
    for (const kernels::CpuLevel level :
         {kernels::CpuLevel::Reference, kernels::CpuLevel::Avx2, kernels::CpuLevel::Avx512,
          kernels::CpuLevel::Avx512Bf16, kernels::CpuLevel::Amx}) {
        levels += fmt::format("{}{}", levels.empty() ? "" : ", ", kernels::cpuLevelName(level));
    }
    return fmt::format("{} {}\nbuild: {}, GCC {}{}{}\ncommit: {}\nprocessor levels: {}\n"
                       "processor level: {} of {}\nCUDA plug-in: {}\n",
                       program, programVersion(), buildType(), __VERSION__, toolkit.empty() ? "" : ", ", toolkit,
                       commit.empty() ? "not recorded" : commit, levels, kernels::cpuLevelName(kernels::cpuLevel()),
                       kernels::cpuLevelName(kernels::detectedCpuLevel()), plugin.empty() ? "not installed" : plugin);
}

} // namespace bitlathe::usage
