// SPDX-License-Identifier: Apache-2.0
// Presets: what docs/performance.md measured to be good for each purpose.
#include "core/plan/presets.h"

#include "core/quant/quantizer.h"

#include <algorithm>
#include <array>

namespace bitlathe::plan
{

namespace
{

quant::Scheme uniform(int bits, std::int64_t groupSize, bool symmetric)
{
    quant::Scheme scheme;
    scheme.bits = bits;
    scheme.groupSize = groupSize;
    scheme.symmetric = symmetric;
    return scheme;
}

quant::Scheme usual(const char* method)
{
    return (*quant::findQuantizer(method))->usualScheme();
}

} // namespace

std::span<const Preset> presets()
{
    static const std::array kPresets{
        Preset{"balanced", Text(BITLATHE_TEXT("4 bits for servers")),
               Text(BITLATHE_TEXT(
                   "GPTQ in groups of 128: a quarter of the size, minutes to make, loaded by most servers")),
               "gptq", uniform(4, 128, true), quant::Effort::Normal, "gptq"},
        Preset{"best-4-bit", Text(BITLATHE_TEXT("Best 4 bits")),
               Text(BITLATHE_TEXT("AWQ in groups of 64 with the best effort: loses least at 4 bits, takes longest")),
               "awq", uniform(4, 64, false), quant::Effort::Best, "awq"},
        Preset{"small", Text(BITLATHE_TEXT("As small as useful")),
               Text(BITLATHE_TEXT(
                   "GPTQ with 3 bits in groups of 64 and the best effort: for memory that does not hold 4")),
               "gptq", uniform(3, 64, true), quant::Effort::Best, "gptq"},
        Preset{"quick", Text(BITLATHE_TEXT("Quick look")),
               Text(BITLATHE_TEXT("Rounding to nearest with 4 bits in groups of 64: no text, seconds to make")), "rtn",
               uniform(4, 64, true), quant::Effort::Normal, "compressed-tensors"},
        Preset{"8-bit", Text(BITLATHE_TEXT("Close to the original")),
               Text(BITLATHE_TEXT("Rounding to nearest with 8 bits: half the size, hardly a loss")), "rtn",
               uniform(8, 128, true), quant::Effort::Normal, "compressed-tensors"},
        Preset{"w8a8", Text(BITLATHE_TEXT("8 bits for throughput")),
               Text(BITLATHE_TEXT("SmoothQuant: weights and activations in 8 bits, for servers with many requests")),
               "smoothquant", usual("smoothquant"), quant::Effort::Normal, "compressed-tensors-int8"},
        Preset{"fine-tuning", Text(BITLATHE_TEXT("Fine-tuning on one card")),
               Text(BITLATHE_TEXT("NF4 with double quantization, as QLoRA takes it")), "nf4", usual("nf4"),
               quant::Effort::Normal, "bitsandbytes", true},
    };
    return kPresets;
}

Recipe withPreset(Recipe recipe, const Preset& preset)
{
    recipe.method = preset.method;
    recipe.scheme = preset.scheme;
    recipe.overrides.clear();
    recipe.options.gptq.effort = recipe.options.awq.effort = preset.effort;
    recipe.options.bitsAndBytes.doubleQuant = preset.doubleQuant;
    recipe.exportTo.format = preset.format;
    return recipe;
}

const Preset* presetOf(const Recipe& recipe)
{
    const auto found =
        std::ranges::find_if(presets(), [&](const Preset& preset) { return withPreset(recipe, preset) == recipe; });
    return found == presets().end() ? nullptr : &*found;
}

} // namespace bitlathe::plan
