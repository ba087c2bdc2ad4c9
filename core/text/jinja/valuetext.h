// SPDX-License-Identifier: Apache-2.0
// Values as text: what a template prints, Python's repr(), JSON.
#pragma once

#include "core/text/jinja/value.h"

namespace bitlathe::text::jinja
{

/// As Python's str(). Errors: functions and namespaces, which have no text.
Result<std::string> toText(const Value& value, Budget& budget);
Result<std::string> toRepresentation(const Value& value, Budget& budget);
/// As Python writes a number with a fraction.
std::string floatText(double value);

/// How tojson writes.
struct JsonStyle
{
    bool asciiOnly = false;
    bool sortKeys = false;
    std::optional<std::string> indent; ///< Of one level; nothing for one line.
    std::string itemSeparator = ", ";
    std::string keySeparator = ": ";
};

/// As Python's json.dumps(). Errors: values that JSON has no word for.
Result<std::string> toJson(const Value& value, const JsonStyle& style, Budget& budget);

} // namespace bitlathe::text::jinja
