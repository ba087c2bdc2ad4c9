// SPDX-License-Identifier: Apache-2.0
// The list of families.
#include "core/model/families/family.h"

#include <array>

namespace bitlathe::model
{

namespace
{

constexpr std::array kFamilies{
    Family{"llama", readLlama},
    Family{"mistral", readMistral},
    Family{"mixtral", readMixtral},
    Family{"qwen", readQwen},
    Family{"qwen2", readQwen2},
    Family{"qwen3", readQwen3},
    Family{"qwen3_moe", readQwen3Moe},
    Family{"phi3", readPhi3},
    Family{"gemma2", readGemma2},
    Family{"gemma3_text", readGemma3},
    Family{"gemma3", readGemma3Parts},
    Family{"gpt2", readGpt2},
    Family{"gpt_neox", readGptNeoX},
    Family{"opt", readOpt},
    Family{"minicpm", readMiniCpm},
    Family{"internlm", readInternLm},
    Family{"internlm2", readInternLm2},
};

} // namespace

std::span<const Family> families()
{
    return kFamilies;
}

} // namespace bitlathe::model
