// SPDX-License-Identifier: Apache-2.0
// NamePattern: regular expressions over layer names, as configurations of other tools hold them.
#pragma once

#include "core/base/result.h"

#include <regex>
#include <string>

namespace bitlathe::format
{

/// Matches from the start of a name, not necessarily to its end, as Python's re.match does. Takes no exponential time.
class NamePattern
{
public:
    /// text: a mark of markLength characters, such as "re:", and the expression. key names the place in the
    /// configuration that subject names. Errors: NotSupported (not an expression that is known here, or a long one).
    static Result<NamePattern> create(const std::string& text, std::size_t markLength, const std::string& key,
                                      const std::string& subject);

    bool matches(const std::string& name) const;

private:
    explicit NamePattern(std::regex expression) : m_expression(std::move(expression)) {}
    std::regex m_expression;
};

} // namespace bitlathe::format
