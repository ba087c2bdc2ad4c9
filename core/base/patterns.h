// SPDX-License-Identifier: Apache-2.0
// What a regular expression from a file is checked for before the library sees it.
#pragma once

#include <string_view>

namespace bitlathe
{

/// Whether digits follow one another so often that the regex library would count past its integers. No name of a layer
/// and no repetition of one needs such numbers.
inline bool hasHugeNumber(std::string_view pattern)
{
    constexpr int kDigitsMost = 6;
    int digits = 0;
    for (const char c : pattern) {
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        if (digits > kDigitsMost) {
            return true;
        }
    }
    return false;
}

} // namespace bitlathe
