// SPDX-License-Identifier: Apache-2.0
// Arguments of functions, filters and methods, by the names of their parameters.
#include "core/text/jinja/parameters.h"

#include <algorithm>

namespace bitlathe::text::jinja
{

Result<Bound> Bound::bind(const std::string& callee, std::string_view parameters, Arguments arguments,
                          Interpreter& interpreter)
{
    std::vector<std::string_view> names;
    while (!parameters.empty()) {
        const std::size_t end = std::min(parameters.find(','), parameters.size());
        names.push_back(parameters.substr(0, end));
        parameters.remove_prefix(std::min(end + 1, parameters.size()));
    }
    Bound bound(callee, interpreter.budget());
    bound.m_values.resize(names.size());
    if (arguments.positional.size() > names.size()) {
        return interpreter.budget().refuse(Text(BITLATHE_TEXT("%1 arguments of %2 at most"), names.size(), callee),
                                           Text(BITLATHE_TEXT("%1"), arguments.positional.size()));
    }
    for (std::size_t i = 0; i < arguments.positional.size(); ++i) {
        bound.m_values[i] = std::move(arguments.positional[i]);
    }
    for (auto& [name, value] : arguments.named) {
        const auto it = std::find(names.begin(), names.end(), name);
        const auto place = static_cast<std::size_t>(it - names.begin());
        if (it == names.end() || bound.m_values[place]) {
            return interpreter.budget().refuse(Text(BITLATHE_TEXT("the parameters of %1"), callee),
                                               Text(BITLATHE_TEXT("an argument %1"), name));
        }
        bound.m_values[place] = std::move(value);
    }
    return bound;
}

Failure Bound::badKind(std::string_view wanted, const Value& value) const
{
    return m_budget->refuse(Text(BITLATHE_TEXT("%1 for %2"), wanted, m_callee),
                            Text(BITLATHE_TEXT("%1"), value.kind()));
}

Result<std::string> Bound::text(std::size_t place, std::string_view otherwise) const
{
    if (!m_values[place]) {
        return std::string(otherwise);
    }
    const std::string* held = m_values[place]->string();
    return held == nullptr ? Result<std::string>(badKind("a string", *m_values[place])) : *held;
}

Result<std::int64_t> Bound::integer(std::size_t place, std::int64_t otherwise) const
{
    if (!m_values[place]) {
        return otherwise;
    }
    const std::optional<std::int64_t> held = m_values[place]->integer();
    return held ? *held : Result<std::int64_t>(badKind("an integer", *m_values[place]));
}

} // namespace bitlathe::text::jinja
