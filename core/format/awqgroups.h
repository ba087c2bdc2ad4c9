// SPDX-License-Identifier: Apache-2.0
// AwqGroups: how many groups the matrix-vector layouts of AWQ make room for.
#pragma once

#include "core/base/size.h"

#include <cstdint>
#include <vector>

namespace bitlathe::format
{

/// The group sizes for which their padding is defined.
inline const std::vector<std::int64_t> kPaddedGroupSizes{32, 64, 128};

/// Groups of a row with the padding: words of eight, in multiples of 1, 2 or 4 words for groups of 128, 64 or 32.
constexpr std::int64_t paddedGroups(std::int64_t inputs, std::int64_t groupSize)
{
    constexpr std::int64_t kCodesPerWord = 8;
    const std::int64_t multiple = groupSize >= 128 ? 1 : groupSize == 64 ? 2 : 4;
    const std::int64_t words = ceilDivide(inputs / groupSize, kCodesPerWord);
    return ceilDivide(words, multiple) * multiple * kCodesPerWord;
}

} // namespace bitlathe::format
