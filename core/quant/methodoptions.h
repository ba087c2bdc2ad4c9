// SPDX-License-Identifier: Apache-2.0
// MethodOptions: settings that only one method has, as data.
#pragma once

#include <cstdint>
#include <string_view>

namespace bitlathe::quant
{

/// How long a method may look for a better result; each level takes a small multiple of the time of the one before.
enum class Effort { Fast, Normal, Best };

/// "fast", "normal", "best".
constexpr std::string_view effortName(Effort effort)
{
    switch (effort) {
    case Effort::Fast: return "fast";
    case Effort::Normal: return "normal";
    case Effort::Best: return "best";
    }
    return "";
}

struct GptqOptions
{
    double damping = 0.01;        ///< Added to the Hessian's diagonal, as a share of its mean. 0 ... 1, not 0.
    double dampingStep = 0.01;    ///< Added to damping where the factorization fails, twice as much each time again.
    bool staticGroups = false;    ///< Scales from the original weights, so that any column order keeps groups in place.
    std::int64_t blockSize = 128; ///< Columns swept before the others learn of their errors. Changes nothing but speed.
    Effort effort = Effort::Normal;

    bool operator==(const GptqOptions&) const = default;
};

struct MethodOptions
{
    GptqOptions gptq;

    bool operator==(const MethodOptions&) const = default;
};

} // namespace bitlathe::quant
