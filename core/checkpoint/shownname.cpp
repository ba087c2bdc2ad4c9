// SPDX-License-Identifier: Apache-2.0
// shownName: a name out of a binary file as part of a sentence.
#include "core/checkpoint/shownname.h"

namespace bitlathe::checkpoint
{

std::string shownName(std::string_view name)
{
    constexpr std::size_t kMax = 120;
    std::string text;
    for (const char c : name.substr(0, kMax)) {
        text += c >= ' ' && c <= '~' ? c : '?';
    }
    return name.size() <= kMax ? text : text + "...";
}

} // namespace bitlathe::checkpoint
