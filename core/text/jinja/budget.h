// SPDX-License-Identifier: Apache-2.0
// What one rendering of a template may use, and where it stands.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>

namespace bitlathe::text::jinja
{

/// A template comes from a stranger: it ends, and what it makes fits into memory.
struct Limits
{
    std::uint64_t steps = 20'000'000;     ///< Nodes evaluated, entries visited, 2 bytes of text made.
    std::size_t outputBytes = 32'000'000; ///< Of the rendered text.
    int calls = 40;                       ///< Macros that call one another.
    int nesting = 200;                    ///< Values in values, nodes in nodes.
};

/// Counts down while a template is rendered. One thread.
class Budget
{
public:
    Budget(std::string name, const Limits& limits) : m_name(std::move(name)), m_limits(limits) {}

    const Limits& limits() const { return m_limits; }
    void setLine(int line) { m_line = line; }
    int line() const { return m_line; }

    /// Errors: NotSupported where the steps are used up.
    Result<void> charge(std::uint64_t steps)
    {
        if (steps > m_limits.steps - m_used) {
            return fail(ErrorCode::NotSupported, place(),
                        Text(BITLATHE_TEXT("a template that ends within %1 steps"), m_limits.steps),
                        Text(BITLATHE_TEXT("one that goes on")));
        }
        m_used += steps;
        return {};
    }
    Result<void> chargeBytes(std::size_t bytes) { return charge(bytes / kBytesAStep); }

    /// An error of the template or of what it was given, at the current line.
    Failure refuse(Text expected, Text found) const
    {
        return fail(ErrorCode::TextInvalid, place(), std::move(expected), std::move(found));
    }
    /// Something of the template language that is not understood here.
    Failure unknown(Text expected, Text found) const
    {
        return fail(ErrorCode::NotSupported, place(), std::move(expected), std::move(found));
    }

    std::string place() const { return fmt::format("{}:{}", m_name, m_line); }

private:
    static constexpr std::size_t kBytesAStep = 2;

    std::string m_name;
    Limits m_limits;
    std::uint64_t m_used = 0;
    int m_line = 1;
};

} // namespace bitlathe::text::jinja
