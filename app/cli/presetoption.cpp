// SPDX-License-Identifier: Apache-2.0
// --preset: a usual purpose instead of single options.
#include "app/cli/presetoption.h"

#include "core/plan/presets.h"

#include <algorithm>

namespace bitlathe::cli
{

void addPresetOption(CLI::App& command, RecipeOptions& options)
{
    std::vector<std::string> ids;
    std::ranges::transform(plan::presets(), std::back_inserter(ids), &plan::Preset::id);
    command
        .add_option("--preset", options.preset,
                    "Method, bits, groups, effort and format for a purpose; options that are given override it")
        ->check(CLI::IsMember(ids))
        ->group("Scheme");
}

bool applyPreset(const CLI::App& command, RecipeOptions& options)
{
    const auto preset = std::ranges::find(plan::presets(), options.preset, &plan::Preset::id);
    if (preset == plan::presets().end()) {
        return false;
    }
    const auto isGiven = [&command](const char* name) { return command.get_option(name)->count() > 0; };
    const auto set = [&isGiven](const char* name, auto& value, const auto& ofPreset) {
        if (!isGiven(name)) {
            value = ofPreset;
        }
    };
    const quant::Scheme& scheme = preset->scheme;
    set("--method", options.method, preset->method);
    set("--bits", options.bits, quant::bitsText(scheme));
    set("--group-size", options.groupSize, quant::groupSizeText(scheme.groupSize));
    set("--activation-bits", options.activationBits, scheme.activationBits);
    if (!isGiven("--symmetric")) {
        set("--asymmetric", options.asymmetric, !scheme.symmetric);
    }
    set("--double-quant", options.bitsAndBytes.doubleQuant, preset->doubleQuant);
    set("--effort", options.effort, std::string(quant::effortName(preset->effort)));
    options.gptq.effort = options.awq.effort = preset->effort;
    set("--format", options.format, preset->format);
    return true;
}

} // namespace bitlathe::cli
