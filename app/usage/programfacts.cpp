// SPDX-License-Identifier: Apache-2.0
// What both programs have in common: the variables they heed and the folders they keep things in.
#include "app/usage/programfacts.h"

namespace bitlathe::usage
{

SectionFacts commonEnvironment()
{
    return {"ENVIRONMENT",
            {{"BITLATHE_RESOURCES",
              "The folder with the demo model and the schemas, instead of share/bitlathe beside the program."},
             {"BITLATHE_DATA", "The folder in which text sets are looked for by name."},
             {"BITLATHE_CUDA_PLUGIN", "The file of the CUDA plug-in, instead of the installed one."},
             {"BITLATHE_CPU_LEVEL", "The highest instruction set to use: reference, avx2, avx512, avx512bf16 or amx."},
             {"XDG_DATA_HOME, XDG_CACHE_HOME, XDG_CONFIG_HOME", "Where history, cache and settings lie."}}};
}

SectionFacts commonFiles()
{
    return {"FILES",
            {{"~/.local/share/bitlathe", "The history of runs."},
             {"~/.cache/bitlathe", "What is kept to not be computed again."},
             {"~/.config/bitlathe", "Settings."}}};
}

} // namespace bitlathe::usage
