// SPDX-License-Identifier: Apache-2.0
// Filters by name.
#pragma once

#include "core/text/jinja/parameters.h"

namespace bitlathe::text::jinja
{

/// A filter and the parameters that follow its input; "*" where it takes any.
struct Filter
{
    std::string_view name;
    std::string_view parameters;
    Result<Value> (*apply)(Interpreter& interpreter, const Value& input, const Bound& arguments);
};

std::vector<Filter> textFilters();
std::vector<Filter> numberFilters();
std::vector<Filter> listFilters();

/// map, select, reject, selectattr, rejectattr: filters that are given another filter or a test by its name.
bool isChoosingFilter(std::string_view name);
Result<Value> applyChoosingFilter(Interpreter& interpreter, const std::string& name, const Value& input,
                                  Arguments arguments);

/// Errors: NotSupported, naming the filter; what the filter says of its input.
Result<Value> applyFilter(Interpreter& interpreter, const std::string& name, const Value& input, Arguments arguments);

/// An attribute such as "function.name" of an entry; an integer is a place.
Result<Value> attributeOf(Interpreter& interpreter, const Value& entry, const Value& path);
/// A string without regard to case; others as they are.
Value withoutCase(const Value& value);

} // namespace bitlathe::text::jinja
