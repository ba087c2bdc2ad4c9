// SPDX-License-Identifier: Apache-2.0
// Functions that every template can call.
#pragma once

#include "core/text/jinja/interpreter.h"

namespace bitlathe::text::jinja
{

/// range, namespace, dict, raise_exception, strftime_now.
void addFunctions(Scope& scope);

/// A method of a string, list or mapping, bound to it; undefined where it has none of that name.
Value method(const Value& object, const std::string& name);

} // namespace bitlathe::text::jinja
