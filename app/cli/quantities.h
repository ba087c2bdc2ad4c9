// SPDX-License-Identifier: Apache-2.0
// Quantities as users write them: sizes with units, counts in thousands, shares in per cent.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>

namespace bitlathe::cli
{

// Errors of all: SettingInvalid naming the option.

/// A number above 0.
Result<double> numberFrom(const std::string& option, const std::string& text);
/// "3.9GB" (thousands), "4GiB" (1024s), "512 MB", "1000".
Result<std::uint64_t> bytesFrom(const std::string& option, const std::string& text);
/// The same; of an empty text the memory that is free.
Result<std::uint64_t> memoryFrom(const std::string& option, const std::string& text);
/// "8192", "8k" (8192).
Result<std::int64_t> tokensFrom(const std::string& option, const std::string& text);
/// "1%", "0.5 %"; without a sign per cent, too. As a share: 0.01.
Result<double> shareFrom(const std::string& option, const std::string& text);

} // namespace bitlathe::cli
