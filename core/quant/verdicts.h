// SPDX-License-Identifier: Apache-2.0
// Verdicts: from which value on a number is fine, worth a look, or bad, and why there.
#pragma once

#include "core/base/result.h"

#include <array>
#include <string>
#include <string_view>

namespace bitlathe::quant
{

enum class Verdict { Fine, Watch, Bad };

/// "fine", "watch", "bad".
std::string_view verdictName(Verdict verdict);

enum class Measure {
    RelativeError,    ///< Of a layer's output, as a share of its energy.
    Saturated,        ///< Share of codes at the ends of the range, from 4 bits on.
    ExcessPerplexity, ///< Perplexity / the base's - 1.
    KlMean,           ///< Nats.
    SameTop,          ///< Share of tokens; more is better.
};
constexpr int kMeasures = 5;

/// "relative_error", "saturated", "excess_perplexity", "kl_mean", "same_top".
std::string_view measureName(Measure measure);

struct Threshold
{
    double fine = 0;  ///< Fine below it; of SameTop: from it on.
    double watch = 0; ///< Bad from it on; of SameTop: below it.
    Text reason;      ///< What values are usual. Its sentence is that of the table.
};

/// By Measure.
using Thresholds = std::array<Threshold, kMeasures>;

/// From JSON as in resources/verdicts.json. Errors: FileInvalid naming subject and place, also where a measure is
/// missing or its limits are in the wrong order.
Result<Thresholds> parseThresholds(std::string_view text, const std::string& subject);
/// The built-in one.
const Threshold& threshold(Measure measure);

Verdict verdict(Measure measure, double value);
/// Of a layer's relative error.
Verdict verdict(double relativeError);

/// Text of resources/verdicts.json.
std::string_view verdictData();

} // namespace bitlathe::quant
