// SPDX-License-Identifier: Apache-2.0
// Regular expressions of tokenizers, which are written for Oniguruma, put into words of PCRE2.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

namespace bitlathe::text
{

/// The same pattern for PCRE2: \s and \w of Oniguruma, nested classes, \uHHHH, scripts by their own characters.
/// Errors: NotSupported for intersections (&&) and negated classes inside a class, naming the pattern.
Result<std::string> patternForPcre(std::string_view pattern, const std::string& subject);

} // namespace bitlathe::text
