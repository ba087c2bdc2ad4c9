// SPDX-License-Identifier: Apache-2.0
// Python's two ways to put values into a text: "%s" % x and "{}".format(x).
#pragma once

#include "core/text/jinja/interpreter.h"

namespace bitlathe::text::jinja
{

/// values: one value, a tuple of them, or a mapping for %(name)s. Errors: conversions other than s r d i f g x %.
Result<Value> formatPercent(const std::string& pattern, const Value& values, Budget& budget);

/// Places {}, {0}, {name} without attributes, conversions or format specifications.
Result<Value> formatBraces(const std::string& pattern, const Arguments& arguments, Budget& budget);

} // namespace bitlathe::text::jinja
