// SPDX-License-Identifier: Apache-2.0
// MethodSetting: a setting of one method as a form shows it, so that no form needs to know methods.
#pragma once

#include "core/quant/methodoptions.h"

#include <string_view>
#include <vector>

namespace bitlathe::quant
{

/// One field of MethodOptions. To a form every value is a number: the place of a choice, 0 or 1 of a flag.
struct MethodSetting
{
    enum class Kind { Choice, Flag, Integer, Share };

    Kind kind = Kind::Flag;
    std::string_view key;   ///< As recipes call it: "damp_percent".
    std::string_view title; ///< Few words.
    std::string_view help;  ///< What it does, in a sentence.
    double (*get)(const MethodOptions& options) = nullptr;
    void (*set)(MethodOptions& options, double value) = nullptr;
    std::vector<std::string_view> choices = {}; ///< Of a Choice, in order.
    double low = 0;                             ///< Of a number, as high.
    double high = 1;
    double step = 1;
    std::string_view lowest = {}; ///< What the lowest number means, where it is no number: "searched".
};

} // namespace bitlathe::quant
