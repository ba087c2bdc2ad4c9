// SPDX-License-Identifier: Apache-2.0
// Arguments of functions, filters and methods, by the names of their parameters.
#pragma once

#include "core/text/jinja/interpreter.h"

namespace bitlathe::text::jinja
{

/// Arguments in the order of the parameters.
class Bound
{
public:
    /// parameters: names with commas between them. Errors: too many arguments, unknown names.
    static Result<Bound> bind(const std::string& callee, std::string_view parameters, Arguments arguments,
                              Interpreter& interpreter);

    bool has(std::size_t place) const { return m_values[place].has_value(); }
    Value get(std::size_t place, Value otherwise = Value(None())) const
    {
        return m_values[place].value_or(std::move(otherwise));
    }
    bool flag(std::size_t place, bool otherwise = false) const
    {
        return m_values[place] ? m_values[place]->truth() : otherwise;
    }
    /// Errors: another kind of value.
    Result<std::string> text(std::size_t place, std::string_view otherwise = {}) const;
    Result<std::int64_t> integer(std::size_t place, std::int64_t otherwise) const;

private:
    Bound(const std::string& callee, Budget& budget) : m_callee(callee), m_budget(&budget) {}
    Failure badKind(std::string_view wanted, const Value& value) const;

    std::string m_callee;
    Budget* m_budget;
    std::vector<std::optional<Value>> m_values;
};

} // namespace bitlathe::text::jinja
