// SPDX-License-Identifier: Apache-2.0
// Tests by name: what may follow "is".
#pragma once

#include "core/text/jinja/interpreter.h"

namespace bitlathe::text::jinja
{

/// Errors: NotSupported, naming the test.
Result<bool> applyTest(Interpreter& interpreter, const std::string& name, const Value& input, Arguments arguments);

} // namespace bitlathe::text::jinja
