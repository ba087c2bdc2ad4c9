// SPDX-License-Identifier: Apache-2.0
// How large the tokenizer files may be that are read.
#pragma once

#include <cstdint>

namespace bitlathe::text
{

inline constexpr std::int64_t kMaxTokens = 4'000'000; ///< Ids are below.
inline constexpr std::int64_t kMaxMerges = 8'000'000;
inline constexpr std::uint64_t kMaxTokenizerBytes = 500'000'000; ///< Of a file.

} // namespace bitlathe::text
