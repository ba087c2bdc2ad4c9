// SPDX-License-Identifier: Apache-2.0
// Operators, with Python's meaning.
#pragma once

#include "core/text/jinja/interpreter.h"

namespace bitlathe::text::jinja
{

/// + - * / // % **. Errors: operands of other kinds, division by 0, integers past 64 bits.
Result<Value> calculate(const std::string& operation, const Value& left, const Value& right, Budget& budget);
Result<Value> negated(const Value& value, Budget& budget);

/// == != < <= > >= in, not in.
Result<bool> compareBy(const std::string& operation, const Value& left, const Value& right, Interpreter& interpreter);
Result<bool> contains(const Value& container, const Value& value, Interpreter& interpreter);

/// The entry or character at a place, from the end where negative; undefined where there is none.
Result<Value> entryAt(const Value& object, std::int64_t place, Budget& budget);
Result<Value> sliceOf(const Value& object, std::optional<std::int64_t> start, std::optional<std::int64_t> stop,
                      std::optional<std::int64_t> step, Budget& budget);

} // namespace bitlathe::text::jinja
