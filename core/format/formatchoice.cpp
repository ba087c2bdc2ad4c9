// SPDX-License-Identifier: Apache-2.0
// FormatChoice: a format that holds a scheme.
#include "core/format/formatchoice.h"

#include <algorithm>

namespace bitlathe::format
{

std::string formatHolding(const quant::Scheme& scheme, const std::string& preferred)
{
    constexpr std::int64_t kSide = 4096;
    model::LinearSpec linear;
    linear.outFeatures = kSide;
    linear.inFeatures = kSide;
    const auto holds = [&](const Format* format) { return format->check(scheme, linear).has_value(); };
    if (const auto format = findFormat(preferred); format && holds(*format)) {
        return preferred;
    }
    const auto first = std::ranges::find_if(formats(), holds);
    return first == formats().end() ? preferred : std::string((*first)->name());
}

} // namespace bitlathe::format
