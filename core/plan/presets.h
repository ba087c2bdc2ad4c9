// SPDX-License-Identifier: Apache-2.0
// Presets: usual purposes, each as the part of a recipe that says how weights are rounded and stored.
#pragma once

#include "core/plan/recipe.h"

#include <span>
#include <string>

namespace bitlathe::plan
{

struct Preset
{
    std::string id;
    Text name;
    Text purpose; ///< One sentence: for whom, at what price.
    std::string method;
    quant::Scheme scheme;
    quant::Effort effort = quant::Effort::Normal; ///< Of methods that have one.
    std::string format;
    bool doubleQuant = false; ///< Of nf4.
};

std::span<const Preset> presets();

/// The recipe with a preset's method, scheme, effort and format; overrides, which were made for another scheme, go.
/// Model, texts and folders stay.
Recipe withPreset(Recipe recipe, const Preset& preset);

/// The preset that a recipe rounds and stores as; null: none.
const Preset* presetOf(const Recipe& recipe);

} // namespace bitlathe::plan
